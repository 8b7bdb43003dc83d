//! Private keys as users give them.

use std::fmt;

use thiserror::Error;

use super::certificate::Certificate;
use super::encoding::{Pem, PemLabel, read_pem};
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
        let pem = read_pem(text).map_err(KeyError::from_encoding)?;
        Self::from_pem(&pem)
    }

    /// Reads what has been decoded already.
    pub fn from_pem(pem: &Pem) -> Result<Self, KeyError> {
        let read = match pem.label() {
            PemLabel::Certificate => return Err(KeyError::Certificate),
            PemLabel::PrivateKey => Material::read_pkcs8,
            PemLabel::EcPrivateKey => Material::read_sec1,
            PemLabel::RsaPrivateKey => Material::read_pkcs1,
        };
        Ok(Self {
            material: read(pem.der()).ok_or(KeyError::Malformed { label: pem.label() })?,
            base64: pem.to_base64(),
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
    /// The bytes inside are not of the form that the PEM names.
    #[error("the PEM says {}, but what is inside is no such key", .label.name())]
    Malformed {
        /// The form that the PEM names.
        label: PemLabel,
    },
}

impl KeyError {
    fn from_encoding(error: EncodingError) -> Self {
        match error {
            EncodingError::MoreThanOneBlock {
                keys: 0, others: 0, ..
            } => Self::Certificate,
            other => Self::Encoding(other),
        }
    }

    /// What to do about it, where there is more to say than "give the right value".
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Encoding(error) => error.help(),
            Self::Certificate => Some("the key is `tls.key` or `ca.key` in the same Secret"),
            Self::Malformed { .. } => None,
        }
    }
}
