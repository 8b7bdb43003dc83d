//! Secret values as people give them: base64 of PEM, as Secrets and Helm values hold it, or PEM itself.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use secrecy::zeroize::Zeroizing;

use super::block::{self, Block};
use super::der::{self, Extent};
use super::mistake::EncodingError;
use super::secret::KeyText;

/// The trailing `=` get lost when a terminal's selection stops before them, and nothing is lost with them.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How every base64 of PEM begins.
const PEM_IN_BASE64: &str = "LS0tLS1CRUdJTi";

/// Reads a certificate or private key given as base64 of PEM or as PEM, and says precisely what is wrong if it is
/// neither.
///
/// Line breaks and blanks inside the base64 are skipped. PEM itself may have lost its line breaks.
pub fn read_pem(text: &str) -> Result<Pem, EncodingError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(EncodingError::Empty);
    }
    if block::has_markers(text) {
        return block::find(text).map(Pem::rewritten);
    }
    if is_placeholder(text) {
        return Err(EncodingError::Placeholder);
    }
    let bytes = decode(text).ok_or_else(|| not_base64(text))?;
    read_decoded(&bytes)
}

fn is_placeholder(text: &str) -> bool {
    let between = |open, close| text.starts_with(open) && text.ends_with(close);
    between("<", ">")
        || between("${", "}")
        || between("{{", "}}")
        || text.contains("...")
        || text.contains('…')
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    LENIENT.decode(digits.as_bytes()).ok().map(Zeroizing::new)
}

fn not_base64(text: &str) -> EncodingError {
    if text.starts_with(PEM_IN_BASE64) {
        EncodingError::Base64Damaged
    } else {
        EncodingError::NeitherBase64NorPem
    }
}

fn read_decoded(bytes: &[u8]) -> Result<Pem, EncodingError> {
    if der::extent(bytes) == Extent::Exact {
        return Err(EncodingError::Base64OfDer);
    }
    let text = str::from_utf8(bytes).map_err(|_| EncodingError::Base64OfSomethingElse)?;
    if !block::has_markers(text) {
        return Err(not_pem_inside(text));
    }
    let block = block::find(text)?;
    if !block.own_lines {
        return Err(EncodingError::NotOnOwnLines);
    }
    Ok(Pem::kept(block, bytes))
}

fn not_pem_inside(text: &str) -> EncodingError {
    let text = text.trim();
    if text.is_empty() {
        EncodingError::Empty
    } else if is_placeholder(text) {
        EncodingError::Placeholder
    } else if is_encoded_again(text) {
        EncodingError::Base64Twice
    } else {
        EncodingError::Base64OfSomethingElse
    }
}

fn is_encoded_again(text: &str) -> bool {
    text.starts_with(PEM_IN_BASE64)
        || decode(text).is_some_and(|bytes| der::extent(&bytes) == Extent::Exact)
}

/// One PEM block, read and unharmed. Its content is hidden from `Debug` and wiped when dropped.
#[derive(Clone)]
pub struct Pem {
    label: PemLabel,
    der: Zeroizing<Vec<u8>>,
    base64: KeyText,
}

impl Pem {
    /// What the BEGIN line says.
    pub fn label(&self) -> PemLabel {
        self.label
    }

    /// The DER bytes inside.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The single line that Helm values and Secrets hold. Where base64 was given it encodes the very same bytes, so it
    /// equals what kubectl printed.
    pub fn to_base64(&self) -> KeyText {
        self.base64.clone()
    }

    fn kept(block: Block, pem: &[u8]) -> Self {
        Self {
            label: block.label,
            der: block.der,
            base64: KeyText::new(STANDARD.encode(pem)),
        }
    }

    fn rewritten(block: Block) -> Self {
        let pem = Zeroizing::new(write_pem(block.label, &block.der));
        Self::kept(block, pem.as_bytes())
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({}, [hidden])", self.label.name())
    }
}

/// PEM exactly as Go writes it, so as certgen and Helm do.
pub(super) fn write_pem(label: PemLabel, der: &[u8]) -> String {
    let digits = Zeroizing::new(STANDARD.encode(der));
    let name = label.name();
    // Room for all of it at once: a growing string would leave copies of a key behind.
    let mut pem = String::with_capacity(digits.len() + digits.len() / 64 + 2 * name.len() + 40);
    pem.extend(["-----BEGIN ", name, "-----\n"]);
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, next) = rest.split_at(rest.len().min(64));
        pem.extend([line, "\n"]);
        rest = next;
    }
    pem.extend(["-----END ", name, "-----\n"]);
    pem
}

/// The kinds of PEM block that meshgen reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemLabel {
    /// `CERTIFICATE`
    Certificate,
    /// `PRIVATE KEY`, PKCS#8
    PrivateKey,
    /// `EC PRIVATE KEY`, SEC1: what certgen writes
    EcPrivateKey,
    /// `RSA PRIVATE KEY`, PKCS#1: what Helm writes
    RsaPrivateKey,
}

impl PemLabel {
    const ALL: [Self; 4] = [
        Self::Certificate,
        Self::PrivateKey,
        Self::EcPrivateKey,
        Self::RsaPrivateKey,
    ];

    /// The words of the BEGIN line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certificate => "CERTIFICATE",
            Self::PrivateKey => "PRIVATE KEY",
            Self::EcPrivateKey => "EC PRIVATE KEY",
            Self::RsaPrivateKey => "RSA PRIVATE KEY",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.name() == name)
    }
}
