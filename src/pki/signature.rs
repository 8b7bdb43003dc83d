//! Who signed what, and how strongly.

use std::fmt;

use ring::signature::{ED25519, UnparsedPublicKey};
use rsa::sha2::Digest as _;
use rsa::sha2::{Sha256, Sha384, Sha512};

use super::der::{DerReader, INTEGER, SEQUENCE, explicit, small};
use super::facts::{Facts, Signed};
use super::oids;
use super::parse::{AlgorithmId, algorithm_id, is_absent_or_null};
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

/// How a certificate was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rsa(Hash),
    RsaPss(Hash),
    Ecdsa(Hash),
    Ed25519,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    pub(super) fn read(id: &AlgorithmId<'_>) -> Self {
        // sha1WithRSA of PKCS#1 and of OIW, then ECDSA: the parameters are not looked at.
        match id.oid {
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, number] => match number {
                4 => Self::Rsa(Hash::Md5),
                5 => Self::Rsa(Hash::Sha1),
                10 => read_pss(id.parameters).map_or(Self::Unknown, Self::RsaPss),
                11 => Self::Rsa(Hash::Sha256),
                12 => Self::Rsa(Hash::Sha384),
                13 => Self::Rsa(Hash::Sha512),
                _ => Self::Unknown,
            },
            [0x2b, 0x0e, 0x03, 0x02, 0x1d] => Self::Rsa(Hash::Sha1),
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, rest @ ..] => match rest {
                [1] => Self::Ecdsa(Hash::Sha1),
                [3, 2] => Self::Ecdsa(Hash::Sha256),
                [3, 3] => Self::Ecdsa(Hash::Sha384),
                [3, 4] => Self::Ecdsa(Hash::Sha512),
                _ => Self::Unknown,
            },
            oids::ED25519 if id.parameters.is_empty() => Self::Ed25519,
            _ => Self::Unknown,
        }
    }

    /// A hash that Go takes no signature over any more.
    fn refused_hash(self) -> Option<&'static str> {
        match self {
            Self::Rsa(Hash::Md5) => Some("MD5"),
            Self::Rsa(Hash::Sha1) | Self::Ecdsa(Hash::Sha1) => Some("SHA-1"),
            _ => None,
        }
    }
}

/// Go takes PSS with one hash for everything and a salt as long as the hash.
fn read_pss(parameters: &[u8]) -> Option<Hash> {
    let mut inside = DerReader::new(parameters).enter(SEQUENCE)?;
    let mut hash = DerReader::new(inside.take(explicit(0))?);
    let hash = algorithm_id(hash.take(SEQUENCE)?)?;
    let mut mask = DerReader::new(inside.take(explicit(1))?);
    let mask = algorithm_id(mask.take(SEQUENCE)?)?;
    let mask_hash = algorithm_id(DerReader::new(mask.parameters).take(SEQUENCE)?)?;
    let salt = small(DerReader::new(inside.take(explicit(2))?).take(INTEGER)?)?;
    let trailer = match inside.optional(explicit(3))? {
        Some(written) => small(DerReader::new(written).integer()?)?,
        None => 1,
    };
    let agrees = mask.oid == oids::MGF1
        && mask_hash.oid == hash.oid
        && is_absent_or_null(hash.parameters)
        && is_absent_or_null(mask_hash.parameters)
        && trailer == 1;
    let known = match (hash.oid, salt) {
        (oids::SHA256, 32) => Hash::Sha256,
        (oids::SHA384, 48) => Hash::Sha384,
        (oids::SHA512, 64) => Hash::Sha512,
        _ => return None,
    };
    agrees.then_some(known)
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
            let digest = hash.digest(&signed.content)?;
            curve
                .verify(point, &digest, &signed.signature)
                .then_some(())
        }
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
