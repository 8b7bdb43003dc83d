//! One reader per form of output.

pub(super) mod cli;
pub(super) mod cut;
pub(super) mod health_json;
pub(super) mod health_text;
pub(super) mod objects;
pub(super) mod peers_json;
pub(super) mod peers_text;
pub(super) mod scan;
pub(super) mod tables;
pub(super) mod tls;

use std::cell::Cell;

/// `n/m` as two numbers.
fn ratio<T: std::str::FromStr>(word: &str) -> Option<(T, T)> {
    let (part, all) = word.split_once('/')?;
    Some((part.parse().ok()?, all.parse().ok()?))
}

/// Finds the lines of words of a JSON text, going forward: what is asked for in its order costs one pass.
pub(super) struct LineFinder<'t> {
    text: &'t str,
    /// The line where the text begins.
    first: usize,
    /// An offset and its line.
    cursor: Cell<(usize, usize)>,
}

impl<'t> LineFinder<'t> {
    pub(super) fn new(text: &'t str, first: usize) -> Self {
        Self {
            text,
            first,
            cursor: Cell::new((0, first)),
        }
    }

    /// The line of a quoted word, from the last one on that [`Lines::pass`] found; else the first line.
    fn of(&self, word: &str) -> usize {
        self.find(word).map_or(self.first, |(_, line)| line)
    }

    /// The same, and goes on from there.
    pub(super) fn pass(&self, word: &str) -> usize {
        let found = self.find(word);
        self.cursor.set(found.unwrap_or(self.cursor.get()));
        found.map_or(self.first, |(_, line)| line)
    }

    fn find(&self, word: &str) -> Option<(usize, usize)> {
        let (from, line) = self.cursor.get();
        let at = self.text[from..].find(&format!("\"{word}\""))?;
        Some((from + at, line + newlines(&self.text[from..from + at])))
    }

    /// The line of an offset that is not before the last one.
    pub(super) fn at(&self, offset: usize) -> usize {
        let (from, line) = self.cursor.get();
        let between = self.text.get(from..offset).unwrap_or_default();
        let line = line + newlines(between);
        self.cursor.set((offset.max(from), line));
        line
    }
}

/// How many lines end in a text.
pub(super) fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}
