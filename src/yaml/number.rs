//! Floating-point numbers, spelled as Go spells them.

use serde_json::{Number, Value};

/// A float as JSON data: an integer where it has no fraction and fits 64 bits.
pub(super) fn to_json(value: f64) -> Value {
    integer(value)
        .or_else(|| Number::from_f64(value))
        .map_or(Value::Null, Value::Number)
}

/// A JSON number as Go's library writes it into YAML.
pub(super) fn to_yaml(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() => {
            integer(value).map_or_else(|| general(value), |integer| integer.to_string())
        }
        _ => number.to_string(),
    }
}

/// What Go's `FormatFloat` gives for 'g' and 64 bits: the fewest digits, and an exponent of at least two digits below 1e-4 and
/// from 1e6 on.
pub(super) fn general(value: f64) -> String {
    from_shortest(&format!("{value:e}"), value.is_sign_negative())
}

/// The same after rounding to 32 bits, which is how the library turns a float *key* into text.
pub(super) fn general_32(value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the rounding is what is imitated"
    )]
    let value = value as f32;
    if value.is_nan() {
        ".nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        from_shortest(&format!("{value:e}"), value.is_sign_negative())
    }
}

/// Go prints a whole float without exponent up to 1e21 in JSON, padded with zeros behind its shortest digits, and its YAML
/// reader takes that for an integer. Rust's `{}` has the same digits.
fn integer(value: f64) -> Option<Number> {
    if value.fract() != 0.0 || value.abs() >= 1e20 {
        return None;
    }
    let digits = value.to_string();
    digits
        .parse::<i64>()
        .map(Number::from)
        .or_else(|_| digits.parse::<u64>().map(Number::from))
        .ok()
}

fn from_shortest(scientific: &str, negative: bool) -> String {
    let unsigned = scientific.trim_start_matches('-');
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let sign = if negative { "-" } else { "" };
    if !(-4..6).contains(&exponent) {
        let (first, rest) = digits.split_at(1.min(digits.len()));
        let point = if rest.is_empty() { "" } else { "." };
        let direction = if exponent < 0 { '-' } else { '+' };
        return format!(
            "{sign}{first}{point}{rest}e{direction}{:02}",
            exponent.abs()
        );
    }
    let Ok(whole) = usize::try_from(exponent + 1) else {
        return format!(
            "{sign}0.{}{digits}",
            "0".repeat(exponent.unsigned_abs() as usize - 1)
        );
    };
    match digits.len() {
        _ if whole == 0 => format!("{sign}0.{digits}"),
        len if len <= whole => format!("{sign}{digits}{}", "0".repeat(whole - len)),
        _ => format!("{sign}{}.{}", &digits[..whole], &digits[whole..]),
    }
}
