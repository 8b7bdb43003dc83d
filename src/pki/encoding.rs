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
use super::parse;
use super::secret::KeyText;
use crate::utf16;

/// The trailing `=` get lost when a terminal's selection stops before them, and nothing is lost with them.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How every base64 of PEM begins.
const PEM_IN_BASE64: &str = "LS0tLS1CRUdJTi";

/// The text in the bytes of a file: UTF-8, UTF-16 with its mark, or DER, which becomes PEM. `None` if it is none of them.
pub(crate) fn text_of_file(bytes: Vec<u8>) -> Option<KeyText> {
    let bytes = Zeroizing::new(bytes);
    if der::extent(&bytes) == Extent::Exact {
        let is_certificate = parse::certificate(&bytes).is_some();
        let label = if is_certificate {
            CERTIFICATE
        } else {
            PRIVATE_KEY
        };
        return Some(KeyText::new(write_pem(label, &bytes)));
    }
    let text = match utf16::decode(&bytes) {
        Some(text) => text,
        None => str::from_utf8(&bytes).ok()?.to_owned(),
    };
    Some(KeyText::new(text))
}

/// Reads certificates or private keys given as base64 of PEM or as PEM, and says precisely what is wrong if they are
/// neither.
///
/// What base64 encodes goes to Cilium byte for byte, so it must be what Go's encoding/pem reads. PEM itself is written
/// anew, and may have lost its line breaks.
pub(crate) fn read_pem(text: &str) -> Result<Pem, EncodingError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(EncodingError::Empty);
    }
    if block::has_markers(text) {
        let blocks = block::as_go_reads(text.as_bytes());
        let blocks = if counts(&blocks) {
            blocks
        } else {
            block::as_people_write(text)?
        };
        return Ok(Pem {
            blocks,
            given: None,
        });
    }
    if is_placeholder(text) {
        return Err(EncodingError::Placeholder);
    }
    let bytes = decode(text).ok_or_else(|| not_base64(text))?;
    read_decoded(&bytes)
}

/// Whether there is a block that can be meant.
fn counts(blocks: &[Block]) -> bool {
    blocks
        .iter()
        .any(|block| block.is_certificate() || block.is_key())
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
    let blocks = block::as_go_reads(bytes);
    if counts(&blocks) {
        let given = Some(KeyText::new(STANDARD.encode(bytes)));
        return Ok(Pem { blocks, given });
    }
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Err(EncodingError::Base64OfUtf16);
    }
    let text = str::from_utf8(bytes).map_err(|_| EncodingError::Base64OfSomethingElse)?;
    if !block::has_markers(text) {
        return Err(not_pem_inside(text));
    }
    let blocks = block::as_people_write(text)?;
    if counts(&blocks) {
        return Err(EncodingError::NotOnOwnLines);
    }
    Ok(Pem {
        blocks,
        given: None,
    })
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

/// The PEM blocks of one value. Their content is hidden from `Debug` and wiped when dropped.
pub struct Pem {
    blocks: Vec<Block>,
    /// Where base64 was given: the base64 of the very same bytes.
    given: Option<KeyText>,
}

impl Pem {
    /// The DER of each certificate, in order.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        let all = self.blocks.iter().filter(|block| block.is_certificate());
        all.map(|block| block.der.as_slice())
    }

    /// The DER of the first private key, which is the one that Go takes.
    pub fn private_key(&self) -> Option<&[u8]> {
        self.key_block().map(|block| block.der.as_slice())
    }

    pub(super) fn key_block(&self) -> Option<&Block> {
        self.blocks.iter().find(|block| block.is_key())
    }

    /// Whether what goes to Cilium as it is has a certificate under headers, which Go's pools of CAs pass over.
    pub(super) fn keeps_headers(&self) -> bool {
        let mut certificates = self.blocks.iter().filter(|block| block.is_certificate());
        self.given.is_some() && certificates.any(|block| block.has_headers)
    }

    /// How many blocks there are, of any kind.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// What the first block is, where it is neither a certificate nor a key.
    pub(super) fn unexpected(&self) -> EncodingError {
        let label = self.blocks.first().and_then(Block::known_label);
        EncodingError::UnexpectedLabel { label }
    }

    /// The single line that Helm values and Secrets hold: what was given, if it is base64 and holds only what counts
    /// (`count` blocks), so that it equals what kubectl printed; else `pem`, encoded.
    pub(super) fn base64(&self, count: usize, pem: &str) -> KeyText {
        match &self.given {
            Some(given) if self.len() == count => given.clone(),
            _ => KeyText::new(STANDARD.encode(pem)),
        }
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({} blocks, [hidden])", self.len())
    }
}

/// The labels that meshgen writes: those of Go, and so of certgen and Helm.
pub(super) const CERTIFICATE: &str = "CERTIFICATE";
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";
pub(super) const EC_PRIVATE_KEY: &str = "EC PRIVATE KEY";
pub(super) const RSA_PRIVATE_KEY: &str = "RSA PRIVATE KEY";

/// PEM exactly as Go writes it, so as certgen and Helm do.
pub(super) fn write_pem(label: &str, der: &[u8]) -> String {
    let digits = Zeroizing::new(STANDARD.encode(der));
    // Room for all of it at once: a growing string would leave copies of a key behind.
    let mut pem = String::with_capacity(digits.len() + digits.len() / 64 + 2 * label.len() + 40);
    pem.extend(["-----BEGIN ", label, "-----\n"]);
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, next) = rest.split_at(rest.len().min(64));
        pem.extend([line, "\n"]);
        rest = next;
    }
    pem.extend(["-----END ", label, "-----\n"]);
    pem
}
