//! The strings in distinguished names, as Go takes them.

/// The text of a string element; `None` if Go refuses it.
pub(super) fn read(tag: u8, bytes: &[u8]) -> Option<String> {
    match tag {
        0x0c => str::from_utf8(bytes).ok().map(str::to_owned),
        0x12 => ascii(bytes, |byte| byte.is_ascii_digit() || byte == b' '),
        0x13 => ascii(bytes, is_printable),
        // T.61 is read as Latin-1.
        0x14 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        0x16 => ascii(bytes, |byte| byte.is_ascii()),
        0x1e => read_bmp(bytes),
        _ => None,
    }
}

/// The text of an IA5 string.
pub(super) fn ia5(bytes: &[u8]) -> Option<String> {
    ascii(bytes, |byte| byte.is_ascii())
}

fn ascii(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> Option<String> {
    let all = bytes.iter().all(|byte| allowed(*byte));
    all.then(|| bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// The letters of a PrintableString, and `*` and `&`, which Go takes too.
fn is_printable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"'()+,-./ :=?*&".contains(&byte)
}

fn read_bmp(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_suffix(&[0, 0]).unwrap_or(bytes);
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let letter = |pair: &[u8; 2]| {
        let code = u16::from_be_bytes(*pair);
        let reserved = matches!(code, 0xfffe | 0xffff | 0xfdd0..=0xfdef);
        char::from_u32(u32::from(code)).filter(|_| !reserved)
    };
    pairs.iter().map(letter).collect()
}
