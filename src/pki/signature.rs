//! Who signed what, and how strongly.

use std::fmt;

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ED25519, EcdsaVerificationAlgorithm, UnparsedPublicKey,
};
use rsa::sha2::Digest as _;
use rsa::sha2::{Sha256, Sha384, Sha512};

use super::algorithm::{Algorithm, Hash};
use super::facts::{Facts, Signed};
use super::public_key::{Curve, KeyKind, PublicKey};

/// Whether one certificate's key made another's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// Names and signature agree.
    Valid,
    /// The issuer is not that subject, or another key signed.
    Invalid,
    /// The names agree, but the signature is over a hash that Go refuses.
    Refused(&'static str),
    /// The names agree, but meshgen cannot compute this kind of signature (P-224).
    Unsupported,
}

/// Compares the names byte by byte, as Go does, then the signature.
pub(super) fn check(cert: &Facts, issuer: &Facts) -> Signature {
    let signed = &cert.signed;
    if cert.issuer.der != issuer.subject.der {
        return Signature::Invalid;
    }
    match (signed.algorithm, &issuer.public_key) {
        (Algorithm::Rsa(_) | Algorithm::RsaPss(_), PublicKey::Rsa { .. })
        | (Algorithm::Ecdsa(_), PublicKey::Ec { .. })
        | (Algorithm::Ed25519, PublicKey::Ed25519(_)) => {}
        _ => return Signature::Invalid,
    }
    if let Some(hash) = signed.algorithm.refused_hash() {
        return Signature::Refused(hash);
    }
    if matches!(issuer.public_key.kind(), KeyKind::Ec(Curve::P224)) {
        return Signature::Unsupported;
    }
    match verify(signed, &issuer.public_key) {
        Some(()) => Signature::Valid,
        None => Signature::Invalid,
    }
}

fn verify(signed: &Signed, key: &PublicKey) -> Option<()> {
    match (signed.algorithm, key) {
        (Algorithm::Ed25519, PublicKey::Ed25519(point)) => UnparsedPublicKey::new(&ED25519, point)
            .verify(&signed.content, &signed.signature)
            .ok(),
        (Algorithm::Rsa(hash) | Algorithm::RsaPss(hash), PublicKey::Rsa(key)) => {
            let is_pss = matches!(signed.algorithm, Algorithm::RsaPss(_));
            let key = key.for_go()?;
            let digest = hash.digest(&signed.content)?;
            let signature = signed.signature.as_slice();
            match (hash, is_pss) {
                (Hash::Sha256, false) => key.pkcs1v15_verify_prehash::<Sha256>(&digest, signature),
                (Hash::Sha384, false) => key.pkcs1v15_verify_prehash::<Sha384>(&digest, signature),
                (Hash::Sha512, false) => key.pkcs1v15_verify_prehash::<Sha512>(&digest, signature),
                (Hash::Sha256, true) => key.pss_verify_prehash::<Sha256>(&digest, signature),
                (Hash::Sha384, true) => key.pss_verify_prehash::<Sha384>(&digest, signature),
                (Hash::Sha512, true) => key.pss_verify_prehash::<Sha512>(&digest, signature),
                (Hash::Md5 | Hash::Sha1, _) => return None,
            }
            .ok()
        }
        (Algorithm::Ecdsa(hash), PublicKey::Ec { curve, point }) => {
            let is_quick = quick(*curve, hash).is_some_and(|quick| {
                UnparsedPublicKey::new(quick, point)
                    .verify(&signed.content, &signed.signature)
                    .is_ok()
            });
            let is_signed = || {
                let digest = hash.digest(&signed.content)?;
                curve
                    .verify(point, &digest, &signed.signature)
                    .then_some(())
            };
            is_quick.then_some(()).or_else(is_signed)
        }
        _ => None,
    }
}

/// What ring verifies, in a fifth of the time. What it refuses is computed once more: it has not all that Go has.
fn quick(curve: Curve, hash: Hash) -> Option<&'static EcdsaVerificationAlgorithm> {
    match (curve, hash) {
        (Curve::P256, Hash::Sha256) => Some(&ECDSA_P256_SHA256_ASN1),
        (Curve::P256, Hash::Sha384) => Some(&ECDSA_P256_SHA384_ASN1),
        (Curve::P384, Hash::Sha256) => Some(&ECDSA_P384_SHA256_ASN1),
        (Curve::P384, Hash::Sha384) => Some(&ECDSA_P384_SHA384_ASN1),
        _ => None,
    }
}

impl Hash {
    fn digest(self, content: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Md5 | Self::Sha1 => None,
            Self::Sha256 => Some(Sha256::digest(content).to_vec()),
            Self::Sha384 => Some(Sha384::digest(content).to_vec()),
            Self::Sha512 => Some(Sha512::digest(content).to_vec()),
        }
    }
}

/// Why a certificate is too weak to be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// The key.
    Key(KeyKind),
    /// The hash under the signature, by name.
    Hash(&'static str),
}

impl Weakness {
    /// Whether Go refuses it, and so every component of Cilium; otherwise it works, and should not be relied on.
    pub fn is_refused(self) -> bool {
        match self {
            Self::Key(KeyKind::Rsa { bits }) => bits < 1024,
            Self::Key(_) => false,
            Self::Hash(_) => true,
        }
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(kind) => write!(f, "{kind} key"),
            Self::Hash(name) => write!(f, "{name} signature"),
        }
    }
}

/// RSA below 2048 bits, and signatures over MD5 or SHA-1. A root's signature over itself proves nothing and is not checked by
/// it, so its hash does not matter.
pub(super) fn weakness(facts: &Facts) -> Option<Weakness> {
    let kind = facts.public_key.kind();
    if matches!(kind, KeyKind::Rsa { bits } if bits < 2048) {
        return Some(Weakness::Key(kind));
    }
    let hash = facts.signed.algorithm.refused_hash();
    hash.filter(|_| !facts.self_signed).map(Weakness::Hash)
}
