//! Places: a file, a document in it, a route, and which part of what stands there.

use std::ops::Range;

use super::{Route, RouteStep};

/// A file of [`super::Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(super) usize);

/// Which part of what a route leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PlacePart {
    /// The value.
    Value,
    /// The key of the value, for findings about the key itself.
    Key,
    /// Bytes inside a text that is the value, such as `spec.valuesBlock`.
    Within(Range<usize>),
    /// Bytes of the file, where no document could be read.
    Bytes(Range<usize>),
}

/// Where something stands: what a finding points at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The document in the file, from 0.
    pub document: usize,
    /// The way to the value.
    pub route: Route,
    /// Which part of it.
    pub part: PlacePart,
    /// The way on inside a text that is the value, such as `spec.valuesBlock`; the root where it goes no further.
    pub inner: Route,
}

impl Place {
    /// The value at a route of a file's first document.
    pub fn value(file: FileId, route: Route) -> Self {
        Self::in_document(file, 0, route)
    }

    /// The value at a route of one document of a file.
    pub fn in_document(file: FileId, document: usize, route: Route) -> Self {
        Self {
            file,
            document,
            route,
            part: PlacePart::Value,
            inner: Route::root(),
        }
    }

    /// A range of bytes, for files that could not be parsed.
    pub fn bytes(file: FileId, range: Range<usize>) -> Self {
        Self {
            file,
            document: 0,
            route: Route::root(),
            part: PlacePart::Bytes(range),
            inner: Route::root(),
        }
    }

    /// The same place, but its key instead of its value.
    #[must_use]
    pub fn of_key(mut self) -> Self {
        self.part = PlacePart::Key;
        self
    }

    /// Bytes inside the text that is the value here.
    #[must_use]
    pub fn within(mut self, range: Range<usize>) -> Self {
        self.part = PlacePart::Within(range);
        self
    }

    /// The value at a route inside the text that is the value here.
    #[must_use]
    pub fn inside(mut self, inner: Route) -> Self {
        self.inner = inner;
        self
    }

    /// The value under `key` here.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.with(self.route.key(key))
    }

    /// The item at `index` here.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(self.route.index(index))
    }

    /// The value at a dotted path of plain keys below here.
    #[must_use]
    pub fn dotted(&self, path: &str) -> Self {
        self.with(self.route.dotted(path))
    }

    /// The value at `steps` below here.
    #[must_use]
    pub fn below(&self, steps: &[RouteStep]) -> Self {
        self.with(self.route.below(steps))
    }

    fn with(&self, route: Route) -> Self {
        Self::in_document(self.file, self.document, route)
    }
}
