//! Whether a private key and a certificate belong together: it does if it signs what the certificate's key verifies.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ED25519, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, UnparsedPublicKey,
};

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
        (Material::Rsa(key), PublicKey::Rsa(public)) => key.signs_for(public).into(),
        (Material::Ed25519 { seed }, PublicKey::Ed25519(point)) => {
            signs_ed25519(seed, point).into()
        }
        (Material::Ec(key), PublicKey::Ec { curve, point }) if key.curve == *curve => {
            compare_ec(key, point)
        }
        _ => Fit::No,
    }
}

/// What is signed to find out. The signature goes nowhere.
const MESSAGE: [u8; 66] = [0x5a; 66];

fn signs_ed25519(seed: &[u8], point: &[u8]) -> bool {
    Ed25519KeyPair::from_seed_unchecked(seed).is_ok_and(|key| {
        let signature = key.sign(&MESSAGE);
        UnparsedPublicKey::new(&ED25519, point)
            .verify(&MESSAGE, signature.as_ref())
            .is_ok()
    })
}

/// A key signs what a public key verifies exactly where that is the point which follows from it, so the points are compared:
/// that takes a tenth of the time of signing and verifying.
fn compare_ec(key: &EcMaterial, point: &[u8]) -> Fit {
    match key.curve {
        Curve::P256 => is_pair(&ECDSA_P256_SHA256_ASN1_SIGNING, &key.scalar, point).into(),
        Curve::P384 => is_pair(&ECDSA_P384_SHA384_ASN1_SIGNING, &key.scalar, point).into(),
        Curve::P521 => p521::SecretKey::from_slice(&key.scalar)
            .is_ok_and(|key| key.public_key().to_sec1_bytes().as_ref() == point)
            .into(),
        // No library here computes on P-224, so the public key that the file carries has to be believed.
        Curve::P224 => match key.point.as_deref() {
            Some(written) => (written == point).into(),
            None => {
                Fit::Unknown("the key file does not carry its public key, and the curve is P-224")
            }
        },
    }
}

/// Whether a point of a curve is that of a private key; ring takes no other pair.
fn is_pair(curve: &'static EcdsaSigningAlgorithm, scalar: &[u8], point: &[u8]) -> bool {
    let random = SystemRandom::new();
    EcdsaKeyPair::from_private_key_and_public_key(curve, scalar, point, &random).is_ok()
}
