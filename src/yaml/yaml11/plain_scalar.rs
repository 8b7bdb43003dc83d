//! Scalars without quotes.

use super::cursor::Gap;
use super::message;
use super::scanner::Scanner;
use super::token::{Token, TokenKind};
use crate::yaml::stream::SyntaxError;
use crate::yaml::style::ScalarStyle;

pub(super) fn read(scanner: &mut Scanner<'_>) -> Result<Token, SyntaxError> {
    let (flow, indent) = (scanner.flow_level > 0, scanner.indent + 1);
    let cursor = &mut scanner.cursor;
    let start = cursor.mark;
    let mut end = start;
    let mut text = String::new();
    let mut gap = Gap::default();
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
    if gap.has_break {
        scanner.is_key_allowed = true;
    }
    let style = ScalarStyle::Plain;
    Ok(Token::new(TokenKind::Scalar { text, style }, start, end))
}
