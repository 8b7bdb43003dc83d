//! Whether a private key and a certificate belong together.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair,
};
use secrecy::zeroize::Zeroizing;

use super::der::without_leading_zeros;
use super::material::{EcMaterial, Material};
use super::public_key::{Curve, PublicKey};

/// Whether a private key is the one that a certificate vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is.
    Yes,
    /// It is another key.
    No,
    /// meshgen cannot tell, for this reason.
    Unknown(&'static str),
}

impl From<bool> for Fit {
    fn from(same: bool) -> Self {
        if same { Self::Yes } else { Self::No }
    }
}

pub(super) fn compare(private: &Material, public: &PublicKey) -> Fit {
    match (private, public) {
        (Material::Other, PublicKey::Other) => Fit::Unknown("the kind of key is not known"),
        (
            Material::Rsa { modulus, exponent },
            PublicKey::Rsa {
                modulus: m,
                exponent: e,
            },
        ) => (modulus == m && exponent == e).into(),
        (Material::Ed25519 { seed }, PublicKey::Ed25519(point)) => {
            Ed25519KeyPair::from_seed_and_public_key(seed, point)
                .is_ok()
                .into()
        }
        (Material::Ec(key), PublicKey::Ec { curve, point }) => compare_ec(key, *curve, point),
        _ => Fit::No,
    }
}

fn compare_ec(key: &EcMaterial, curve: Curve, point: &[u8]) -> Fit {
    // A bare SEC1 key need not name its curve; then only the certificate's can be meant.
    if key.curve.is_some_and(|own| own != curve) {
        return Fit::No;
    }
    match curve {
        _ if point.first() != Some(&4) => Fit::Unknown("the certificate's point is compressed"),
        Curve::P256 => compare_point(&ECDSA_P256_SHA256_ASN1_SIGNING, 32, key, point),
        Curve::P384 => compare_point(&ECDSA_P384_SHA384_ASN1_SIGNING, 48, key, point),
        Curve::P521 | Curve::Other { .. } => compare_written_point(key, point),
    }
}

/// ring computes the public key from the private one and compares.
fn compare_point(
    algorithm: &'static EcdsaSigningAlgorithm,
    length: usize,
    key: &EcMaterial,
    point: &[u8],
) -> Fit {
    let Some(scalar) = padded(&key.scalar, length) else {
        return Fit::No;
    };
    let random = SystemRandom::new();
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, &scalar, point, &random)
        .is_ok()
        .into()
}

/// Some encoders drop leading zeros of the number, others add some.
fn padded(scalar: &[u8], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let digits = without_leading_zeros(scalar);
    let zeros = length.checked_sub(digits.len())?;
    let mut padded = Zeroizing::new(vec![0; length]);
    padded.get_mut(zeros..)?.copy_from_slice(digits);
    Some(padded)
}

/// No library here computes on other curves, so the public key that the file carries has to be believed.
fn compare_written_point(key: &EcMaterial, point: &[u8]) -> Fit {
    match key.point.as_deref() {
        Some(written) if written.first() == Some(&4) => (written == point).into(),
        _ => Fit::Unknown(
            "the key file does not carry its public key, and the curve is not P-256 or P-384",
        ),
    }
}
