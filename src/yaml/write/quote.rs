//! How a string is written: the choice, and the four ways.

use super::Writer;
use crate::yaml::scalar::misread;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// A column to fold behind, and the indentation of the next line.
type Fold = Option<(usize, usize)>;

impl Style {
    /// The choice of go-yaml, and double quotes wherever another reader could see something else.
    pub(super) fn of(text: &str, block_allowed: bool) -> Self {
        let trailing_space = text.ends_with(' ') || text.contains(" \n");
        if !text.chars().all(is_printable) {
            Self::Double
        } else if text.contains('\n') {
            if block_allowed && !trailing_space {
                Self::Literal
            } else {
                Self::Double
            }
        } else if misread(text) {
            Self::Double
        } else if text.starts_with(' ') || trailing_space || has_indicator(text) {
            Self::Single
        } else {
            Self::Plain
        }
    }
}

/// What go-yaml writes as it is. Not the line breaks of YAML 1.1 that are none in 1.2, and nothing beyond 16 bits, which that
/// library escapes.
fn is_printable(character: char) -> bool {
    matches!(character,
        '\n' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Whether a bare string on one line would begin or contain syntax.
fn has_indicator(text: &str) -> bool {
    const FIRST: &[char] = &[
        '#', ',', '[', ']', '{', '}', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`',
    ];
    text.starts_with("---")
        || text.starts_with("...")
        || text.starts_with(FIRST)
        || matches!(text, "-" | "?")
        || text.starts_with("- ")
        || text.starts_with("? ")
        || text.ends_with(':')
        || text.contains(": ")
        || text.contains(" #")
}

impl Writer {
    pub(super) fn plain(&mut self, text: &str, fold: Fold) {
        self.folded(text, fold, |writer, character| writer.put_char(character));
    }

    pub(super) fn single(&mut self, text: &str, fold: Fold) {
        self.put_char('\'');
        self.folded(text, fold, |writer, character| {
            if character == '\'' {
                writer.put_char('\'');
            }
            writer.put_char(character);
        });
        self.put_char('\'');
    }

    /// A line may be broken at a single space, which the reader puts back.
    fn folded(&mut self, text: &str, fold: Fold, put: impl Fn(&mut Self, char)) {
        let mut after_space = true;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let single = !after_space && characters.peek().is_some_and(|next| *next != ' ');
            match fold {
                Some((width, indent)) if character == ' ' && single && self.column > width => {
                    self.newline();
                    self.pad(indent);
                }
                _ => put(self, character),
            }
            after_space = character == ' ';
        }
    }

    pub(super) fn double(&mut self, text: &str, fold: Fold) {
        self.put_char('"');
        let mut after_space = true;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match (fold, characters.peek()) {
                (Some((width, indent)), Some(next))
                    if character == ' ' && !after_space && self.column > width =>
                {
                    self.newline();
                    self.pad(indent);
                    if *next == ' ' {
                        self.put_char('\\');
                    }
                }
                _ => self.escaped(character),
            }
            after_space = character == ' ';
        }
        self.put_char('"');
    }

    fn escaped(&mut self, character: char) {
        let short = match character {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ if is_printable(character) => return self.put_char(character),
            _ => {
                let code = u32::from(character);
                return self.put(&match code {
                    ..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                });
            }
        };
        self.put_char('\\');
        self.put_char(short);
    }

    pub(super) fn literal(&mut self, text: &str, indent: usize) {
        self.put_char('|');
        // A reader takes the indentation from the first line, unless that cannot tell.
        if text.starts_with([' ', '\n']) {
            self.put_char('2');
        }
        match text.strip_suffix('\n') {
            None => self.put_char('-'),
            Some(rest) if rest.is_empty() || rest.ends_with('\n') => self.put_char('+'),
            Some(_) => {}
        }
        self.newline();
        for line in text.split_inclusive('\n') {
            if line != "\n" {
                self.pad(indent);
            }
            self.put(line.trim_end_matches('\n'));
            if line.ends_with('\n') {
                self.newline();
            }
        }
    }
}
