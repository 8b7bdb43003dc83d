//! Keys that were read, wherever they stand and however they are encoded.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::pki::KeyText;

/// How many characters are compared at once.
const WINDOW: usize = 16;
/// One window of this many is kept. A piece of `WINDOW + STEP - 1` characters of a key therefore holds a kept one.
const STEP: usize = 8;

/// The keys of one run. Their encodings are worked out when a text first holds something that could be one.
#[derive(Default)]
pub(in crate::source) struct KnownKeys {
    keys: Vec<KeyText>,
    hasher: RandomState,
    windows: OnceLock<HashSet<u64>>,
}

impl KnownKeys {
    pub(in crate::source) fn of(keys: Vec<KeyText>) -> Self {
        Self {
            keys,
            ..Self::default()
        }
    }

    /// Whether a text holds a piece of one.
    pub(in crate::source) fn is_in(&self, text: &str) -> bool {
        !self.find(text).is_empty()
    }

    /// Where in a text pieces of one stand, each with the rest of its word. Blanks, line breaks, colons, commas and dots
    /// between the letters do not matter.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        if self.keys.is_empty() || text.len() < WINDOW {
            return Vec::new();
        }
        let known = self.windows.get_or_init(|| self.all_windows());
        let (letters, places): (Vec<u8>, Vec<usize>) = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| is_letter(*byte))
            .map(|(at, byte)| (byte, at))
            .unzip();
        let windows = letters.windows(WINDOW).zip(places.windows(WINDOW));
        let found = windows.filter(|(window, _)| known.contains(&self.hasher.hash_one(window)));
        found
            .map(|(_, places)| word_around(text, places[0]..places[WINDOW - 1] + 1))
            .collect()
    }

    fn all_windows(&self) -> HashSet<u64> {
        let mut windows = HashSet::new();
        // Clusters that share a CA have the same key.
        let keys: BTreeSet<&str> = self.keys.iter().map(KeyText::expose).collect();
        for key in keys {
            for encoding in encodings(key) {
                for text in encoding.as_bytes().windows(WINDOW).step_by(STEP) {
                    windows.insert(self.hasher.hash_one(text));
                }
            }
        }
        windows
    }
}

/// The characters that base64, base64url and hexadecimal have.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// A range with the letters before and behind it.
fn word_around(text: &str, range: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let before = bytes[..range.start].iter().rev();
    let behind = bytes[range.end..].iter();
    let start = range.start - before.take_while(|byte| is_letter(**byte)).count();
    let end = range.end + behind.take_while(|byte| is_letter(**byte)).count();
    start..end
}

/// What a key may look like, without line breaks.
fn encodings(key: &str) -> Vec<String> {
    let mut all = Vec::new();
    let typed: String = key.split_whitespace().collect();
    let decoded = STANDARD.decode(&typed).ok();
    let pem = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let pem = pem.unwrap_or_else(|| key.to_owned());
    let unix = pem.replace('\r', "");
    all.push(hex::encode(&unix));
    for text in [unix.replace('\n', "\r\n"), unix] {
        all.extend(shifted(text.as_bytes()));
    }
    let der = body(&pem).and_then(|body| STANDARD.decode(body).ok());
    if let Some(der) = der {
        let hexadecimal = hex::encode(&der);
        all.push(hexadecimal.to_uppercase());
        all.push(hexadecimal);
        all.extend(shifted(&der));
        all.extend(shifted(STANDARD.encode(&der).as_bytes()));
    }
    all.push(typed);
    all
}

/// The base64 of a PEM block, without its markers and headers.
fn body(pem: &str) -> Option<String> {
    let (_, after) = pem.split_once("-----BEGIN ")?;
    let (_, inner) = after.split_once("-----")?;
    let (inner, _) = inner.split_once("-----END")?;
    let lines = inner.lines().map(str::trim);
    Some(lines.filter(|line| !line.contains(':')).collect())
}

/// Both alphabets of base64, with the bytes beginning at each place of a group of three.
fn shifted(bytes: &[u8]) -> Vec<String> {
    (0..3.min(bytes.len()))
        .flat_map(|skipped| {
            let rest = &bytes[skipped..];
            [STANDARD_NO_PAD.encode(rest), URL_SAFE_NO_PAD.encode(rest)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = include_str!("../../../fixtures/rules/shared/ca.key");

    fn known() -> KnownKeys {
        KnownKeys::of(vec![KeyText::new(PEM)])
    }

    #[test]
    fn a_key_is_found_in_every_encoding() {
        let body = body(PEM).unwrap();
        let der = STANDARD.decode(&body).unwrap();
        let encodings = [
            body.clone(),
            body[7..40].to_owned(),
            URL_SAFE_NO_PAD.encode(&der),
            hex::encode(&der),
            hex::encode_upper(&der),
            STANDARD.encode(PEM),
            STANDARD.encode(format!("x{PEM}")),
            STANDARD.encode(format!("xy{PEM}")),
            STANDARD.encode(PEM.replace('\n', "\r\n"))[200..260].to_owned(),
            STANDARD.encode(&body),
            hex::encode(PEM),
            spaced(&body, 12, " "),
            spaced(&hex::encode(&der), 2, ":"),
            spaced(&hex::encode(&der), 60, ".\n"),
        ];
        let known = known();
        for (at, text) in encodings.iter().enumerate() {
            assert!(known.is_in(&format!("say `{text}` here")), "encoding {at}");
        }
    }

    fn spaced(text: &str, length: usize, between: &str) -> String {
        let pieces = text.as_bytes().chunks(length).map(String::from_utf8_lossy);
        pieces.collect::<Vec<_>>().join(between)
    }

    #[test]
    fn other_words_are_not_taken_for_it() {
        let known = known();
        for text in [
            "clustermesh-apiserver-remote-cert",
            "-----BEGIN PRIVATE KEY-----",
            "a 15 characters",
        ] {
            assert!(!known.is_in(text), "{text}");
        }
    }
}
