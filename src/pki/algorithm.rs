//! Algorithms as certificates name them: of a signature, of a key.

use super::der::{DerReader, INTEGER, NULL, OBJECT_ID, SEQUENCE, explicit, small};
use super::oids;

/// An algorithm and the whole element of its parameters, empty where there are none.
pub(super) struct AlgorithmId<'a> {
    pub(super) oid: &'a [u8],
    pub(super) parameters: &'a [u8],
}

pub(super) fn algorithm_id(content: &[u8]) -> Option<AlgorithmId<'_>> {
    let mut inside = DerReader::new(content);
    let oid = inside.oid()?;
    let parameters = if inside.is_empty() {
        &[]
    } else {
        inside.any()?.whole
    };
    Some(AlgorithmId { oid, parameters })
}

/// Whether parameters are absent or NULL.
pub(super) fn is_absent_or_null(parameters: &[u8]) -> bool {
    matches!(parameters, [] | [NULL, 0])
}

/// The object identifier that the parameters are.
pub(super) fn oid_in(parameters: &[u8]) -> Option<&[u8]> {
    let mut inside = DerReader::new(parameters);
    (inside.peek() == Some(OBJECT_ID)).then(|| inside.oid())?
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
    pub(super) fn refused_hash(self) -> Option<&'static str> {
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
