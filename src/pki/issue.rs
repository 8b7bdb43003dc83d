//! Making CAs and remote certificates, as Cilium's own certificate Job makes them: ECDSA P-256, the same names and usages.
//!
//! Source: `certgen` (`internal/defaults/defaults.go`, `cmd/certgen.go`) and the chart's `tls-cronjob/_job-spec.tpl`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use secrecy::zeroize::Zeroizing;
use time::{Duration, OffsetDateTime};
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

use super::{Certificate, PrivateKey};

/// A certificate with its key, both as PEM.
pub(crate) struct Issued {
    /// The certificate.
    pub(crate) cert: String,
    /// The private key, PKCS#8.
    pub(crate) key: Zeroizing<String>,
}

/// Why nothing could be issued. Names no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssueError {
    /// The key of the CA is of a kind that cannot sign here.
    #[error(
        "the key of the CA cannot be used to sign here; meshgen signs with PKCS#8 keys, RSA keys and the P-256 keys that Cilium makes"
    )]
    Key,
    /// The certificate would end after the year 9999, which X.509 cannot say.
    #[error("the certificate would end after the year 9999; give an earlier --now or fewer --days")]
    Dates,
    /// The library refuses.
    #[error("the certificate cannot be made: {0}")]
    Library(#[from] rcgen::Error),
}

/// When a certificate begins, and how long it lasts.
#[derive(Clone, Copy)]
pub(crate) struct ValidSpan {
    /// Its first second, Unix time.
    pub(crate) from: i64,
    /// Its length in days.
    pub(crate) days: u32,
}

impl ValidSpan {
    /// Its last second, Unix time.
    pub(crate) fn end(self) -> i64 {
        self.from.saturating_add(i64::from(self.days) * 86_400)
    }

    fn apply(self, params: &mut CertificateParams) -> Result<(), IssueError> {
        let start =
            OffsetDateTime::from_unix_timestamp(self.from).map_err(|_| IssueError::Dates)?;
        let end = start.checked_add(Duration::days(self.days.into()));
        params.not_before = start;
        params.not_after = end.ok_or(IssueError::Dates)?;
        Ok(())
    }
}

/// A new CA, called as Cilium calls its own.
pub(crate) fn new_ca(span: ValidSpan) -> Result<Issued, IssueError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Cilium CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    span.apply(&mut params)?;
    let cert = params.self_signed(&key)?;
    Ok(issued(&cert, &key))
}

/// The same CA with new dates: its name and its key stay, so that everything that it has signed still chains to it.
pub(crate) fn renewed_ca(
    cert: &Certificate,
    key: &PrivateKey,
    span: ValidSpan,
) -> Result<Issued, IssueError> {
    let pair = key_pair(key)?;
    let (_, old) = X509Certificate::from_der(cert.der())
        .map_err(|_| rcgen::Error::CouldNotParseCertificate)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = name_of(&old)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    if let Some(id) = key_id_of(&old) {
        params.key_identifier_method = KeyIdMethod::PreSpecified(id);
    }
    span.apply(&mut params)?;
    let renewed = params.self_signed(&pair)?;
    Ok(issued(&renewed, &pair))
}

/// The name of a certificate, part by part and in the same string types: the names of what it has signed must be equal to it.
fn name_of(cert: &X509Certificate<'_>) -> Result<DistinguishedName, IssueError> {
    let unreadable = || IssueError::Library(rcgen::Error::CouldNotParseCertificate);
    let mut name = DistinguishedName::new();
    for part in cert.subject().iter_attributes() {
        let oid = part.attr_type().iter().ok_or_else(unreadable)?;
        let text = part.as_str().map_err(|_| unreadable())?;
        let value = match part.attr_value().tag() {
            Tag::PrintableString => DnValue::PrintableString(text.try_into()?),
            Tag::Ia5String => DnValue::Ia5String(text.try_into()?),
            Tag::Utf8String => DnValue::Utf8String(text.to_owned()),
            _ => return Err(unreadable()),
        };
        name.push(DnType::from_oid(&oid.collect::<Vec<u64>>()), value);
    }
    Ok(name)
}

/// By which its leaves name it.
fn key_id_of(cert: &X509Certificate<'_>) -> Option<Vec<u8>> {
    cert.extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        })
}

/// A remote certificate: a client certificate with a common name that the peers' servers know.
pub(crate) fn remote(
    ca: (&Certificate, &PrivateKey),
    common_name: &str,
    has_dns_name: bool,
    span: ValidSpan,
) -> Result<Issued, IssueError> {
    let ca_key = key_pair(ca.1)?;
    let issuer = Issuer::from_ca_cert_pem(&ca.0.to_pem(), &ca_key)?;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let dns_name = has_dns_name.then(|| common_name.to_owned());
    let mut params = CertificateParams::new(dns_name.into_iter().collect::<Vec<_>>())?;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    span.apply(&mut params)?;
    let cert = params.signed_by(&key, &issuer)?;
    Ok(issued(&cert, &key))
}

fn issued(cert: &rcgen::Certificate, key: &KeyPair) -> Issued {
    Issued {
        cert: cert.pem(),
        key: Zeroizing::new(key.serialize_pem()),
    }
}

/// The key as the library takes it. Cilium's Job writes P-256 keys in SEC1 form, Helm and openssl write RSA keys in PKCS#1 form.
fn key_pair(key: &PrivateKey) -> Result<KeyPair, IssueError> {
    let pem = STANDARD
        .decode(key.pem_base64().expose())
        .map_err(|_| IssueError::Key)?;
    let pem = Zeroizing::new(String::from_utf8(pem).map_err(|_| IssueError::Key)?);
    if let Ok(pair) = KeyPair::from_pem(&pem) {
        return Ok(pair);
    }
    let body: Zeroizing<String> = Zeroizing::new(
        pem.lines()
            .filter(|line| !line.starts_with("-----"))
            .collect(),
    );
    let der = Zeroizing::new(
        STANDARD
            .decode(body.as_bytes())
            .map_err(|_| IssueError::Key)?,
    );
    sec1(&der).or_else(|| pkcs1(&der)).ok_or(IssueError::Key)
}

fn pkcs1(der: &[u8]) -> Option<KeyPair> {
    use p256::pkcs8::der::asn1::OctetStringRef;
    use p256::pkcs8::der::{AnyRef, Encode};
    use p256::pkcs8::spki::AlgorithmIdentifierRef;
    use p256::pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
    let rsa = AlgorithmIdentifierRef {
        oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"),
        parameters: Some(AnyRef::NULL),
    };
    let info = PrivateKeyInfoRef::new(rsa, OctetStringRef::new(der).ok()?);
    let pkcs8 = Zeroizing::new(info.to_der().ok()?);
    KeyPair::try_from(pkcs8.as_slice()).ok()
}

fn sec1(der: &[u8]) -> Option<KeyPair> {
    use p256::pkcs8::EncodePrivateKey;
    let key = p256::SecretKey::from_sec1_der(der).ok()?;
    let pkcs8 = key.to_pkcs8_der().ok()?;
    KeyPair::try_from(pkcs8.as_bytes()).ok()
}
