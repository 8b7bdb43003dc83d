//! A mapping while it is read: duplicate keys and merge keys.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::key_index::KeyIndex;
use super::node::{Kind, MappingEntries, MappingEntry, Node};
use super::scalar::ScalarRules;
use super::stream::{Duplicate, SyntaxError};

/// Up to this many entries a key is found by looking at each.
pub(super) const SMALL: usize = 16;
const MERGE: &str = "`<<` takes a mapping or a list of mappings";

/// MappingEntries so far. They are moved into the tree as they are: a copy of a large mapping would take its memory twice.
#[derive(Default)]
pub(super) struct Mapping {
    entries: Vec<MappingEntry>,
    /// The entries by key; none while the mapping is small.
    index: Option<Box<KeyIndex>>,
    /// MappingEntries that were only merged in so far.
    merged: BTreeSet<usize>,
    /// The first key written out for an entry that has been written or merged over since.
    first_keys: BTreeMap<usize, Range<usize>>,
    /// The key whose value comes next.
    pub(super) key: Option<MappingKey>,
}

/// A key without its value.
pub(super) enum MappingKey {
    /// An ordinary key and its place.
    Text(String, Range<usize>),
    /// `<<`
    Merge,
}

impl Mapping {
    /// Takes the value of the pending key.
    pub(super) fn value(
        &mut self,
        value: Node,
        rules: ScalarRules,
        duplicates: &mut Vec<Duplicate>,
    ) -> Result<(), SyntaxError> {
        match self.key.take() {
            Some(MappingKey::Text(key, key_span)) => {
                self.write(
                    MappingEntry {
                        key,
                        key_span,
                        value,
                    },
                    duplicates,
                );
                Ok(())
            }
            Some(MappingKey::Merge) => self.merge(value, rules),
            None => Ok(()),
        }
    }

    pub(super) fn into_entries(mut self) -> MappingEntries {
        self.entries.shrink_to_fit();
        MappingEntries::new(self.entries, self.index)
    }

    fn write(&mut self, entry: MappingEntry, duplicates: &mut Vec<Duplicate>) {
        let Some(at) = self.find(&entry.key) else {
            self.push(entry);
            return;
        };
        if !self.merged.remove(&at) {
            duplicates.push(Duplicate {
                key: entry.key.clone(),
                span: entry.key_span.clone(),
                first: self.keep_first_key(at),
            });
        }
        self.entries[at] = entry;
    }

    /// Keeps the place of a key that is about to be replaced, if it is the first one, and gives the place of the first one.
    fn keep_first_key(&mut self, at: usize) -> Range<usize> {
        let written = &self.entries[at].key_span;
        let first = self.first_keys.entry(at);
        first.or_insert_with(|| written.clone()).clone()
    }

    /// Earlier mappings of a list win over later ones.
    fn merge(&mut self, value: Node, rules: ScalarRules) -> Result<(), SyntaxError> {
        let error = |span| SyntaxError::new(MERGE, span);
        match value.kind {
            Kind::Mapping(entries) => self.merge_entries(entries.into_list(), rules),
            Kind::Sequence(items) => {
                let merge = |item: Node| match item.kind {
                    Kind::Mapping(entries) => Ok(entries.into_list()),
                    _ => Err(error(item.span)),
                };
                let mut all = items
                    .into_iter()
                    .map(merge)
                    .collect::<Result<Vec<_>, _>>()?;
                if rules == ScalarRules::Go {
                    all.reverse();
                }
                for entries in all {
                    self.merge_entries(entries, rules);
                }
            }
            _ => return Err(error(value.span)),
        }
        Ok(())
    }

    fn merge_entries(&mut self, entries: Vec<MappingEntry>, rules: ScalarRules) {
        for entry in entries {
            match self.find(&entry.key) {
                // Go carries merges out in the order of the text, so they overwrite what stands above them.
                Some(at) if rules == ScalarRules::Go => {
                    if !self.merged.contains(&at) {
                        self.keep_first_key(at);
                    }
                    self.entries[at] = entry;
                }
                Some(_) => {}
                None => {
                    self.merged.insert(self.entries.len());
                    self.push(entry);
                }
            }
        }
    }

    fn find(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.find(key, |at| self.entries[at].key == key),
            None => self.entries.iter().position(|entry| entry.key == key),
        }
    }

    fn push(&mut self, entry: MappingEntry) {
        if let Some(index) = &mut self.index {
            index.add(self.entries.len(), &entry.key);
        }
        self.entries.push(entry);
        if self.index.is_none() && self.entries.len() > SMALL {
            self.index = Some(Box::new(KeyIndex::of(
                self.entries.iter().map(|entry| entry.key.as_str()),
            )));
        }
    }
}
