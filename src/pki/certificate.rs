//! One certificate and what can be asked of it.

use std::net::IpAddr;
use std::sync::Arc;

use thiserror::Error;

use super::chain::{self, Refusal};
use super::der::{self, Extent};
use super::encoding::{CERTIFICATE, Pem, read_pem, write_pem};
use super::facts::Facts;
use super::mistake::EncodingError;
use super::parse;
use super::signature::{self, Signature, Weakness};

/// An X.509 certificate, and the CAs that were given behind it: its bytes, and what they say. A copy is cheap: the CA of a
/// mesh stands in every cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate(Arc<CertificateContents>);

#[derive(Debug, PartialEq, Eq)]
struct CertificateContents {
    der: Vec<u8>,
    pem: String,
    base64: String,
    facts: Facts,
    /// Whether it stands under PEM headers, in base64 that goes to Cilium as it is.
    keeps_headers: bool,
    /// What stands behind the first certificate, without repetitions.
    others: Vec<Facts>,
}

impl Certificate {
    /// Reads base64 of PEM, or PEM: one certificate, or a chain that begins with it.
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        let pem = read_pem(text).map_err(CertificateError::from_encoding)?;
        Self::from_pem(&pem)
    }

    /// Reads what has been decoded already. Whatever else stands in the PEM, such as a key, is left out.
    pub fn from_pem(pem: &Pem) -> Result<Self, CertificateError> {
        let mut all: Vec<(&[u8], Facts)> = Vec::new();
        for (index, der) in pem.certificates().enumerate() {
            if all.iter().any(|(known, _)| *known == der) {
                continue;
            }
            let position = index + 1;
            let facts = parse::certificate(der).ok_or_else(|| malformed(der, position))?;
            all.push((der, facts));
        }
        let text: String = all
            .iter()
            .map(|(der, _)| write_pem(CERTIFICATE, der))
            .collect();
        let base64 = pem.base64(all.len(), &text).expose().to_owned();
        let mut all = all.into_iter();
        let Some((der, facts)) = all.next() else {
            return Err(match pem.private_key() {
                Some(_) => CertificateError::PrivateKey,
                None => CertificateError::Encoding(pem.unexpected()),
            });
        };
        Ok(Self(Arc::new(CertificateContents {
            der: der.to_vec(),
            pem: text,
            base64,
            facts,
            keeps_headers: pem.keeps_headers(),
            others: all.map(|(_, facts)| facts).collect(),
        })))
    }

    /// What it says.
    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// What the certificates behind it say.
    pub(super) fn others(&self) -> &[Facts] {
        &self.0.others
    }

    pub(super) fn keeps_headers(&self) -> bool {
        self.0.keeps_headers
    }

    /// The DER bytes.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Base64 of PEM on one line, for Secrets and Helm values; where base64 was given, of the same bytes.
    pub fn pem_base64(&self) -> &str {
        &self.0.base64
    }

    /// PEM, with line breaks, as Go writes it; with the certificates behind it.
    pub fn to_pem(&self) -> String {
        self.0.pem.clone()
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
        signature::check(&self.0.facts, &ca.0.facts)
    }

    /// Whether a server that trusts `ca` takes it from a client, over the CAs that stand behind it; its own dates and those of
    /// `ca` apart. Without `now` (Unix seconds) no date is looked at.
    pub fn verify(&self, ca: &Self, now: Option<i64>) -> Result<(), Refusal> {
        let trusted: Vec<&Facts> = std::iter::once(ca.facts()).chain(ca.others()).collect();
        chain::verify(&self.0.facts, &self.0.others, &trusted, now)
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
    /// PEM says certificate, but the bytes inside are none that Go reads.
    #[error("{} is no X.509 certificate that Go, and so Cilium, can read", which(*.position))]
    Malformed {
        /// Which one of a chain, from 1.
        position: usize,
    },
}

fn malformed(der: &[u8], position: usize) -> CertificateError {
    match der::extent(der) {
        Extent::TooShort => CertificateError::Encoding(EncodingError::Truncated),
        _ => CertificateError::Malformed { position },
    }
}

fn which(position: usize) -> String {
    match position {
        1 => "the PEM says CERTIFICATE, but what is inside".to_owned(),
        position => format!("certificate {position} of the chain"),
    }
}

impl CertificateError {
    fn from_encoding(error: EncodingError) -> Self {
        match error {
            EncodingError::EncryptedKey => Self::PrivateKey,
            other => Self::Encoding(other),
        }
    }

    /// What to do about it, where there is more to say than "give the right value".
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Encoding(error) => error.help(),
            Self::PrivateKey => Some(
                "exchange `cert` and `key` where each holds the other; in a Secret the certificate is `tls.crt` or `ca.crt`",
            ),
            Self::Malformed { .. } => Some(
                "have it made again: Go refuses damaged DER, versions above 3, negative serial numbers, doubled extensions, and malformed times, names and keys",
            ),
        }
    }
}
