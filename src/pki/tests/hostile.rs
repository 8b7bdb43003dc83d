//! No bytes make the readers panic.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::{cert, fixture, key};
use crate::pki::{Certificate, PrivateKey, prove_ca, prove_remote};

const LABELS: [&str; 4] = [
    "CERTIFICATE",
    "PRIVATE KEY",
    "EC PRIVATE KEY",
    "RSA PRIVATE KEY",
];
const FILES: [&str; 9] = [
    "ca-p256.crt",
    "ca-rsa.crt",
    "remote-p256.crt",
    "ca-ed25519.crt",
    "ca-p256.key",
    "ca-p521.key",
    "ca-rsa.key",
    "ca-p256.pkcs8.key",
    "ca-ed25519.key",
];

/// Reads the text every way there is and asks everything of what comes out.
fn exercise(text: &str) {
    if let Ok(cert) = Certificate::parse(text) {
        prove_ca(&cert, Some(&key("ca-p256")));
        prove_remote(&cert, &key("ca-p256"), &cert, "remote", Some(0));
        cert.signed_by(&self::cert("ca-p256"));
        cert.covers_name("a.mesh.cilium.io");
    }
    if let Ok(key) = PrivateKey::parse(text) {
        for name in ["ca-p256", "ca-p521", "ca-rsa", "ca-ed25519"] {
            key.fits(&cert(name));
        }
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// The label and the DER of a file.
fn contents(file: &str) -> (String, Vec<u8>) {
    let text = fixture(file);
    let begin = text.lines().next().unwrap();
    let label = begin.trim_matches('-').strip_prefix("BEGIN ").unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    (label.to_owned(), STANDARD.decode(body).unwrap())
}

/// A file's DER with some bytes changed and the end cut off.
fn mutated() -> impl Strategy<Value = String> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let file = prop::sample::select(FILES.as_slice());
    (file, changes, 0..3_usize).prop_map(|(file, changes, cut)| {
        let (label, mut der) = contents(file);
        for (place, byte) in changes {
            *place.get_mut(&mut der) = byte;
        }
        der.truncate(der.len() - cut);
        pem(&label, &der)
    })
}

proptest! {
    #[test]
    fn any_text(text in any::<String>()) {
        exercise(&text);
        exercise(&STANDARD.encode(&text));
    }

    #[test]
    fn any_bytes_in_pem(bytes in prop::collection::vec(any::<u8>(), 0..80), which in 0..4_usize) {
        exercise(&pem(LABELS[which], &bytes));
        let short = u8::try_from(bytes.len()).unwrap();
        exercise(&pem(LABELS[which], &[&[0x30, short], bytes.as_slice()].concat()));
    }

    #[test]
    fn pieces_of_pem(text in "(-----|BEGIN |END |CERTIFICATE|PRIVATE KEY|MII=|Proc-Type: 4,ENCRYPTED|\\n|\\\\n| |é){0,16}") {
        exercise(&text);
        exercise(&STANDARD.encode(&text));
    }

    #[test]
    fn mutated_files(text in mutated()) {
        exercise(&text);
    }
}

#[test]
fn every_prefix_of_a_certificate() {
    let (label, whole) = contents("remote-p256.crt");
    for length in 0..whole.len() {
        assert!(Certificate::parse(&pem(&label, &whole[..length])).is_err());
    }
}
