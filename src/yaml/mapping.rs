//! A mapping while it is read: duplicate keys and merge keys.

use std::collections::HashMap;
use std::ops::Range;

use super::node::{Kind, MappingEntries, MappingEntry, Node};
use super::scalar::ScalarRules;
use super::stream::{Duplicate, SyntaxError};

/// Up to this many entries a key is found by looking at each.
const SMALL: usize = 16;
const MERGE: &str = "`<<` takes a mapping or a list of mappings";

/// Entries so far.
#[derive(Default)]
pub(super) struct Mapping {
    slots: Vec<Slot>,
    /// Slots by key; empty while the mapping is small.
    index: HashMap<String, usize>,
    /// The key whose value comes next.
    pub(super) key: Option<MappingKey>,
}

struct Slot {
    entry: MappingEntry,
    /// The first key written out for it; `None` if it was only merged in so far.
    written: Option<Range<usize>>,
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

    pub(super) fn into_entries(self) -> MappingEntries {
        // A vector of its own: collected in place, the entries would keep the room of the slots.
        let mut entries = Vec::with_capacity(self.slots.len());
        entries.extend(self.slots.into_iter().map(|slot| slot.entry));
        MappingEntries::new(entries)
    }

    fn write(&mut self, entry: MappingEntry, duplicates: &mut Vec<Duplicate>) {
        let span = entry.key_span.clone();
        let Some(slot) = self.find(&entry.key) else {
            self.push(Slot {
                entry,
                written: Some(span),
            });
            return;
        };
        match &slot.written {
            Some(first) => duplicates.push(Duplicate {
                key: entry.key.clone(),
                span,
                first: first.clone(),
            }),
            None => slot.written = Some(span),
        }
        slot.entry = entry;
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
                Some(slot) if rules == ScalarRules::Go => slot.entry = entry,
                Some(_) => {}
                None => self.push(Slot {
                    entry,
                    written: None,
                }),
            }
        }
    }

    fn find(&mut self, key: &str) -> Option<&mut Slot> {
        if self.index.is_empty() {
            self.slots.iter_mut().find(|slot| slot.entry.key == key)
        } else {
            self.slots.get_mut(*self.index.get(key)?)
        }
    }

    fn push(&mut self, slot: Slot) {
        self.slots.push(slot);
        if self.slots.len() > SMALL {
            for (at, slot) in self.slots.iter().enumerate().skip(self.index.len()) {
                self.index.insert(slot.entry.key.clone(), at);
            }
        }
    }
}
