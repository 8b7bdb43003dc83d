//! Plain scalars by the core schema of YAML 1.2.

use super::{Resolved, is_decimal};

pub(super) fn resolve(plain: &str) -> Resolved {
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ => number(plain),
    }
}

fn number(plain: &str) -> Resolved {
    if let Some(digits) = plain.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if let Some(digits) = plain.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if !is_decimal(plain) {
        return Resolved::String;
    }
    // Both parsers take a leading `+`, and refuse a point or an exponent.
    if let Ok(value) = plain.parse::<i64>() {
        Resolved::Int(value)
    } else if let Ok(value) = plain.parse::<u64>() {
        Resolved::Uint(value)
    } else {
        plain.parse().map_or(Resolved::String, Resolved::Float)
    }
}

fn radix(digits: &str, radix: u32) -> Resolved {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Resolved::String;
    }
    match u64::from_str_radix(digits, radix) {
        Ok(value) => i64::try_from(value).map_or(Resolved::Uint(value), Resolved::Int),
        Err(_) => Resolved::Float(digits.chars().fold(0.0, |value, digit| {
            value * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or_default())
        })),
    }
}
