//! Public keys as certificates carry them.

use std::fmt;

use x509_parser::x509::SubjectPublicKeyInfo;

use super::der::{Reader, without_leading_zeros};

const EC: &str = "1.2.840.10045.2.1";
const RSA: &str = "1.2.840.113549.1.1.1";
pub(super) const ED25519: &str = "1.3.101.112";

/// An elliptic curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256, what certgen uses
    P256,
    /// NIST P-384
    P384,
    /// NIST P-521
    P521,
    /// Any other, by the size of its field in whole bytes.
    Other {
        /// The size in bits, rounded up to bytes.
        bits: usize,
    },
}

impl Curve {
    /// The curve that a DER object identifier names, if it is one of the three.
    pub(super) fn from_oid(oid: &[u8]) -> Option<Self> {
        match oid {
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => Some(Self::P256),
            [0x2b, 0x81, 0x04, 0x00, 0x22] => Some(Self::P384),
            [0x2b, 0x81, 0x04, 0x00, 0x23] => Some(Self::P521),
            _ => None,
        }
    }

    fn of_point(point: &[u8]) -> Self {
        let bytes = match point {
            [4, rest @ ..] => rest.len() / 2,
            [2 | 3, rest @ ..] => rest.len(),
            _ => 0,
        };
        Self::Other { bits: bytes * 8 }
    }

    /// The size of the field.
    pub fn bits(self) -> usize {
        match self {
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
            Self::Other { bits } => bits,
        }
    }
}

/// The kind of a key, for messages and for judging its strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA
    Ec(Curve),
    /// RSA
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// Ed25519
    Ed25519,
    /// Something else.
    Other,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec(Curve::Other { bits }) => write!(f, "EC of {bits} bits"),
            Self::Ec(curve) => write!(f, "EC P-{}", curve.bits()),
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other => f.write_str("unknown"),
        }
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// A point on a curve.
    Ec {
        /// The curve.
        curve: Curve,
        /// The point as SEC1 encodes it.
        point: Vec<u8>,
    },
    /// An RSA key.
    Rsa {
        /// The modulus, without leading zeros.
        modulus: Vec<u8>,
        /// The exponent, without leading zeros.
        exponent: Vec<u8>,
    },
    /// The 32 bytes of an Ed25519 key.
    Ed25519(Vec<u8>),
    /// A key of a kind that Cilium does not use.
    Other,
}

impl PublicKey {
    /// `None` if the bytes are not what the algorithm asks for.
    pub(super) fn read(info: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let bytes: &[u8] = &info.subject_public_key.data;
        match info.algorithm.algorithm.to_id_string().as_str() {
            EC => Some(Self::read_ec(info, bytes)),
            RSA => Self::read_rsa(bytes),
            ED25519 => (bytes.len() == 32).then(|| Self::Ed25519(bytes.to_vec())),
            _ => Some(Self::Other),
        }
    }

    fn read_ec(info: &SubjectPublicKeyInfo<'_>, point: &[u8]) -> Self {
        let named = info
            .algorithm
            .parameters
            .as_ref()
            .and_then(|parameters| Curve::from_oid(parameters.data));
        Self::Ec {
            curve: named.unwrap_or_else(|| Curve::of_point(point)),
            point: point.to_vec(),
        }
    }

    fn read_rsa(bytes: &[u8]) -> Option<Self> {
        let mut inside = Reader::of_sequence(bytes)?;
        Some(Self::Rsa {
            modulus: inside.take_unsigned()?.to_vec(),
            exponent: inside.take_unsigned()?.to_vec(),
        })
    }

    /// The kind and size.
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Ec { curve, .. } => KeyKind::Ec(*curve),
            Self::Rsa { modulus, .. } => KeyKind::Rsa {
                bits: bits(modulus),
            },
            Self::Ed25519(_) => KeyKind::Ed25519,
            Self::Other => KeyKind::Other,
        }
    }
}

pub(super) fn bits(number: &[u8]) -> usize {
    match without_leading_zeros(number) {
        [] => 0,
        [first, rest @ ..] => rest.len() * 8 + (8 - first.leading_zeros() as usize),
    }
}
