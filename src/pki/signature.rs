//! Who signed what, and how strongly.

use std::fmt;

use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;

use super::facts::Facts;
use super::public_key::{ED25519, KeyKind};

/// RSA over SHA-1 by its other name.
const OIW_SHA1: &str = "1.3.14.3.2.29";

/// Whether one certificate's key made another's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Names and signature agree.
    Valid,
    /// The issuer is not that subject, or another key signed.
    Invalid,
    /// The names agree, but meshgen cannot compute this kind of signature (P-521, RSA below 2048 bits, ...).
    Unsupported,
}

/// Compares the names byte by byte, as Go does, then the signature.
pub(super) fn check(
    cert: &X509Certificate<'_>,
    ca: &X509Certificate<'_>,
    ca_kind: KeyKind,
) -> Signature {
    let algorithm = cert.signature_algorithm.algorithm.to_id_string();
    if cert.issuer().as_raw() != ca.subject().as_raw() || !can_make(ca_kind, &algorithm) {
        return Signature::Invalid;
    }
    match cert.verify_signature(Some(ca.public_key())) {
        Ok(()) => Signature::Valid,
        Err(X509Error::SignatureUnsupportedAlgorithm) => Signature::Unsupported,
        // ring refuses short RSA keys with the same error as a wrong signature.
        Err(_) if is_short_rsa(ca_kind) => Signature::Unsupported,
        Err(_) => Signature::Invalid,
    }
}

/// Whether a key of this kind can make such a signature; if not, some other key did.
fn can_make(kind: KeyKind, algorithm: &str) -> bool {
    match kind {
        KeyKind::Ec(_) => algorithm.starts_with("1.2.840.10045.4."),
        KeyKind::Rsa { .. } => {
            algorithm.starts_with("1.2.840.113549.1.1.") || algorithm == OIW_SHA1
        }
        KeyKind::Ed25519 => algorithm == ED25519,
        KeyKind::Other => true,
    }
}

fn is_short_rsa(kind: KeyKind) -> bool {
    matches!(kind, KeyKind::Rsa { bits } if bits < 2048)
}

/// Why a certificate is too weak to be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// The key.
    Key(KeyKind),
    /// The hash under the signature, by name.
    Hash(&'static str),
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(kind) => write!(f, "{kind} key"),
            Self::Hash(name) => write!(f, "{name} signature"),
        }
    }
}

/// RSA below 2048 bits, curves below 224 bits, and signatures over MD5 or SHA-1, which Go refuses. A root's signature
/// over itself proves nothing and nobody checks it, so its hash does not matter.
pub(super) fn weakness(facts: &Facts) -> Option<Weakness> {
    let kind = facts.public_key.kind();
    let short = match kind {
        KeyKind::Rsa { bits } => bits < 2048,
        KeyKind::Ec(curve) => curve.bits() < 224,
        KeyKind::Ed25519 | KeyKind::Other => false,
    };
    if short {
        return Some(Weakness::Key(kind));
    }
    let hash = weak_hash(&facts.signature_algorithm).filter(|_| !facts.self_signed);
    hash.map(Weakness::Hash)
}

fn weak_hash(algorithm: &str) -> Option<&'static str> {
    match algorithm {
        "1.2.840.113549.1.1.2" => Some("MD2"),
        "1.2.840.113549.1.1.4" => Some("MD5"),
        "1.2.840.113549.1.1.5" | OIW_SHA1 | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" => {
            Some("SHA-1")
        }
        _ => None,
    }
}
