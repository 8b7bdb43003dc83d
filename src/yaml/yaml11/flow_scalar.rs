//! Quoted scalars.

use super::cursor::{Cursor, LineFold};
use super::message;
use super::token::{Token, TokenKind};
use crate::yaml::stream::SyntaxError;
use crate::yaml::style::ScalarStyle;

pub(super) fn read(cursor: &mut Cursor<'_>, quote: u8) -> Result<Token, SyntaxError> {
    let start = cursor.mark;
    cursor.skip();
    let mut text = String::new();
    loop {
        if cursor.is_end() || cursor.is_any_document_marker() {
            return Err(SyntaxError::new(message::QUOTE, start.at..start.at + 1));
        }
        let mut gap = LineFold::default();
        words(cursor, quote, &mut text, &mut gap)?;
        if cursor.byte(0) == quote {
            break;
        }
        while cursor.is_gap(0) && !cursor.is_end() {
            gap.take(cursor);
        }
        gap.fold_into(&mut text);
    }
    cursor.skip();
    let style = match quote {
        b'\'' => ScalarStyle::SingleQuoted,
        _ => ScalarStyle::DoubleQuoted,
    };
    let kind = TokenKind::Scalar { text, style };
    Ok(Token::new(kind, start, cursor.mark))
}

/// What stands before the next gap or the closing quote.
fn words(
    cursor: &mut Cursor<'_>,
    quote: u8,
    text: &mut String,
    gap: &mut LineFold,
) -> Result<(), SyntaxError> {
    while !cursor.is_gap(0) {
        match (quote, cursor.byte(0)) {
            (b'\'', b'\'') if cursor.byte(1) == b'\'' => {
                text.push('\'');
                cursor.skip_many(2);
            }
            (_, byte) if byte == quote => return Ok(()),
            (b'"', b'\\') if cursor.is_break(1) => {
                cursor.skip();
                cursor.skip_line();
                gap.escape_break();
                return Ok(());
            }
            (b'"', b'\\') => escape(cursor, text)?,
            _ => cursor.read(text),
        }
    }
    Ok(())
}

fn escape(cursor: &mut Cursor<'_>, text: &mut String) -> Result<(), SyntaxError> {
    let start = cursor.mark.at;
    let plain = match cursor.byte(1) {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        b'x' => return code(cursor, 2, text),
        b'u' => return code(cursor, 4, text),
        b'U' => return code(cursor, 8, text),
        _ => return Err(SyntaxError::new(message::ESCAPE, start..start + 1)),
    };
    text.push(plain);
    cursor.skip_many(2);
    Ok(())
}

/// The number of a character; half of a surrogate pair is none.
fn code(cursor: &mut Cursor<'_>, digits: usize, text: &mut String) -> Result<(), SyntaxError> {
    let start = cursor.mark.at;
    let mut number: u32 = 0;
    for digit in 0..digits {
        let digit = char::from(cursor.byte(2 + digit)).to_digit(16);
        number = digit
            .and_then(|digit| number.checked_mul(16)?.checked_add(digit))
            .ok_or_else(|| SyntaxError::new(message::ESCAPE, start..start + 1))?;
    }
    let c = char::from_u32(number);
    text.push(c.ok_or_else(|| SyntaxError::new(message::ESCAPE, start..start + 1))?);
    cursor.skip_many(2 + digits);
    Ok(())
}
