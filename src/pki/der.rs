//! Just enough DER to take private keys apart without copying them.

pub(super) const SEQUENCE: u8 = 0x30;

/// How the length that the outermost element claims compares with the bytes there are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Exact,
    TooShort,
    Other,
}

/// Whether `bytes` is one whole sequence, or the beginning of one.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    match bytes.split_first() {
        None => Extent::TooShort,
        Some((&SEQUENCE, rest)) => match split_length(rest) {
            Some((length, content)) if length > content.len() => Extent::TooShort,
            Some((length, content)) if length == content.len() => Extent::Exact,
            None if rest.len() < 4 => Extent::TooShort,
            _ => Extent::Other,
        },
        Some(_) => Extent::Other,
    }
}

fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    // Certificates and keys never need more than three length bytes; 0x80 alone is BER's open length.
    if count == 0 || count > 3 {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits
        .iter()
        .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
    Some((length, rest))
}
