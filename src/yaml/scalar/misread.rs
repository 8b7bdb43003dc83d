//! Which strings must not be written bare.

use super::go::is_timestamp;
use super::{ScalarRules, ScalarValue};

/// Whether `text` without quotes would be something other than a string for KKP, for a YAML 1.2 reader or for a YAML 1.1 reader
/// by the book, such as PyYAML. Go's own writer leaves part of the last two bare: `1e400`, `=`, `<<`, `0x_`, `.5_`.
pub(in super::super) fn misread(text: &str) -> bool {
    ScalarRules::Go.resolve(text) != ScalarValue::String
        || ScalarRules::Yaml12.resolve(text) != ScalarValue::String
        || matches!(text, "=" | "<<")
        || is_timestamp(text)
        || is_sexagesimal(text)
        || is_loose_number(text)
}

/// Base 60, `12:34` or `190:20:30.15`.
fn is_sexagesimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    rest.peek().is_some()
        && first.starts_with(|c: char| c.is_ascii_digit())
        && loose_digits(first, 10)
        && loose_digits(fraction, 10)
        && rest.all(|part| match part.as_bytes() {
            [digit] => digit.is_ascii_digit(),
            [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
            _ => false,
        })
}

/// Numbers with underscores in places that only YAML 1.1 allows.
fn is_loose_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    for (prefix, radix) in [("0x", 16), ("0b", 2)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            return !digits.is_empty() && loose_digits(digits, radix);
        }
    }
    let mantissa = unsigned
        .split_once(['e', 'E'])
        .map_or(unsigned, |(mantissa, _)| mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digit = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let exponent = &unsigned[mantissa.len()..];
    (digit(whole) || whole.is_empty() && digit(fraction))
        && loose_digits(whole, 10)
        && loose_digits(fraction, 10)
        && (exponent.is_empty() || exponent.ends_with(|c: char| c.is_ascii_digit()))
        && exponent
            .bytes()
            .skip(1)
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'))
}

fn loose_digits(part: &str, radix: u32) -> bool {
    part.chars().all(|c| c == '_' || c.is_digit(radix))
}
