//! What key material looks like, wherever it stands: PEM blocks and runs of base64.

use std::ops::Range;

/// Runs of base64 at least this long are hidden unless they are clearly words.
const LONG: usize = 40;
/// Shorter pieces, as of a key that was cut in two, are hidden if they look random.
const SHORT: usize = 16;

/// All key material in a text, in no particular order.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = pem(text);
    found.extend(runs(text).filter(|run| is_secret(text, run)));
    found
}

/// PEM blocks, markers included. A marker alone is no secret: messages speak of it.
fn pem(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("-----BEGIN ").map(|at| from + at) {
        let inner = start + "-----BEGIN ".len();
        let end = text[inner..].find("-----END ").map(|at| inner + at);
        let Some(marker) = end else { break };
        let after = marker + "-----END ".len();
        from = text[after..]
            .find("-----")
            .map_or(after, |at| after + at + "-----".len());
        found.push(start..from);
    }
    found
}

/// The longest stretches of the base64 alphabet, padding included.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !is_base64(bytes[at]) {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && (is_base64(bytes[at]) || bytes[at] == b'=') {
            at += 1;
        }
        (start < at).then_some(start..at)
    })
}

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

fn is_secret(text: &str, run: &Range<usize>) -> bool {
    let body = text[run.clone()].trim_end_matches('=');
    if body.len() < SHORT || is_plain(body) || is_digest(text, run) {
        return false;
    }
    body.len() >= LONG || looks_random(body)
}

/// One word, one number, or a path.
fn is_plain(body: &str) -> bool {
    let one_kind = |kind: fn(&u8) -> bool| body.bytes().all(|byte| kind(&byte));
    let is_path = || body.contains('/') && body.split('/').all(is_path_segment);
    one_kind(u8::is_ascii_lowercase) || one_kind(u8::is_ascii_digit) || is_path()
}

/// Short, as the random name of a temporary folder is, or words. In base64 every 64th character is a slash.
fn is_path_segment(segment: &str) -> bool {
    segment.len() < 12 || (segment.len() <= 24 && changes(segment) <= 2)
}

/// Image digests and the `meshgen/ca` label.
fn is_digest(text: &str, run: &Range<usize>) -> bool {
    let before = &text[..run.start];
    (before.ends_with("sha256:") || before.ends_with("sha256-"))
        && text[run.clone()]
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Words keep to one kind of character for a while, also in camel case; base64 does not.
fn looks_random(body: &str) -> bool {
    let letters_alone = body.bytes().all(|byte| byte.is_ascii_alphabetic());
    let (changes, pairs) = (changes(body), body.len() - 1);
    if letters_alone {
        changes * 8 >= pairs * 3
    } else {
        changes * 4 >= pairs
    }
}

/// How often the kind of character changes.
fn changes(text: &str) -> usize {
    let kind = |byte: &u8| match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let bytes = text.as_bytes();
    bytes
        .windows(2)
        .filter(|pair| kind(&pair[0]) != kind(&pair[1]))
        .count()
}
