//! Plain scalars by the core schema of YAML 1.2.

use super::{ScalarValue, is_decimal};

pub(super) fn resolve(plain: &str) -> ScalarValue {
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => ScalarValue::Null,
        "true" | "True" | "TRUE" => ScalarValue::Bool(true),
        "false" | "False" | "FALSE" => ScalarValue::Bool(false),
        ".nan" | ".NaN" | ".NAN" => ScalarValue::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => ScalarValue::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => ScalarValue::Float(f64::NEG_INFINITY),
        _ => number(plain),
    }
}

fn number(plain: &str) -> ScalarValue {
    if let Some(digits) = plain.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = plain.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if !is_decimal(plain) {
        return ScalarValue::String;
    }
    // Both parsers take a leading `+`, and refuse a point or an exponent.
    if let Ok(value) = plain.parse::<i64>() {
        ScalarValue::Int(value)
    } else if let Ok(value) = plain.parse::<u64>() {
        ScalarValue::Uint(value)
    } else {
        plain
            .parse()
            .map_or(ScalarValue::String, ScalarValue::Float)
    }
}

fn radix(digits: &str, radix: u32) -> ScalarValue {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return ScalarValue::String;
    }
    match u64::from_str_radix(digits, radix) {
        Ok(value) => i64::try_from(value).map_or(ScalarValue::Uint(value), ScalarValue::Int),
        Err(_) => ScalarValue::Float(digits.chars().fold(0.0, |value, digit| {
            value * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or_default())
        })),
    }
}
