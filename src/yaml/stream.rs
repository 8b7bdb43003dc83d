//! What reading a text gives: its documents, or why there are none.

use std::ops::Range;

use super::most::Most;
use super::node::Node;

/// Everything that one file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stream {
    /// Its documents; empty if there are none, and null where a document is empty between its markers.
    pub documents: Vec<Node>,
    /// Every key that its mapping has already, in the order of the text. The trees keep the last value, as Go does.
    pub duplicates: Vec<Duplicate>,
}

/// A key written twice in one mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// Bytes of the later one.
    pub span: Range<usize>,
    /// Bytes of the first one.
    pub first: Range<usize>,
}

/// Why a text cannot be read. The message never quotes the text, which may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Lower case, no full stop.
    pub message: &'static str,
    /// The bytes it is about; empty where the parser knows only a point.
    pub span: Range<usize>,
}

impl SyntaxError {
    /// Whether the text may well be YAML, and is only more than is read.
    pub fn is_too_large(&self) -> bool {
        Most::is_said_by(self.message)
    }

    pub(super) fn new(message: &'static str, span: Range<usize>) -> Self {
        Self { message, span }
    }
}
