//! Unit tests, against OpenSSL's files in `fixtures/pki`.
#![allow(clippy::unwrap_used)]

mod encoding;

/// The text of a file in `fixtures/pki`.
pub(super) fn fixture(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pki");
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}
