//! Whether a private key and a certificate belong together: it does if it signs what the certificate's key verifies.

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};

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

fn compare_ec(key: &EcMaterial, point: &[u8]) -> Fit {
    macro_rules! signs {
        ($curve:ident) => {{
            use $curve::ecdsa::signature::hazmat::PrehashSigner;
            use $curve::ecdsa::{Signature, SigningKey};
            let digest = MESSAGE.get(..key.curve.bytes()).unwrap_or_default();
            SigningKey::from_slice(&key.scalar)
                .and_then(|key| PrehashSigner::<Signature>::sign_prehash(&key, digest))
                .is_ok_and(|made| key.curve.verify(point, digest, made.to_der().as_bytes()))
                .into()
        }};
    }
    match key.curve {
        Curve::P256 => signs!(p256),
        Curve::P384 => signs!(p384),
        Curve::P521 => signs!(p521),
        // No library here computes on P-224, so the public key that the file carries has to be believed.
        Curve::P224 => match key.point.as_deref() {
            Some(written) => (written == point).into(),
            None => {
                Fit::Unknown("the key file does not carry its public key, and the curve is P-224")
            }
        },
    }
}
