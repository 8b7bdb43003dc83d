//! Go's duration texts, as far as the webhook asks: is it one, and is it below, at or above zero.

use std::cmp::Ordering;

/// The sign of a duration text such as `1h0m0s` or `-1s`; `None` if Go cannot read it.
/// Source: `time.ParseDuration` of Go's standard library.
pub(super) fn sign(text: &str) -> Option<Ordering> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (Ordering::Less, rest),
        None => (Ordering::Greater, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Ordering::Equal);
    }
    let mut rest = Some(rest).filter(|rest| !rest.is_empty())?;
    let mut zero = true;
    while !rest.is_empty() {
        let (number, tail) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, tail) = split(tail, |c| !c.is_ascii_digit() && c != '.');
        let well_formed = number.bytes().any(|byte| byte.is_ascii_digit())
            && number.bytes().filter(|byte| *byte == b'.').count() <= 1
            && ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].contains(&unit);
        if !well_formed {
            return None;
        }
        zero &= number.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        rest = tail;
    }
    Some(if zero { Ordering::Equal } else { sign })
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, expected) in [
            ("1h0m0s", Some(Ordering::Greater)),
            ("-1s", Some(Ordering::Less)),
            ("1.5h", Some(Ordering::Greater)),
            (".5m", Some(Ordering::Greater)),
            ("+3µs", Some(Ordering::Greater)),
            ("0", Some(Ordering::Equal)),
            ("0s", Some(Ordering::Equal)),
            ("-0.0h", Some(Ordering::Equal)),
            ("", None),
            ("-", None),
            ("3", None),
            ("1d", None),
            (".s", None),
            ("1.2.3s", None),
            ("1s ", None),
        ] {
            assert_eq!(sign(text), expected, "{text:?}");
        }
    }
}
