//! The numbers inside a private key.

use secrecy::zeroize::Zeroizing;

use super::der::{INTEGER, OBJECT_ID, OCTET_STRING, Reader, SEQUENCE};
use super::public_key::{Curve, KeyKind, bits};

const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// `[0] parameters` and `[1] publicKey` of SEC1.
const CURVE_TAG: u8 = 0xa0;
const POINT_TAG: u8 = 0xa1;
/// `[0] attributes` and `[1] publicKey` of PKCS#8 version 2.
const ATTRIBUTES_TAG: u8 = 0xa0;
const PUBLIC_TAG: u8 = 0x81;
/// The same as older ring wrote it, with a bit string inside.
const WRAPPED_PUBLIC_TAG: u8 = 0xa1;

/// What a key is made of, as far as it must be known to find its certificate.
#[derive(Clone)]
pub(super) enum Material {
    Ec(EcMaterial),
    /// The modulus and the exponent are public; the rest is not kept.
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    Ed25519 {
        seed: Zeroizing<Vec<u8>>,
    },
    Other,
}

#[derive(Clone)]
pub(super) struct EcMaterial {
    /// `None` for a curve that is none of the three, or is not named.
    pub(super) curve: Option<Curve>,
    pub(super) scalar: Zeroizing<Vec<u8>>,
    /// The public key, which most tools write next to the private one.
    pub(super) point: Option<Vec<u8>>,
}

impl Material {
    pub(super) fn kind(&self) -> KeyKind {
        match self {
            Self::Ec(ec) => KeyKind::Ec(ec.curve()),
            Self::Rsa { modulus, .. } => KeyKind::Rsa {
                bits: bits(modulus),
            },
            Self::Ed25519 { .. } => KeyKind::Ed25519,
            Self::Other => KeyKind::Other,
        }
    }

    /// `PRIVATE KEY`, of version 1 or 2.
    pub(super) fn read_pkcs8(der: &[u8]) -> Option<Self> {
        let mut key = Reader::of_sequence(der)?;
        let version = key.take_unsigned()?;
        let mut algorithm = Reader::new(key.take(SEQUENCE)?);
        let inside = key.take(OCTET_STRING)?;
        let known = matches!(version, [] | [1]);
        read_rest(key).filter(|()| known)?;
        match algorithm.take(OBJECT_ID)? {
            EC => read_ec(inside, algorithm.take(OBJECT_ID)),
            RSA => Self::read_pkcs1(inside),
            ED25519 => read_seed(inside),
            _ => Some(Self::Other),
        }
    }

    /// `EC PRIVATE KEY`.
    pub(super) fn read_sec1(der: &[u8]) -> Option<Self> {
        read_ec(der, None)
    }

    /// `RSA PRIVATE KEY`.
    pub(super) fn read_pkcs1(der: &[u8]) -> Option<Self> {
        let mut key = Reader::of_sequence(der)?;
        key.take_unsigned()?;
        let modulus = key.take_unsigned()?.to_vec();
        let exponent = key.take_unsigned()?.to_vec();
        // The private exponent, two primes, two exponents and a coefficient follow; without them it is no private key.
        for _ in 0..6 {
            key.take_unsigned()?;
        }
        Some(Self::Rsa { modulus, exponent })
    }
}

impl EcMaterial {
    pub(super) fn curve(&self) -> Curve {
        self.curve.unwrap_or(Curve::Other {
            bits: self.scalar.len() * 8,
        })
    }
}

/// What may stand behind the key in PKCS#8; a public key there is not believed but computed.
fn read_rest(mut key: Reader<'_>) -> Option<()> {
    key.take_if(ATTRIBUTES_TAG);
    key.take_if(PUBLIC_TAG);
    key.take_if(WRAPPED_PUBLIC_TAG);
    key.is_empty().then_some(())
}

fn read_seed(inside: &[u8]) -> Option<Material> {
    let seed = Reader::new(inside).take(OCTET_STRING)?;
    let seed = (seed.len() == 32).then(|| Zeroizing::new(seed.to_vec()))?;
    Some(Material::Ed25519 { seed })
}

/// The curve is named outside in PKCS#8 and inside in SEC1, or in both.
fn read_ec(der: &[u8], outside: Option<&[u8]>) -> Option<Material> {
    let mut key = Reader::of_sequence(der)?;
    if key.take(INTEGER)? != [1] {
        return None;
    }
    let scalar = Zeroizing::new(key.take(OCTET_STRING)?.to_vec());
    let inside = key
        .take_if(CURVE_TAG)
        .and_then(|curve| Reader::new(curve).take(OBJECT_ID));
    let point = key
        .take_if(POINT_TAG)
        .and_then(|point| Reader::new(point).take_bits())
        .map(<[u8]>::to_vec);
    let curve = inside.or(outside).and_then(Curve::from_oid);
    (!scalar.is_empty()).then_some(Material::Ec(EcMaterial {
        curve,
        scalar,
        point,
    }))
}
