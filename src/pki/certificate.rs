//! One certificate and what can be asked of it.

use std::net::IpAddr;
use std::sync::Arc;

use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::encoding::{Pem, PemLabel, read_pem, write_pem};
use super::facts::Facts;
use super::mistake::EncodingError;
use super::signature::{self, Signature, Weakness};

/// An X.509 certificate: its bytes, and what they say. A copy is cheap: the CA of a mesh stands in every cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate(Arc<Contents>);

#[derive(Debug, PartialEq, Eq)]
struct Contents {
    der: Vec<u8>,
    base64: String,
    facts: Facts,
}

impl Certificate {
    /// Reads base64 of PEM, or PEM.
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        let pem = read_pem(text).map_err(CertificateError::from_encoding)?;
        Self::from_pem(&pem)
    }

    /// Reads what has been decoded already.
    pub fn from_pem(pem: &Pem) -> Result<Self, CertificateError> {
        if pem.label() != PemLabel::Certificate {
            return Err(CertificateError::PrivateKey);
        }
        let der = pem.der().to_vec();
        let facts = read_facts(&der).ok_or(CertificateError::Malformed)?;
        let base64 = pem.to_base64().expose().to_owned();
        Ok(Self(Arc::new(Contents { der, base64, facts })))
    }

    /// What it says.
    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// The DER bytes.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Base64 of PEM on one line, for Secrets and Helm values; where base64 was given, of the same bytes.
    pub fn pem_base64(&self) -> &str {
        &self.0.base64
    }

    /// PEM, with line breaks, as Go writes it.
    pub fn to_pem(&self) -> String {
        write_pem(PemLabel::Certificate, &self.0.der)
    }

    /// The common name of the subject.
    pub fn common_name(&self) -> Option<&str> {
        self.0.facts.subject.common_name.as_deref()
    }

    /// Whether `ca` issued and signed it. False also where that cannot be computed; see [`Certificate::signature_by`].
    pub fn signed_by(&self, ca: &Self) -> bool {
        self.signature_by(ca) == Signature::Valid
    }

    /// Whether `ca` issued and signed it, telling "no" and "cannot tell" apart.
    pub fn signature_by(&self, ca: &Self) -> Signature {
        match (read_x509(&self.0.der), read_x509(&ca.0.der)) {
            (Some(cert), Some(issuer)) => {
                signature::check(&cert, &issuer, ca.0.facts.public_key.kind())
            }
            _ => Signature::Invalid,
        }
    }

    /// Whether it is a CA that someone else vouches for.
    pub fn is_intermediate(&self) -> bool {
        self.0.facts.is_ca && self.0.facts.subject.der != self.0.facts.issuer.der
    }

    /// Whether a client that dials `host` accepts it; a wildcard stands for one label.
    pub fn covers_name(&self, host: &str) -> bool {
        self.0.facts.names.covers_name(host)
    }

    /// Whether a client that dials `ip` accepts it.
    pub fn covers_ip(&self, ip: IpAddr) -> bool {
        self.0.facts.names.covers_ip(ip)
    }

    /// Whether it is in date at this Unix time; its last second is still good.
    pub fn valid_at(&self, unix: i64) -> Validity {
        if unix < self.0.facts.not_before {
            Validity::NotYet
        } else if unix > self.0.facts.not_after {
            Validity::Expired
        } else {
            Validity::Ok
        }
    }

    /// Why it is too weak to be relied on, if it is.
    pub fn weakness(&self) -> Option<Weakness> {
        signature::weakness(&self.0.facts)
    }
}

fn read_facts(der: &[u8]) -> Option<Facts> {
    Facts::read(&read_x509(der)?, der)
}

fn read_x509(der: &[u8]) -> Option<X509Certificate<'_>> {
    match X509Certificate::from_der(der) {
        Ok(([], cert)) => Some(cert),
        _ => None,
    }
}

/// Where a moment lies in a certificate's lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Inside.
    Ok,
    /// Before its beginning.
    NotYet,
    /// After its end.
    Expired,
}

/// Why a text is no certificate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// It is not PEM.
    #[error(transparent)]
    Encoding(EncodingError),
    /// A private key was given in its place.
    #[error("it is a private key, not a certificate")]
    PrivateKey,
    /// A chain or bundle was given.
    #[error("it is a chain of {count} certificates; exactly one is expected")]
    Chain {
        /// How many.
        count: usize,
    },
    /// PEM says certificate, but the bytes inside are none.
    #[error("the PEM says CERTIFICATE, but what is inside is no valid X.509 certificate")]
    Malformed,
}

impl CertificateError {
    fn from_encoding(error: EncodingError) -> Self {
        match error {
            EncodingError::EncryptedKey => Self::PrivateKey,
            EncodingError::MoreThanOneBlock {
                certificates: count,
                keys: 0,
                others: 0,
            } => Self::Chain { count },
            other => Self::Encoding(other),
        }
    }

    /// What to do about it, where there is more to say than "give the right value".
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Encoding(error) => error.help(),
            Self::PrivateKey => Some("the certificate is `tls.crt` or `ca.crt` in the same Secret"),
            Self::Chain { .. } | Self::Malformed => None,
        }
    }
}
