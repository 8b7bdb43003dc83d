//! Private keys as users give them.

use std::fmt;

use thiserror::Error;

use super::block::Block;
use super::certificate::Certificate;
use super::der::{self, Extent};
use super::encoding::{EC_PRIVATE_KEY, PRIVATE_KEY, Pem, RSA_PRIVATE_KEY, read_pem, write_pem};
use super::fit::{self, Fit};
use super::material::Material;
use super::mistake::EncodingError;
use super::public_key::KeyKind;
use super::secret::KeyText;

/// A private key, read only as far as it takes to tell which certificate it belongs to. `Debug` shows its kind alone.
#[derive(Clone)]
pub struct PrivateKey {
    base64: KeyText,
    material: Material,
}

impl PrivateKey {
    /// Reads base64 of PEM, or PEM: PKCS#8, SEC1 (`EC PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`).
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let pem = read_pem(text).map_err(KeyError::Encoding)?;
        Self::from_pem(&pem)
    }

    /// Reads what has been decoded already. The first key counts; whatever else stands in the PEM is left out.
    pub fn from_pem(pem: &Pem) -> Result<Self, KeyError> {
        let Some(block) = pem.key_block() else {
            return Err(match pem.certificates().next() {
                Some(_) => KeyError::Certificate,
                None => KeyError::Encoding(pem.unexpected()),
            });
        };
        let Some(material) = Material::read(&block.der).filter(|_| !block.is_encrypted) else {
            return Err(unreadable(block));
        };
        let text = write_pem(label(&block.der, &material), &block.der);
        Ok(Self {
            base64: pem.base64(1, &text),
            material,
        })
    }

    /// Base64 of PEM on one line, for Secrets and Helm values; where base64 was given, of the same bytes.
    pub fn pem_base64(&self) -> &KeyText {
        &self.base64
    }

    /// The kind and size.
    pub fn kind(&self) -> KeyKind {
        self.material.kind()
    }

    /// Whether it is the key that the certificate vouches for.
    pub fn fits(&self, cert: &Certificate) -> Fit {
        fit::compare(&self.material, &cert.facts().public_key)
    }
}

/// The label that belongs to the content: PKCS#8 has a sequence behind its version, the others a number.
fn label(der: &[u8], material: &Material) -> &'static str {
    match material {
        _ if Material::is_pkcs8(der) => PRIVATE_KEY,
        Material::Rsa(_) => RSA_PRIVATE_KEY,
        Material::Ec(_) | Material::Ed25519 { .. } => EC_PRIVATE_KEY,
    }
}

fn unreadable(block: &Block) -> KeyError {
    if block.says_encrypted() {
        return KeyError::Encoding(EncodingError::EncryptedKey);
    }
    if der::extent(&block.der) == Extent::TooShort {
        return KeyError::Encoding(EncodingError::Truncated);
    }
    match block.known_label() {
        Some(label) => KeyError::Encoding(EncodingError::UnexpectedLabel { label: Some(label) }),
        None => KeyError::Malformed,
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, [hidden])", self.kind())
    }
}

/// Why a text is no private key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// It is not PEM.
    #[error(transparent)]
    Encoding(EncodingError),
    /// A certificate, or a chain of them, was given in its place.
    #[error("it is a certificate, not a private key")]
    Certificate,
    /// What is inside is no key, or its numbers do not agree.
    #[error(
        "the PEM says PRIVATE KEY, but what is inside is no key that Go, and so Cilium, can use"
    )]
    Malformed,
}

impl KeyError {
    /// What to do about it, where there is more to say than "give the right value".
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Encoding(error) => error.help(),
            Self::Certificate => Some(
                "exchange `cert` and `key` where each holds the other; in a Secret the key is `tls.key` or `ca.key`",
            ),
            Self::Malformed => Some(
                "Go reads PKCS#8, PKCS#1 and SEC1, of RSA, P-256, P-384, P-521 (named, not as explicit parameters) and Ed25519, and refuses a key of which a character was changed; take it from its Secret again",
            ),
        }
    }
}
