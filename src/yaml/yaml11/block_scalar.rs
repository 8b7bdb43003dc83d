//! Scalars below `|` and `>`.

use super::cursor::{Cursor, Mark};
use super::message;
use super::token::{Token, TokenKind};
use crate::yaml::stream::SyntaxError;
use crate::yaml::style::ScalarStyle;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

/// `parent` is the indentation around the scalar.
pub(super) fn read(cursor: &mut Cursor<'_>, parent: isize) -> Result<Token, SyntaxError> {
    let is_literal = cursor.byte(0) == b'|';
    cursor.skip();
    let (chomping, increment) = header(cursor)?;
    let mut lines = BlockLines {
        indent: increment.map_or(0, |increment| parent.max(0) + increment),
        parent,
        end: cursor.mark,
    };
    let mut text = String::new();
    let mut first_break = String::new();
    let mut more_breaks = lines.breaks(cursor)?;
    // Places in the text are found from its first line, and the indentation is the column there.
    let start = cursor.mark;
    let mut after_blank = false;
    while cursor.mark.column == lines.indent && !cursor.is_end() {
        let is_blank = cursor.is_blank(0);
        let folds = !is_literal && !after_blank && !is_blank && first_break.starts_with('\n');
        if !folds {
            text.push_str(&first_break);
        } else if more_breaks.is_empty() {
            text.push(' ');
        }
        text.push_str(&more_breaks);
        first_break.clear();
        after_blank = is_blank;
        while !cursor.is_break_or_end(0) {
            cursor.read(&mut text);
        }
        cursor.read_line(&mut first_break);
        more_breaks = lines.breaks(cursor)?;
    }
    if chomping != Chomping::Strip {
        text.push_str(&first_break);
    }
    if chomping == Chomping::Keep {
        text.push_str(&more_breaks);
    }
    let style = match is_literal {
        true => ScalarStyle::Literal,
        false => ScalarStyle::Folded,
    };
    let kind = TokenKind::Scalar { text, style };
    let end = if lines.end.at < start.at {
        start
    } else {
        lines.end
    };
    Ok(Token::new(kind, start, end))
}

/// Chomping and indentation, in either order, and the rest of the line.
fn header(cursor: &mut Cursor<'_>) -> Result<(Chomping, Option<isize>), SyntaxError> {
    let mut chomping = chomp(cursor);
    let mut increment = None;
    if cursor.byte(0).is_ascii_digit() {
        if cursor.byte(0) == b'0' {
            return Err(refused(cursor));
        }
        increment = Some(isize::from(cursor.byte(0) - b'0'));
        cursor.skip();
        if chomping.is_none() {
            chomping = chomp(cursor);
        }
    }
    cursor.skip_blanks();
    cursor.skip_comment();
    if !cursor.is_break_or_end(0) {
        return Err(refused(cursor));
    }
    cursor.skip_line();
    Ok((chomping.unwrap_or(Chomping::Clip), increment))
}

fn chomp(cursor: &mut Cursor<'_>) -> Option<Chomping> {
    let chomping = match cursor.byte(0) {
        b'+' => Chomping::Keep,
        b'-' => Chomping::Strip,
        _ => return None,
    };
    cursor.skip();
    Some(chomping)
}

fn refused(cursor: &Cursor<'_>) -> SyntaxError {
    let at = cursor.mark.at;
    SyntaxError::new(message::HEADER, at..at)
}

struct BlockLines {
    /// Zero until a line has shown it.
    indent: isize,
    parent: isize,
    end: Mark,
}

impl BlockLines {
    /// Empty lines and the indentation of the next one.
    fn breaks(&mut self, cursor: &mut Cursor<'_>) -> Result<String, SyntaxError> {
        let mut breaks = String::new();
        let mut deepest = 0;
        self.end = cursor.mark;
        loop {
            while self.is_indentation(cursor) && cursor.byte(0) == b' ' {
                cursor.skip();
            }
            deepest = deepest.max(cursor.mark.column);
            if self.is_indentation(cursor) && cursor.byte(0) == b'\t' {
                let at = cursor.mark.at;
                return Err(SyntaxError::new(message::TAB, at..at + 1));
            }
            if !cursor.is_break(0) {
                break;
            }
            cursor.read_line(&mut breaks);
            self.end = cursor.mark;
        }
        if self.indent == 0 {
            self.indent = deepest.max(self.parent + 1).max(1);
        }
        Ok(breaks)
    }

    fn is_indentation(&self, cursor: &Cursor<'_>) -> bool {
        self.indent == 0 || cursor.mark.column < self.indent
    }
}
