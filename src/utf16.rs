//! UTF-16, as PowerShell writes what it redirects into a file: with a byte order mark, which some programs leave out.

use secrecy::zeroize::Zeroizing;

/// The code units behind the byte order mark, in the order that it names; `None` where there is none. An odd last byte
/// is left out.
pub(crate) fn units(bytes: &[u8]) -> Option<Zeroizing<Vec<u16>>> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    Some(pairs(rest, unit))
}

/// The text; `None` where the bytes are no UTF-16 from their mark to their end. Without a mark the order shows by where
/// the zero of the first character is: no text in UTF-8 has one.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let units = match bytes {
        [1..=u8::MAX, 0, ..] => Some(pairs(bytes, u16::from_le_bytes)),
        [0, 1..=u8::MAX, ..] => Some(pairs(bytes, u16::from_be_bytes)),
        _ => units(bytes),
    };
    let units = units.filter(|_| bytes.len().is_multiple_of(2))?;
    String::from_utf16(&units).ok()
}

fn pairs(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Zeroizing<Vec<u16>> {
    let pairs = bytes.as_chunks::<2>().0.iter();
    Zeroizing::new(pairs.map(|pair| unit(*pair)).collect())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn both_orders_are_read_and_nothing_else() {
        let marked = "\u{feff}a\u{e4}\u{1f511}";
        let units = marked.encode_utf16();
        let little: Vec<u8> = units.clone().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        let text = Some(marked.trim_start_matches('\u{feff}').to_owned());
        assert_eq!(decode(&little), text);
        assert_eq!(decode(&big), text);
        assert_eq!(decode(&little[2..]), text);
        assert_eq!(decode(&big[2..]), text);
        let cut = &little[..little.len() - 1];
        let lone_surrogate = &little[..little.len() - 2];
        for other in [cut, lone_surrogate, b"text", b""] {
            assert_eq!(decode(other), None);
        }
    }
}
