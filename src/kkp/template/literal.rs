//! Strings and characters in templates, which are written as in Go.

use super::{Analysis, Stop};

/// What is written between quotes.
pub(super) enum Literal {
    Text(String),
    /// The number of a character.
    Character(i64),
}

const UNCLOSED: Stop = Stop::Fails("a string in a template is not closed");
const ESCAPE: Stop = Stop::Fails("an escape in a template's string is none");

/// Reads what begins with the quote; gives how many bytes that are.
pub(super) fn read(text: &str) -> Analysis<(usize, Literal)> {
    let quote = text.chars().next().ok_or(UNCLOSED)?;
    let length = 1 + end(&text[1..], quote).ok_or(UNCLOSED)?;
    let inner = &text[1..length - 1];
    if quote == '`' {
        return Ok((length, Literal::Text(inner.replace('\r', ""))));
    }
    let meant = unquoted(inner, quote)?;
    if quote == '"' {
        return Ok((length, Literal::Text(meant)));
    }
    let mut chars = meant.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok((length, Literal::Character(i64::from(u32::from(c))))),
        _ => Err(Stop::Fails(
            "single quotes hold one character in a template, and YAML doubles them",
        )),
    }
}

/// The bytes up to and with the closing quote.
fn end(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some(at + 1),
            '\n' if quote != '`' => return None,
            '\\' if quote != '`' => {
                chars.next().filter(|(_, c)| *c != '\n')?;
            }
            _ => {}
        }
    }
    None
}

fn unquoted(inner: &str, quote: char) -> Analysis<String> {
    let mut out = String::new();
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let c = rest.next().ok_or(ESCAPE)?;
        let (radix, digits) = match c {
            'x' => (16, 2),
            'u' => (16, 4),
            'U' => (16, 8),
            '0'..='7' => (8, 3),
            _ => {
                out.push(named(c, quote).ok_or(ESCAPE)?);
                continue;
            }
        };
        let mut number = if radix == 8 {
            c.to_digit(8).unwrap_or(0)
        } else {
            0
        };
        for _ in usize::from(radix == 8)..digits {
            let digit = rest.next().and_then(|c| c.to_digit(radix)).ok_or(ESCAPE)?;
            number = number
                .checked_mul(radix)
                .and_then(|n| n.checked_add(digit))
                .ok_or(ESCAPE)?;
        }
        if number > 0x7f && matches!(c, 'x' | '0'..='7') {
            return Err(Stop::Undecided(
                "a string in a template is written byte by byte",
            ));
        }
        out.push(char::from_u32(number).ok_or(ESCAPE)?);
    }
    Ok(out)
}

fn named(c: char, quote: char) -> Option<char> {
    Some(match c {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        c if c == quote => c,
        _ => return None,
    })
}
