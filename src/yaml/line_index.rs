//! From byte offsets to what an editor shows.

/// A place as people count: both numbers from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

/// Answers "which line, which column" for one text, in logarithmic time even in a file that is a single long line.
#[derive(Debug, Clone)]
pub(crate) struct LineIndex {
    /// Byte at which each line begins.
    starts: Vec<usize>,
    wide: Vec<Wide>,
    len: usize,
}

/// A character of more than one byte.
#[derive(Debug, Clone)]
struct Wide {
    start: usize,
    end: usize,
    /// Bytes beyond one per character, in the text up to `end`.
    extra: usize,
}

impl LineIndex {
    /// Reads the text once.
    pub(crate) fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let mut wide = Vec::new();
        let mut extra = 0;
        for (at, character) in text.char_indices() {
            let end = at + character.len_utf8();
            if character == '\n' {
                starts.push(end);
            } else if !character.is_ascii() {
                // Editors do not count the byte order mark as a column.
                let mark = at == 0 && character == '\u{feff}';
                extra += character.len_utf8() - usize::from(!mark);
                wide.push(Wide {
                    start: at,
                    end,
                    extra,
                });
            }
        }
        Self {
            starts,
            wide,
            len: text.len(),
        }
    }

    /// The place of a byte. An offset inside a character counts as its beginning, one behind the text as its end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.len);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = self
            .characters(offset)
            .saturating_sub(self.characters(start))
            + 1;
        Position { line, column }
    }

    /// Characters that begin before `offset` and end at or before it.
    fn characters(&self, offset: usize) -> usize {
        let passed = self.wide.partition_point(|wide| wide.end <= offset);
        let extra = passed
            .checked_sub(1)
            .and_then(|last| self.wide.get(last))
            .map_or(0, |wide| wide.extra);
        let next = self.wide.get(passed).map_or(self.len, |wide| wide.start);
        offset.min(next) - extra
    }
}
