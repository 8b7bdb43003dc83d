//! The entries of a mapping, each found by its key without looking at all of them.

use std::ops::Deref;

use super::node::Entry;

/// Up to this many entries a key is found by looking at each.
const SMALL: usize = 16;

/// The entries of a mapping in the order of the text; keys are unique.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries {
    list: Vec<Entry>,
    /// The entries by key, as places in the list; empty while the mapping is small.
    by_key: Vec<u32>,
}

impl Entries {
    pub(super) fn new(list: Vec<Entry>) -> Self {
        let mut by_key = Vec::new();
        if list.len() > SMALL {
            by_key.extend((0_u32..).take(list.len()));
            by_key.sort_unstable_by_key(|at| &list[*at as usize].key);
        }
        Self { list, by_key }
    }

    pub(super) fn into_list(self) -> Vec<Entry> {
        self.list
    }

    /// The entry of a key.
    pub fn find(&self, key: &str) -> Option<&Entry> {
        if self.by_key.is_empty() {
            return self.list.iter().find(|entry| entry.key == key);
        }
        let entry = |at: &u32| &self.list[*at as usize];
        let found = self
            .by_key
            .binary_search_by(|at| entry(at).key.as_str().cmp(key));
        found.ok().map(|at| entry(&self.by_key[at]))
    }
}

impl Deref for Entries {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.list
    }
}
