//! The numbers inside a private key, read as Go reads them: whatever the PEM's label says, PKCS#1 is tried first, then
//! PKCS#8, then SEC1.

use secrecy::zeroize::Zeroizing;

use super::algorithm::{AlgorithmId, algorithm_id, oid_in};
use super::der::{
    DerReader, INTEGER, OCTET_STRING, SEQUENCE, explicit, is_negative, small, without_leading_zeros,
};
use super::oids;
use super::public_key::{Curve, KeyKind, RsaNumbers};
use super::rsa_key::RsaKey;

/// What a key is made of.
#[derive(Clone)]
pub(super) enum Material {
    Ec(EcMaterial),
    Rsa(Box<RsaKey>),
    Ed25519 { seed: Zeroizing<Vec<u8>> },
}

#[derive(Clone)]
pub(super) struct EcMaterial {
    pub(super) curve: Curve,
    /// As many bytes as the curve's numbers have.
    pub(super) scalar: Zeroizing<Vec<u8>>,
    /// The public key, which most tools write next to the private one. It is believed only where it cannot be computed.
    pub(super) point: Option<Vec<u8>>,
}

impl Material {
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        read_pkcs1(der)
            .or_else(|| read_pkcs8(der))
            .or_else(|| read_ec(der, None))
    }

    /// Whether the key is wrapped in PKCS#8.
    pub(super) fn is_pkcs8(der: &[u8]) -> bool {
        let inside = DerReader::new(der).enter(SEQUENCE);
        inside.is_some_and(|mut inside| inside.any().is_some() && inside.peek() == Some(SEQUENCE))
    }

    pub(super) fn kind(&self) -> KeyKind {
        match self {
            Self::Ec(ec) => KeyKind::Ec(ec.curve),
            Self::Rsa(key) => KeyKind::Rsa {
                bits: key.public().bits(),
            },
            Self::Ed25519 { .. } => KeyKind::Ed25519,
        }
    }
}

/// Nothing may stand behind it. Of the last three numbers any may be left out.
fn read_pkcs1(der: &[u8]) -> Option<Material> {
    let mut outside = DerReader::new(der);
    let mut inside = outside.enter(SEQUENCE)?;
    let version = inside.integer()?;
    let is_known = is_negative(version) || small(version)? <= 1;
    let modulus = inside.positive()?.to_vec();
    let exponent = small(inside.integer()?).filter(|exponent| *exponent > 0)?;
    let mut secret = || {
        inside
            .positive()
            .map(|number| Zeroizing::new(number.to_vec()))
    };
    let (d, p, q) = (secret()?, secret()?, secret()?);
    let mut precomputed = Vec::new();
    while precomputed.len() < 3 && inside.peek() == Some(INTEGER) {
        precomputed.push(Zeroizing::new(inside.positive()?.to_vec()));
    }
    // More than two primes are given in a sequence, which no known tool writes.
    let is_plain = inside.peek() != Some(SEQUENCE) && outside.is_empty();
    let public = RsaNumbers { modulus, exponent };
    let key = (is_known && is_plain).then(|| RsaKey::new(public, &d, [&p, &q], &precomputed))?;
    key.map(|key| Material::Rsa(Box::new(key)))
}

/// `PRIVATE KEY`. The version is read and not looked at; what stands behind the key is not read.
fn read_pkcs8(der: &[u8]) -> Option<Material> {
    let mut inside = DerReader::new(der).enter(SEQUENCE)?;
    inside.integer().filter(|version| version.len() <= 8)?;
    let algorithm = algorithm_id(inside.take(SEQUENCE)?)?;
    let key = inside.take(OCTET_STRING)?;
    match algorithm.oid {
        oids::EC => read_ec(key, Some(&algorithm)),
        oids::RSA => read_pkcs1(key),
        oids::ED25519 if algorithm.parameters.is_empty() => read_seed(key),
        _ => None,
    }
}

fn read_seed(inside: &[u8]) -> Option<Material> {
    let seed = DerReader::new(inside).take(OCTET_STRING)?;
    let seed = (seed.len() == 32).then(|| Zeroizing::new(seed.to_vec()))?;
    Some(Material::Ed25519 { seed })
}

/// The curve is named outside in PKCS#8 and inside in SEC1; where both do, the outside counts.
fn read_ec(der: &[u8], outside: Option<&AlgorithmId<'_>>) -> Option<Material> {
    let mut inside = DerReader::new(der).enter(SEQUENCE)?;
    if inside.integer()? != [1] {
        return None;
    }
    let scalar = inside.take(OCTET_STRING)?;
    let written = inside.optional(explicit(0))?;
    let point = inside.optional(explicit(1))?;
    let oid = outside
        .and_then(|outside| oid_in(outside.parameters))
        .or_else(|| oid_in(written?))?;
    let curve = Curve::from_oid(oid)?;
    Some(Material::Ec(EcMaterial {
        curve,
        scalar: on_curve(curve, scalar)?,
        point: point.and_then(|point| Some(DerReader::new(point).bits()?.bytes.to_vec())),
    }))
}

/// Some encoders drop leading zeros of the number, others add some. Zero, and what is not below the curve's order, is no key.
fn on_curve(curve: Curve, scalar: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let digits = without_leading_zeros(scalar);
    let zeros = curve.bytes().checked_sub(digits.len())?;
    let mut padded = Zeroizing::new(vec![0; curve.bytes()]);
    padded.get_mut(zeros..)?.copy_from_slice(digits);
    let is_key = match curve {
        Curve::P224 => !digits.is_empty(),
        Curve::P256 => p256::SecretKey::from_slice(&padded).is_ok(),
        Curve::P384 => p384::SecretKey::from_slice(&padded).is_ok(),
        Curve::P521 => p521::SecretKey::from_slice(&padded).is_ok(),
    };
    is_key.then_some(padded)
}
