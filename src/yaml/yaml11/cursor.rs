//! Where the scanner stands in the text.

/// A place in the text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    /// The byte.
    pub(super) at: usize,
    /// Characters before it.
    pub(super) index: usize,
    pub(super) line: usize,
    /// Characters before it on its line; -1 stands for outside of everything where it is compared with indentation.
    pub(super) column: isize,
}

pub(super) struct Cursor<'t> {
    text: &'t str,
    pub(super) mark: Mark,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut mark = Mark::default();
        // The mark of the whole file is no character of it.
        if text.starts_with('\u{feff}') {
            mark.at = '\u{feff}'.len_utf8();
        }
        Self { text, mark }
    }

    /// The byte so far ahead; zero behind the end, since no text that is read holds one.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        let bytes = self.text.as_bytes();
        bytes.get(self.mark.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn is_end(&self) -> bool {
        self.mark.at >= self.text.len()
    }

    fn rest(&self, ahead: usize) -> &'t [u8] {
        let bytes = self.text.as_bytes();
        bytes.get(self.mark.at + ahead..).unwrap_or_default()
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    pub(super) fn is_break(&self, ahead: usize) -> bool {
        matches!(
            self.rest(ahead),
            [b'\r' | b'\n', ..] | [0xc2, 0x85, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..]
        )
    }

    /// A line break or the end.
    pub(super) fn is_break_or_end(&self, ahead: usize) -> bool {
        self.rest(ahead).is_empty() || self.is_break(ahead)
    }

    /// A blank, a line break or the end.
    pub(super) fn is_gap(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_break_or_end(ahead)
    }

    /// Letters, digits, `_` and `-`.
    pub(super) fn is_word(&self) -> bool {
        self.byte(0).is_ascii_alphanumeric() || matches!(self.byte(0), b'_' | b'-')
    }

    /// Whether `---` or `...` begins the line here.
    pub(super) fn is_document_marker(&self, marker: &[u8]) -> bool {
        self.mark.column == 0 && self.rest(0).starts_with(marker) && self.is_gap(3)
    }

    pub(super) fn is_any_document_marker(&self) -> bool {
        self.is_document_marker(b"---") || self.is_document_marker(b"...")
    }

    fn char(&self) -> Option<char> {
        self.text.get(self.mark.at..)?.chars().next()
    }

    /// Passes one character, which is no line break.
    pub(super) fn skip(&mut self) {
        if let Some(c) = self.char() {
            self.mark.at += c.len_utf8();
            self.mark.index += 1;
            self.mark.column += 1;
        }
    }

    pub(super) fn skip_many(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    pub(super) fn skip_comment(&mut self) {
        if self.byte(0) == b'#' {
            while !self.is_break_or_end(0) {
                self.skip();
            }
        }
    }

    /// Passes one character into `into`.
    pub(super) fn read(&mut self, into: &mut String) {
        into.extend(self.char());
        self.skip();
    }

    /// Passes a line break.
    pub(super) fn skip_line(&mut self) {
        self.read_line(&mut String::new());
    }

    /// Passes a line break, and notes what it is in data.
    pub(super) fn read_line(&mut self, into: &mut String) {
        let (bytes, characters, data) = match self.rest(0) {
            [b'\r', b'\n', ..] => (2, 2, '\n'),
            [b'\r' | b'\n', ..] => (1, 1, '\n'),
            [0xc2, 0x85, ..] => (2, 1, '\n'),
            [0xe2, 0x80, 0xa8, ..] => (3, 1, '\u{2028}'),
            [0xe2, 0x80, 0xa9, ..] => (3, 1, '\u{2029}'),
            _ => return,
        };
        into.push(data);
        self.mark.at += bytes;
        self.mark.index += characters;
        self.mark.line += 1;
        self.mark.column = 0;
    }
}

/// Line breaks and blanks between the words of a scalar that runs over several lines.
#[derive(Default)]
pub(super) struct LineFold {
    blanks: String,
    first_break: String,
    more_breaks: String,
    pub(super) has_break: bool,
}

impl LineFold {
    pub(super) fn take(&mut self, cursor: &mut Cursor<'_>) {
        if cursor.is_blank(0) {
            if self.has_break {
                cursor.skip();
            } else {
                cursor.read(&mut self.blanks);
            }
        } else if self.has_break {
            cursor.read_line(&mut self.more_breaks);
        } else {
            self.blanks.clear();
            cursor.read_line(&mut self.first_break);
            self.has_break = true;
        }
    }

    /// A line break behind a backslash: nothing stands for it, nor for the blanks behind it.
    pub(super) fn escape_break(&mut self) {
        self.has_break = true;
    }

    /// Ends the gap: one line break becomes a space, more of them all but the first.
    pub(super) fn fold_into(&mut self, value: &mut String) {
        if !self.has_break {
            value.push_str(&self.blanks);
            self.blanks.clear();
            return;
        }
        if !self.first_break.starts_with('\n') {
            value.push_str(&self.first_break);
            value.push_str(&self.more_breaks);
        } else if self.more_breaks.is_empty() {
            value.push(' ');
        } else {
            value.push_str(&self.more_breaks);
        }
        *self = Self::default();
    }
}
