//! What key material looks like, wherever it stands: PEM blocks and runs of base64.

use std::ops::Range;

/// Shorter runs of base64 are not looked at in the text of a file, where a key may be cut in two.
pub(super) const IN_FILES: usize = 16;
/// The same in a sentence, which shows names of users that look random.
pub(super) const IN_SENTENCES: usize = 24;
/// No name of an option or kind is this long.
const LONG: usize = 40;
/// No digest and no label of a host name is longer than this.
const LONGEST: usize = 64;

/// All key material in a text, in no particular order. `least` is the length of the shortest piece.
pub(super) fn find(text: &str, least: usize) -> Vec<Range<usize>> {
    let mut found = pem(text);
    found.extend(runs(text, is_base64).filter(|run| is_secret(text, run, least)));
    found.extend(runs(text, is_base64url).filter(|run| is_base64url_secret(&text[run.clone()])));
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

/// The longest stretches of an alphabet, padding included.
fn runs(text: &str, is_letter: fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !is_letter(bytes[at]) {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && (is_letter(bytes[at]) || bytes[at] == b'=') {
            at += 1;
        }
        (start < at).then_some(start..at)
    })
}

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The alphabet of base64 that is made for file names.
fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_secret(text: &str, run: &Range<usize>, least: usize) -> bool {
    let body = text[run.clone()].trim_end_matches('=');
    if body.len() < least || is_path(body) || is_digest(text, run) {
        return false;
    }
    if !is_of_both_cases(body) {
        return body.len() > LONGEST;
    }
    body.len() >= LONG || !is_words(body)
}

/// The same where dashes and underscores are letters. Words that these join are no secret.
fn is_base64url_secret(run: &str) -> bool {
    let body = run.trim_end_matches('=');
    let pieces = || body.split(['-', '_']).filter(|piece| !piece.is_empty());
    let has_digits = body.bytes().any(|byte| byte.is_ascii_digit());
    body.len() >= LONG
        && pieces().count() > 1
        && has_digits
        && is_of_both_cases(body)
        && pieces().filter(|piece| !is_words(piece)).count() * 2 > pieces().count()
}

/// Names of hosts, digests and numbers keep to one case; base64 hardly ever does.
fn is_of_both_cases(body: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| body.as_bytes().iter().any(kind);
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
}

/// A path. In base64 every 64th character is a slash.
fn is_path(body: &str) -> bool {
    body.contains('/') && body.split('/').all(is_path_segment)
}

/// Short, as the random name of a temporary folder is, or words.
fn is_path_segment(segment: &str) -> bool {
    segment.len() < 12 || (segment.len() < LONG && is_words(segment))
}

/// Image digests and the `meshgen/ca` label.
fn is_digest(text: &str, run: &Range<usize>) -> bool {
    let before = &text[..run.start];
    before.ends_with("sha256:") || before.ends_with("sha256-")
}

/// Words in camel case, as the options of charts are named: most of the letters are in words of four and more.
/// Checked against every name in the released charts 1.13 to 1.20; of random letters few are taken for words.
fn is_words(body: &str) -> bool {
    let length_in = |least: usize| -> usize {
        let words = words(body).filter(|word| *word >= least);
        words.sum()
    };
    length_in(4) * 10 >= body.len() * 6 || length_in(3) * 10 >= body.len() * 9
}

/// The lengths of the words in camel case: `clusterPoolIPv4PodCIDRList` has cluster, Pool, IPv4, Pod, CIDR and List.
fn words(body: &str) -> impl Iterator<Item = usize> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let first = *rest.as_bytes().first()?;
        let length = word_length(rest.as_bytes(), first);
        rest = &rest[length..];
        Some(length)
    })
}

fn word_length(text: &[u8], first: u8) -> usize {
    let run = |from: usize, kind: fn(&u8) -> bool| {
        text[from..].iter().take_while(|byte| kind(byte)).count()
    };
    if text.starts_with(b"IPv4") || text.starts_with(b"IPv6") {
        return 4;
    }
    let capitals = run(0, u8::is_ascii_uppercase);
    let small = run(capitals, u8::is_ascii_lowercase);
    match (capitals, small) {
        (0, 0) => run(0, u8::is_ascii_digit).max(1),
        (0 | 1, _) | (_, 0) => capitals + small,
        // The plural of an abbreviation: CIDRs.
        (_, 1) if text[capitals] == b's' => capitals + 1,
        // The last capital begins the next word.
        _ => capitals - 1,
    }
    .max(usize::from(first != 0))
}
