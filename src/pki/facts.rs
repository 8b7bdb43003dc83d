//! What a certificate says, in plain values.

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::x509::X509Name;

use super::names::Names;
use super::public_key::PublicKey;
use super::signature::{self, Signature};

/// The facts of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whom it is about.
    pub subject: Subject,
    /// Who says that it signed it.
    pub issuer: Subject,
    /// Whether it may sign others (basic constraints).
    pub is_ca: bool,
    /// How many CAs may follow below it.
    pub path_len: Option<u32>,
    /// Whether its key usage allows to sign certificates; `None` if it says nothing about key usage.
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
    /// The object identifier of the signature algorithm.
    pub signature_algorithm: String,
    /// Subject key identifier, hexadecimal.
    pub subject_key_id: Option<String>,
    /// Authority key identifier, hexadecimal.
    pub authority_key_id: Option<String>,
    /// Whether it names itself as issuer and no other key can be shown to have signed it.
    pub self_signed: bool,
    /// SHA-256 of the DER bytes, hexadecimal, lower case, no colons.
    pub fingerprint: String,
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
    /// No such extension, which allows everything.
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
    /// `None` if an extension or the key is malformed or an extension comes twice: Go refuses those too.
    pub(super) fn read(cert: &X509Certificate<'_>, der: &[u8]) -> Option<Self> {
        cert.extensions_map().ok()?;
        let mut facts = Self::without_extensions(cert, der)?;
        let own = signature::check(cert, cert, facts.public_key.kind());
        facts.self_signed = own != Signature::Invalid;
        for extension in cert.extensions() {
            facts.add(extension.parsed_extension())?;
        }
        Some(facts)
    }

    fn without_extensions(cert: &X509Certificate<'_>, der: &[u8]) -> Option<Self> {
        let validity = cert.validity();
        Some(Self {
            subject: Subject::read(cert.subject()),
            issuer: Subject::read(cert.issuer()),
            is_ca: false,
            path_len: None,
            cert_sign: None,
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            usage: ExtendedUsage::Absent,
            names: Names::default(),
            public_key: PublicKey::read(cert.public_key())?,
            signature_algorithm: cert.signature_algorithm.algorithm.to_id_string(),
            subject_key_id: None,
            authority_key_id: None,
            self_signed: false,
            fingerprint: hex(&Sha256::digest(der)),
        })
    }

    fn add(&mut self, extension: &ParsedExtension<'_>) -> Option<()> {
        match extension {
            ParsedExtension::ParseError { .. } => return None,
            ParsedExtension::BasicConstraints(constraints) => {
                self.is_ca = constraints.ca;
                self.path_len = constraints.path_len_constraint;
            }
            ParsedExtension::KeyUsage(usage) => self.cert_sign = Some(usage.key_cert_sign()),
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.usage = ExtendedUsage::Listed {
                    client: usage.client_auth,
                    server: usage.server_auth,
                    any: usage.any,
                };
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                self.names = Names::read(&names.general_names);
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(hex(id.0)),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|id| hex(id.0));
            }
            _ => {}
        }
        Some(())
    }
}

impl Subject {
    fn read(name: &X509Name<'_>) -> Self {
        let common_name = name.iter_common_name().last();
        Self {
            common_name: common_name
                .and_then(|cn| cn.as_str().ok())
                .map(str::to_owned),
            der: name.as_raw().to_vec(),
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
