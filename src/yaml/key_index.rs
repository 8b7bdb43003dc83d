//! Finds the entry of a key in a large mapping.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// The places of entries in their list, by the hash of their key. It holds no key itself: the entries do.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyIndex {
    hasher: RandomState,
    by_hash: HashMap<u64, usize>,
    /// Those whose hash another key has already.
    others: Vec<usize>,
}

impl KeyIndex {
    pub(super) fn of<'k>(keys: impl Iterator<Item = &'k str>) -> Self {
        let mut index = Self::default();
        for (at, key) in keys.enumerate() {
            index.add(at, key);
        }
        index
    }

    /// Notes a key that stands at a place of the list, and nowhere before.
    pub(super) fn add(&mut self, at: usize, key: &str) {
        let hash = self.hasher.hash_one(key);
        if *self.by_hash.entry(hash).or_insert(at) != at {
            self.others.push(at);
        }
    }

    /// The place of a key; `is_at` says whether it stands at one.
    pub(super) fn find(&self, key: &str, is_at: impl Fn(usize) -> bool) -> Option<usize> {
        let first = *self.by_hash.get(&self.hasher.hash_one(key))?;
        if is_at(first) {
            return Some(first);
        }
        self.others.iter().copied().find(|at| is_at(*at))
    }
}
