//! The order in which Go's YAML library writes the keys of a map: numbers inside names count as numbers.

/// Sorts keys as Go does. By insertion and not by `sort_by`: the order is not transitive for runs of more than 18 digits,
/// and the standard sort may panic on such an order.
pub(super) fn sorted<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<&'k str> {
    let mut sorted: Vec<&str> = Vec::new();
    for key in keys {
        let at = sorted.partition_point(|before| less(before, key));
        sorted.insert(at, key);
    }
    sorted
}

fn less(left: &str, right: &str) -> bool {
    let common = left
        .char_indices()
        .zip(right.chars())
        .find(|((_, l), r)| l != r)
        .map(|((at, _), _)| at);
    let Some(at) = common else {
        return left.len() < right.len();
    };
    let (Some(l), Some(r)) = (left[at..].chars().next(), right[at..].chars().next()) else {
        return left.len() < right.len();
    };
    match (l.is_alphabetic(), r.is_alphabetic()) {
        (true, true) => return l < r,
        (false, false) => {}
        (_, right_is_letter) => return right_is_letter,
    }
    // A zero that follows other digits is part of their number and must weigh more than the end of the digits.
    let carried = (l == '0' || r == '0')
        && left[..at]
            .bytes()
            .rev()
            .take_while(u8::is_ascii_digit)
            .any(|digit| digit != b'0');
    let (left_value, left_length) = digits(&left[at..], carried);
    let (right_value, right_length) = digits(&right[at..], carried);
    (left_value, left_length, l) < (right_value, right_length, r)
}

/// The number at the front, with a 1 put before it if digits came earlier, and how many digits it has. Go overflows here
/// as well.
fn digits(text: &str, carried: bool) -> (i64, usize) {
    text.bytes().take_while(u8::is_ascii_digit).fold(
        (i64::from(carried), 0),
        |(value, length), digit| {
            let next = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            (next, length + 1)
        },
    )
}
