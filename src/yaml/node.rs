//! The tree that a document is read into.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::{Deref, Range};

use serde_json::Value;

use super::key_index::KeyIndex;
use super::number;
use super::style::ScalarStyle;
use super::within::Marks;

/// One value of a document, with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What the value is.
    pub kind: Kind,
    /// Bytes that a finding about this value should point at. For an alias it is the `*name` where the value is used.
    pub span: Range<usize>,
    /// How the scalar was written; `None` for collections.
    pub style: ScalarStyle,
    /// Bytes where the value itself is written: the same as `span`, except behind an alias.
    pub(super) source: Range<usize>,
}

/// The value of a [`Node`].
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing at all.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Int(i64),
    /// An integer above `i64::MAX`.
    Uint(u64),
    /// Any other number; always finite.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A map, in the order of the text; keys are unique.
    Mapping(MappingEntries),
}

/// One key of a mapping with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingEntry {
    /// The key as text.
    pub key: String,
    /// Bytes of the key.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Node,
}

/// The entries of a mapping in the order of the text; keys are unique.
#[derive(Debug, Clone)]
pub struct MappingEntries {
    list: Box<[MappingEntry]>,
    /// The entries by key; none while the mapping is small.
    index: Option<Box<KeyIndex>>,
}

impl MappingEntries {
    /// The entries of a mapping, with an index of their keys where there are many.
    pub(super) fn new(list: Vec<MappingEntry>, index: Option<Box<KeyIndex>>) -> Self {
        Self {
            list: list.into_boxed_slice(),
            index,
        }
    }

    pub(super) fn into_list(self) -> Vec<MappingEntry> {
        self.list.into_vec()
    }

    /// The entry of a key.
    pub fn find(&self, key: &str) -> Option<&MappingEntry> {
        self.place(key).map(|at| &self.list[at])
    }

    fn find_mut(&mut self, key: &str) -> Option<&mut MappingEntry> {
        self.place(key).map(|at| &mut self.list[at])
    }

    fn place(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.find(key, |at| self.list[at].key == key),
            None => self.list.iter().position(|entry| entry.key == key),
        }
    }
}

impl PartialEq for MappingEntries {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Deref for MappingEntries {
    type Target = [MappingEntry];

    fn deref(&self) -> &[MappingEntry] {
        &self.list
    }
}

impl Node {
    /// The text as it was typed, quotes included. An empty string if `text` is not the one that was parsed.
    pub fn raw<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.source.clone()).unwrap_or_default()
    }

    /// Bytes where the value itself is written: behind an alias, where its anchor is.
    pub fn written(&self) -> Range<usize> {
        self.source.clone()
    }

    /// Whether this is a scalar without quotes, whose type its text decides.
    pub fn is_plain(&self) -> bool {
        self.style == ScalarStyle::Plain
    }

    /// Whether the value is null.
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// The value below `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of `key`, if this is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<&MappingEntry> {
        match &self.kind {
            Kind::Mapping(entries) => entries.find(key),
            _ => None,
        }
    }

    /// The item at `index`, if this is a sequence that long.
    pub fn at(&self, index: usize) -> Option<&Node> {
        self.items()?.get(index)
    }

    /// The same value, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.kind {
            Kind::Mapping(entries) => entries.find_mut(key).map(|entry| &mut entry.value),
            _ => None,
        }
    }

    /// The same item, to change it.
    pub fn at_mut(&mut self, index: usize) -> Option<&mut Node> {
        match &mut self.kind {
            Kind::Sequence(items) => items.get_mut(index),
            _ => None,
        }
    }

    /// Lets go of every list and mapping in a mapping but those of some keys. A digest takes the place of each, so that what
    /// was different still is.
    pub fn keep_only(&mut self, keys: &[&str]) {
        let Kind::Mapping(entries) = &mut self.kind else {
            return;
        };
        let others = entries.list.iter_mut();
        for entry in others.filter(|entry| !keys.contains(&entry.key.as_str())) {
            let value = &mut entry.value;
            if matches!(value.kind, Kind::Sequence(_) | Kind::Mapping(_)) {
                let mut digest = DefaultHasher::new();
                value.to_json().hash(&mut digest);
                value.kind = Kind::Uint(digest.finish());
            }
        }
    }

    /// The entries of a mapping.
    pub fn entries(&self) -> Option<&[MappingEntry]> {
        match &self.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The value of an integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The value of an integer that is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self.kind {
            Kind::Int(value) => u64::try_from(value).ok(),
            Kind::Uint(value) => Some(value),
            _ => None,
        }
    }

    /// How many values this one is: itself and all below it.
    pub fn values(&self) -> usize {
        1 + match &self.kind {
            Kind::Sequence(items) => items.iter().map(Self::values).sum(),
            Kind::Mapping(entries) => entries.iter().map(|entry| entry.value.values()).sum(),
            _ => 0,
        }
    }

    /// What a person would call this kind of value, to put after "expected ..., found".
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }

    /// The value as data, places dropped and keys sorted. A number without a fraction becomes an integer where it fits,
    /// as it does when KKP passes its values through JSON.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => Value::from(*value),
            Kind::Uint(value) => Value::from(*value),
            Kind::Float(value) => number::to_json(*value),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Kind::Mapping(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_json()))
                    .collect(),
            ),
        }
    }

    /// Marks on the way from this string to the text that it was parsed from.
    pub fn marks(&self, text: &str) -> Marks {
        Marks::new(
            self.style,
            text,
            &self.source,
            self.as_str().unwrap_or_default(),
        )
    }

    /// The bytes of `text` that bytes of this string came from, so that a finding inside a `valuesBlock` points into the
    /// dump. Exact for literal blocks and for strings on one line; else the start of the string.
    pub fn range_within(&self, text: &str, marks: &Marks, inner: Range<usize>) -> Range<usize> {
        let offset = |at| {
            self.as_str()
                .and_then(|value| marks.offset(text, &self.source, value, at))
                .unwrap_or(self.source.start)
        };
        let start = offset(inner.start);
        start..offset(inner.end).max(start)
    }
}
