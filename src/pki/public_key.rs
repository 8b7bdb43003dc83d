//! Public keys as certificates carry them.

use std::fmt;

use rsa::BoxedUint;

use super::algorithm::{AlgorithmId, oid_in};
use super::der::{DerReader, NULL, SEQUENCE, small};
use super::oids;

/// An elliptic curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-224: Go reads it, and uses it for no TLS client
    P224,
    /// NIST P-256, what certgen uses
    P256,
    /// NIST P-384
    P384,
    /// NIST P-521
    P521,
}

impl Curve {
    /// The curve that a DER object identifier names, if Go knows it.
    pub(super) fn from_oid(oid: &[u8]) -> Option<Self> {
        match oid {
            oids::P224 => Some(Self::P224),
            oids::P256 => Some(Self::P256),
            oids::P384 => Some(Self::P384),
            oids::P521 => Some(Self::P521),
            _ => None,
        }
    }

    /// The size of the field.
    pub fn bits(self) -> usize {
        match self {
            Self::P224 => 224,
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }

    /// The size of a number on it.
    pub(super) fn bytes(self) -> usize {
        self.bits().div_ceil(8)
    }

    /// Whether bytes are an uncompressed point of the curve; on P-224 only their number is looked at.
    fn has_point(self, point: &[u8]) -> bool {
        let is_uncompressed = point.first() == Some(&4) && point.len() == 1 + 2 * self.bytes();
        is_uncompressed
            && match self {
                Self::P224 => true,
                Self::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
                Self::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
                Self::P521 => p521::PublicKey::from_sec1_bytes(point).is_ok(),
            }
    }

    /// Whether an ECDSA signature over a digest is that of a public key; never on P-224, which meshgen cannot compute.
    pub(super) fn verify(self, point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
        // The digest counts as a number: leading zeros change nothing, and the crates want it long enough.
        let mut number = vec![0; self.bytes().saturating_sub(digest.len())];
        number.extend_from_slice(digest);
        macro_rules! verify {
            ($curve:ident) => {{
                use $curve::ecdsa::signature::hazmat::PrehashVerifier;
                use $curve::ecdsa::{DerSignature, VerifyingKey};
                let key = VerifyingKey::from_sec1_bytes(point).ok();
                let signature = DerSignature::try_from(signature).ok();
                key.zip(signature)
                    .is_some_and(|(key, signature)| key.verify_prehash(&number, &signature).is_ok())
            }};
        }
        match self {
            Self::P224 => false,
            Self::P256 => verify!(p256),
            Self::P384 => verify!(p384),
            Self::P521 => verify!(p521),
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
    Rsa(RsaNumbers),
    /// The 32 bytes of an Ed25519 key.
    Ed25519(Vec<u8>),
    /// A key of a kind that TLS cannot use.
    Other,
}

/// The two public numbers of an RSA key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaNumbers {
    /// Without leading zeros.
    pub(super) modulus: Vec<u8>,
    pub(super) exponent: u64,
}

impl RsaNumbers {
    pub(super) fn bits(&self) -> usize {
        match self.modulus.as_slice() {
            [] => 0,
            [first, rest @ ..] => rest.len() * 8 + (8 - first.leading_zeros() as usize),
        }
    }

    /// The key to verify with; `None` where Go's crypto/rsa refuses it (below 1024 bits, an even or large exponent).
    /// TLS takes no client key above 8192 bits, but a CA may have one.
    pub(super) fn for_go(&self) -> Option<rsa::PublicKey> {
        let fits_go = (3..1 << 31).contains(&self.exponent) && self.exponent % 2 == 1;
        let modulus = BoxedUint::from_be_slice_vartime(&self.modulus);
        let exponent = BoxedUint::from(self.exponent);
        let sizes = 1024..=8 * self.modulus.len();
        let key =
            fits_go.then(|| rsa::PublicKey::new_with_size_limits(modulus, exponent, sizes))?;
        key.ok()
    }
}

impl PublicKey {
    /// `None` if Go refuses a certificate with it.
    pub(super) fn read(algorithm: &AlgorithmId<'_>, bytes: &[u8]) -> Option<Self> {
        match algorithm.oid {
            oids::EC => {
                let curve = Curve::from_oid(oid_in(algorithm.parameters)?)?;
                curve.has_point(bytes).then(|| Self::Ec {
                    curve,
                    point: bytes.to_vec(),
                })
            }
            oids::RSA if algorithm.parameters == [NULL, 0] => {
                let mut inside = DerReader::new(bytes).enter(SEQUENCE)?;
                Some(Self::Rsa(RsaNumbers {
                    modulus: inside.positive()?.to_vec(),
                    exponent: small(inside.integer()?).filter(|exponent| *exponent > 0)?,
                }))
            }
            oids::RSA => None,
            oids::ED25519 => {
                let is_one = algorithm.parameters.is_empty() && bytes.len() == 32;
                is_one.then(|| Self::Ed25519(bytes.to_vec()))
            }
            oids::X25519 => {
                let is_one = algorithm.parameters.is_empty() && bytes.len() == 32;
                is_one.then_some(Self::Other)
            }
            oids::DSA => read_dsa(algorithm.parameters, bytes),
            _ => Some(Self::Other),
        }
    }

    /// The kind and size.
    pub fn kind(&self) -> KeyKind {
        match self {
            Self::Ec { curve, .. } => KeyKind::Ec(*curve),
            Self::Rsa(key) => KeyKind::Rsa { bits: key.bits() },
            Self::Ed25519(_) => KeyKind::Ed25519,
            Self::Other => KeyKind::Other,
        }
    }
}

fn read_dsa(parameters: &[u8], bytes: &[u8]) -> Option<PublicKey> {
    DerReader::new(bytes).positive()?;
    let mut numbers = DerReader::new(parameters).enter(SEQUENCE)?;
    for _ in 0..3 {
        numbers.positive()?;
    }
    Some(PublicKey::Other)
}
