//! A user's text inside a message.

use std::fmt;

use super::escaped;

/// The most characters of a value that are shown where it is not what belongs there.
const MOST: usize = 24;

/// A value that failed its format, as a message shows it: in backticks, its first 24 characters, and invisible
/// characters as escapes.
pub(crate) fn quoted(text: &str) -> Quoted<'_> {
    Quoted(text)
}

/// See [`quoted`].
pub(crate) struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, rest) = match self.0.char_indices().nth(MOST) {
            Some((end, _)) => (&self.0[..end], "…"),
            None => (self.0, ""),
        };
        write!(f, "`{}{rest}`", escaped(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(quoted("a b").to_string(), "`a b`");
        assert_eq!(
            quoted(&"é".repeat(25)).to_string(),
            format!("`{}…`", "é".repeat(24))
        );
        assert_eq!(quoted("a\nb").to_string(), "`a\\nb`");
    }
}
