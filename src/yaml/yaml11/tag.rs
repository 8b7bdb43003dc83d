//! Tags and directives.

use std::ops::Range;

use super::cursor::{Cursor, Mark};
use super::message;
use super::token::{Token, TokenKind};
use crate::yaml::stream::SyntaxError;

pub(super) fn tag(cursor: &mut Cursor<'_>) -> Result<Token, SyntaxError> {
    let start = cursor.mark;
    let (mut handle, mut suffix) = (String::new(), String::new());
    if cursor.byte(1) == b'<' {
        cursor.skip_many(2);
        uri(cursor, start, &mut suffix, false)?;
        if cursor.byte(0) != b'>' {
            return Err(refused(cursor, start));
        }
        cursor.skip();
    } else {
        read_handle(cursor, start, &mut handle)?;
        if handle.len() > 1 && handle.ends_with('!') {
            uri(cursor, start, &mut suffix, false)?;
        } else {
            suffix.push_str(&handle[1..]);
            uri(cursor, start, &mut suffix, true)?;
            "!".clone_into(&mut handle);
            if suffix.is_empty() {
                std::mem::swap(&mut handle, &mut suffix);
            }
        }
    }
    if !cursor.is_gap(0) {
        return Err(refused(cursor, start));
    }
    let kind = TokenKind::Tag { handle, suffix };
    Ok(Token::new(kind, start, cursor.mark))
}

fn refused(cursor: &Cursor<'_>, start: Mark) -> SyntaxError {
    SyntaxError::new(message::TAG, start.at..cursor.mark.at)
}

fn read_handle(cursor: &mut Cursor<'_>, start: Mark, into: &mut String) -> Result<(), SyntaxError> {
    if cursor.byte(0) != b'!' {
        return Err(refused(cursor, start));
    }
    cursor.read(into);
    while cursor.is_word() {
        cursor.read(into);
    }
    if cursor.byte(0) == b'!' {
        cursor.read(into);
    }
    Ok(())
}

/// The name behind the handle; `may_be_empty` where the handle holds a name already.
fn uri(
    cursor: &mut Cursor<'_>,
    start: Mark,
    into: &mut String,
    may_be_empty: bool,
) -> Result<(), SyntaxError> {
    let first = cursor.mark.at;
    let mut bytes = Vec::new();
    loop {
        if cursor.byte(0) == b'%' {
            let octet = [1, 2].map(|ahead| char::from(cursor.byte(ahead)).to_digit(16));
            let [Some(high), Some(low)] = octet else {
                return Err(refused(cursor, start));
            };
            bytes.extend(u8::try_from(high * 16 + low));
            cursor.skip_many(3);
        } else if cursor.is_word() || b";/?:@&=+$,.!~*'()[]".contains(&cursor.byte(0)) {
            bytes.push(cursor.byte(0));
            cursor.skip();
        } else {
            break;
        }
    }
    if cursor.mark.at == first && !may_be_empty {
        return Err(refused(cursor, start));
    }
    into.push_str(std::str::from_utf8(&bytes).map_err(|_| refused(cursor, start))?);
    Ok(())
}

/// `%YAML` or `%TAG`.
pub(super) fn directive(cursor: &mut Cursor<'_>) -> Result<Token, SyntaxError> {
    let start = cursor.mark;
    cursor.skip();
    let mut name = String::new();
    while cursor.is_word() {
        cursor.read(&mut name);
    }
    let unknown = |cursor: &Cursor<'_>| {
        let span: Range<usize> = start.at..cursor.mark.at;
        SyntaxError::new(message::DIRECTIVE, span)
    };
    if !cursor.is_gap(0) {
        return Err(unknown(cursor));
    }
    let kind = match name.as_str() {
        "YAML" => version(cursor),
        "TAG" => tag_directive(cursor, start),
        _ => None,
    };
    let kind = kind.ok_or_else(|| unknown(cursor))?;
    let token = Token::new(kind, start, cursor.mark);
    cursor.skip_blanks();
    cursor.skip_comment();
    if !cursor.is_break_or_end(0) {
        return Err(unknown(cursor));
    }
    cursor.skip_line();
    Ok(token)
}

fn version(cursor: &mut Cursor<'_>) -> Option<TokenKind> {
    cursor.skip_blanks();
    let major = number(cursor)?;
    if cursor.byte(0) != b'.' {
        return None;
    }
    cursor.skip();
    Some(TokenKind::Version(major, number(cursor)?))
}

/// One digit or two.
fn number(cursor: &mut Cursor<'_>) -> Option<u8> {
    let mut digits = String::new();
    while cursor.byte(0).is_ascii_digit() {
        cursor.read(&mut digits);
    }
    if digits.len() > 2 {
        return None;
    }
    digits.parse().ok()
}

fn tag_directive(cursor: &mut Cursor<'_>, start: Mark) -> Option<TokenKind> {
    let (mut handle, mut prefix) = (String::new(), String::new());
    cursor.skip_blanks();
    read_handle(cursor, start, &mut handle).ok()?;
    if !handle.ends_with('!') || !cursor.is_blank(0) {
        return None;
    }
    cursor.skip_blanks();
    uri(cursor, start, &mut prefix, false).ok()?;
    if !cursor.is_gap(0) {
        return None;
    }
    Some(TokenKind::TagDirective { handle, prefix })
}
