//! What a certificate says, in plain values.

use super::algorithm::Algorithm;
use super::constraints::Constraints;
use super::der::is_negative;
use super::names::Names;
use super::policies::PolicyFacts;
use super::public_key::PublicKey;

/// The facts of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whom it is about.
    pub subject: Subject,
    /// The issuer.
    pub issuer: Subject,
    /// Whether it may sign others: its basic constraints say so, or it is of version 1 or 2, which have none.
    pub is_ca: bool,
    /// How many CAs may follow below it.
    pub path_len: Option<u32>,
    /// Whether its key usage allows to sign certificates; `None` if it names no usage at all.
    pub cert_sign: Option<bool>,
    /// First second of validity, Unix time.
    pub not_before: i64,
    /// Last second of validity, Unix time.
    pub not_after: i64,
    /// What TLS may use it for.
    pub usage: ExtendedUsage,
    /// Subject alternative names.
    pub names: Names,
    /// The key it vouches for.
    pub public_key: PublicKey,
    /// Subject key identifier, hexadecimal.
    pub subject_key_id: Option<String>,
    /// Authority key identifier, hexadecimal.
    pub authority_key_id: Option<String>,
    /// Whether it names itself as issuer and no other key can be shown to have signed it.
    pub self_signed: bool,
    /// SHA-256 of the DER bytes, hexadecimal, lower case, no colons.
    pub fingerprint: String,
    /// 1, 2 or 3.
    pub(super) version: u8,
    /// Whether basic constraints, if there are any, say that it is a CA.
    pub(super) says_ca: Option<bool>,
    /// The first critical extension that Go does not know, as dotted numbers.
    pub(super) unknown_critical: Option<String>,
    /// Which names those below it may have.
    pub(super) constraints: Option<Constraints>,
    pub(super) policies: PolicyFacts,
    pub(super) signed: Signed,
    /// The subject's public key as DER.
    pub(super) spki: Vec<u8>,
}

/// What was signed, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) algorithm: Algorithm,
    pub(super) content: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// A distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The (last) common name.
    pub common_name: Option<String>,
    /// The DER bytes, which is what verifiers compare.
    pub der: Vec<u8>,
}

/// The extended key usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendedUsage {
    /// None is named, which allows everything.
    Absent,
    /// Only what is listed.
    Listed {
        /// TLS client authentication.
        client: bool,
        /// TLS server authentication.
        server: bool,
        /// Any usage.
        any: bool,
    },
}

impl ExtendedUsage {
    /// Whether a TLS server takes it from a client.
    pub fn allows_client(self) -> bool {
        matches!(
            self,
            Self::Absent | Self::Listed { client: true, .. } | Self::Listed { any: true, .. }
        )
    }

    /// Whether a TLS client takes it from a server.
    pub fn allows_server(self) -> bool {
        matches!(
            self,
            Self::Absent | Self::Listed { server: true, .. } | Self::Listed { any: true, .. }
        )
    }
}

impl Facts {
    /// Whether Go takes its key for one that may sign certificates.
    pub(super) fn may_sign(&self) -> bool {
        self.is_ca && self.cert_sign != Some(false)
    }
}

/// The bytes of a serial number that Go takes: it refuses negative ones.
pub(super) fn is_serial(digits: &[u8]) -> bool {
    !is_negative(digits)
}
