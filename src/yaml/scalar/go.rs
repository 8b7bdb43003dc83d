//! Plain scalars as go-yaml version 2 reads them, below `sigs.k8s.io/yaml`. Quirks are kept: KKP has them too.

use super::{ScalarValue, is_decimal};

pub(super) fn resolve(plain: &str) -> ScalarValue {
    if let Some(word) = word(plain) {
        return word;
    }
    match plain.bytes().next() {
        Some(b'.') => float(&separated(plain)),
        Some(b'0'..=b'9' | b'+' | b'-') if is_timestamp(plain) => ScalarValue::Timestamp,
        Some(b'0'..=b'9' | b'+' | b'-') => number(&plain.replace('_', "")),
        _ => ScalarValue::String,
    }
}

fn word(plain: &str) -> Option<ScalarValue> {
    Some(match plain {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            ScalarValue::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            ScalarValue::Bool(false)
        }
        "" | "~" | "null" | "Null" | "NULL" => ScalarValue::Null,
        ".nan" | ".NaN" | ".NAN" => ScalarValue::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => ScalarValue::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => ScalarValue::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// After a leading point an underscore only counts between digits, unlike elsewhere.
fn separated(plain: &str) -> String {
    let bytes = plain.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    plain
        .char_indices()
        .filter(|(at, c)| !(*c == '_' && digit(at.checked_sub(1)) && digit(at.checked_add(1))))
        .map(|(_, c)| c)
        .collect()
}

/// Underscores are gone already, wherever they stood.
fn number(digits: &str) -> ScalarValue {
    integer(digits)
        .or_else(|| binary(digits))
        .unwrap_or_else(|| float(digits))
}

/// Integers with the prefixes of Go source; a leading zero means octal.
fn integer(text: &str) -> Option<ScalarValue> {
    let (negative, signed, unsigned) = sign(text);
    let bytes = unsigned.as_bytes();
    let (radix, digits) = match bytes {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    // The parser of the standard library would take a second sign.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match i64::try_from(magnitude) {
        Ok(value) => Some(ScalarValue::Int(if negative { -value } else { value })),
        Err(_) if negative && magnitude == i64::MIN.unsigned_abs() => {
            Some(ScalarValue::Int(i64::MIN))
        }
        // Go reads only unsigned text into its unsigned type.
        Err(_) if !signed => Some(ScalarValue::Uint(magnitude)),
        Err(_) => None,
    }
}

/// A leftover in the library: after `0b` it also takes a sign.
fn binary(text: &str) -> Option<ScalarValue> {
    let (negative, _, digits) = sign(text.strip_prefix("0b")?);
    let magnitude = i64::from_str_radix(digits, 2).ok()?;
    let plain = !digits.starts_with(['+', '-']);
    plain.then_some(ScalarValue::Int(if negative {
        -magnitude
    } else {
        magnitude
    }))
}

fn float(text: &str) -> ScalarValue {
    match text.parse::<f64>() {
        // What is too large for 64 bits stays a string.
        Ok(value) if is_decimal(text) && value.is_finite() => ScalarValue::Float(value),
        _ => ScalarValue::String,
    }
}

fn sign(text: &str) -> (bool, bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, true, &text[1..]),
        Some(b'+') => (false, true, &text[1..]),
        _ => (false, false, text),
    }
}

/// A date, or a date and a time. Only used to tell that quotes are needed, since the data keeps the text; so it is enough to
/// accept all that Go accepts.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else {
        return false;
    };
    let Some((month, rest)) = rest.split_once('-') else {
        return false;
    };
    let short = |part: &str, max: usize| {
        (1..=max).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (day, time) = rest.split_at(end);
    year.len() == 4
        && short(year, 4)
        && short(month, 2)
        && short(day, 2)
        && (time.is_empty() || is_time(time))
}

fn is_time(text: &str) -> bool {
    let Some(time) = text.strip_prefix(['T', 't', ' ', '\t']) else {
        return false;
    };
    time.contains(':')
        && time.chars().all(|c| {
            c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | '+' | '-' | 'Z' | ' ' | '\t')
        })
}
