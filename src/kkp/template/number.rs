//! Numbers in templates.

use super::{Analysis, Stop};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

const SYNTAX: Stop = Stop::Fails("a number in a template is none");
const UNUSUAL: Stop = Stop::Undecided("a number in a template has an unusual form");

/// Reads the number that the text begins with; gives how many bytes it has.
pub(super) fn scan(text: &str) -> Analysis<(usize, Number)> {
    let sign = usize::from(text.starts_with(['+', '-']));
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let mut length = sign;
    for c in text[sign..].chars() {
        let is_exponent =
            text[sign..length].ends_with(['e', 'E']) && !text[sign..].starts_with("0x");
        let is_sign = is_exponent && matches!(c, '+' | '-');
        if !is_part(c) && !is_sign {
            break;
        }
        length += c.len_utf8();
    }
    let next = text[length..].chars().next();
    if next.is_some_and(|c| c.is_alphanumeric()) {
        return Err(SYNTAX);
    }
    let digits = &text[sign..length];
    // `1+2i`, and floats in hexadecimal.
    if matches!(next, Some('+' | '-')) || digits.ends_with('i') || digits.contains(['p', 'P']) {
        return Err(UNUSUAL);
    }
    let number = value(digits, text.starts_with('-'))?;
    Ok((length, number))
}

fn value(digits: &str, negative: bool) -> Analysis<Number> {
    if digits.contains('_') {
        // Where Go allows them is a rule of its own.
        return Err(UNUSUAL);
    }
    let (radix, body) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if let Ok(number) = i64::from_str_radix(body, radix) {
        return Ok(Number::Int(if negative { -number } else { number }));
    }
    let is_decimal = digits
        .chars()
        .all(|c| c.is_ascii_digit() || ".eE+-".contains(c));
    if !is_decimal || !digits.contains(['.', 'e', 'E']) {
        return Err(SYNTAX);
    }
    let number: f64 = digits.parse().map_err(|_| SYNTAX)?;
    if !number.is_finite() {
        return Err(SYNTAX);
    }
    Ok(Number::Float(if negative { -number } else { number }))
}
