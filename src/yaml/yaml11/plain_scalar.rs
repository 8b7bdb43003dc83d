//! Scalars without quotes.

use super::cursor::{Cursor, LineFold};
use super::message;
use super::token::{Token, TokenKind};
use crate::yaml::stream::SyntaxError;
use crate::yaml::style::ScalarStyle;

/// Ends where a line has less than `indent`, outside of brackets. Gives with it whether line breaks behind it were passed.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    flow: bool,
    indent: isize,
) -> Result<(Token, bool), SyntaxError> {
    let start = cursor.mark;
    let mut end = start;
    let mut text = String::new();
    let mut gap = LineFold::default();
    while !cursor.is_any_document_marker() && cursor.byte(0) != b'#' {
        while !cursor.is_gap(0) {
            let ends_key = cursor.byte(0) == b':' && cursor.is_gap(1);
            if ends_key || flow && b",?[]{}".contains(&cursor.byte(0)) {
                break;
            }
            gap.fold_into(&mut text);
            cursor.read(&mut text);
            end = cursor.mark;
        }
        if !cursor.is_gap(0) || cursor.is_end() {
            break;
        }
        while cursor.is_gap(0) && !cursor.is_end() {
            let is_indent = gap.has_break && cursor.mark.column < indent;
            if is_indent && cursor.byte(0) == b'\t' {
                let at = cursor.mark.at;
                return Err(SyntaxError::new(message::TAB, at..at + 1));
            }
            gap.take(cursor);
        }
        if !flow && cursor.mark.column < indent {
            break;
        }
    }
    let style = ScalarStyle::Plain;
    let token = Token::new(TokenKind::Scalar { text, style }, start, end);
    Ok((token, gap.has_break))
}
