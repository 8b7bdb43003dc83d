//! How a scalar stands in its text.

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarStyle {
    /// Without quotes; only here does the text decide the type.
    Plain,
    /// `'...'`
    SingleQuoted,
    /// `"..."`
    DoubleQuoted,
    /// A block after `|`, line by line as it stands.
    Literal,
    /// A block after `>`, lines joined.
    Folded,
    /// Not a scalar.
    None,
}
