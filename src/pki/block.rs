//! Finding the PEM blocks in a text.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use secrecy::zeroize::Zeroizing;

use super::der::{self, Extent};
use super::mistake::EncodingError;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// As Go's: padded, and bits that are not needed may be anything.
const GO_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The names of PEM blocks that people mistake for a certificate or a key; only these are ever repeated in a message.
const MISTAKEN: [&str; 11] = [
    "CERTIFICATE REQUEST",
    "DH PARAMETERS",
    "EC PARAMETERS",
    "NEW CERTIFICATE REQUEST",
    "OPENSSH PRIVATE KEY",
    "PKCS7",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "X509 CRL",
];

/// What stands between one BEGIN line and its END line.
pub(super) struct Block {
    label: String,
    /// Whether headers stand above the content.
    pub(super) has_headers: bool,
    /// Whether one of them says that the content is encrypted (OpenSSL's old form).
    pub(super) is_encrypted: bool,
    pub(super) der: Zeroizing<Vec<u8>>,
}

impl Block {
    pub(super) fn is_certificate(&self) -> bool {
        self.label == "CERTIFICATE"
    }

    /// Go takes any label that ends so.
    pub(super) fn is_key(&self) -> bool {
        self.label == "PRIVATE KEY" || self.label.ends_with(" PRIVATE KEY")
    }

    /// Whether the label, or a header, says that a passphrase protects the key.
    pub(super) fn says_encrypted(&self) -> bool {
        self.is_encrypted || self.label == "ENCRYPTED PRIVATE KEY"
    }

    /// The label, if it is one that may be shown.
    pub(super) fn known_label(&self) -> Option<&'static str> {
        MISTAKEN.into_iter().find(|known| *known == self.label)
    }
}

/// Whether there is a BEGIN or END line, damaged or not.
pub(super) fn has_markers(text: &str) -> bool {
    text.contains(BEGIN) || text.contains(END)
}

/// The blocks that Go's encoding/pem finds, which skips whatever it cannot read.
pub(super) fn as_go_reads(mut text: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    while let Some((block, rest)) = next_block(text) {
        blocks.extend(block);
        text = rest;
    }
    blocks
}

/// The next block, or a place to go on behind something that looks like one.
fn next_block(text: &[u8]) -> Option<(Option<Block>, &[u8])> {
    // END stands at the beginning of a line, and the last BEGIN before it counts.
    let end = find(text, b"\n-----END ")?;
    let (before, end) = text.split_at_checked(end)?;
    let behind_end = end.get(1 + END.len()..)?;
    let block = rfind(before, BEGIN.as_bytes())
        .filter(|begin| *begin == 0 || before.get(begin - 1) == Some(&b'\n'))
        .and_then(|begin| read_block(before.get(begin + BEGIN.len()..)?, behind_end));
    match block {
        Some((block, rest)) => Some((Some(block), rest)),
        None => Some((None, behind_end)),
    }
}

/// A block out of what stands between BEGIN and END, and behind END.
fn read_block<'t>(inside: &[u8], behind_end: &'t [u8]) -> Option<(Block, &'t [u8])> {
    let (first, mut body) = split_line(inside);
    let label = first.strip_suffix(DASHES.as_bytes())?;
    let (mut has_headers, mut is_encrypted) = (false, false);
    loop {
        let (line, rest) = split_line(body);
        if !line.contains(&b':') {
            break;
        }
        // Something must stand between headers and END, if only an empty line.
        if !body.contains(&b'\n') {
            return None;
        }
        is_encrypted |= line.starts_with(b"Proc-Type") && find(line, b"ENCRYPTED").is_some();
        has_headers = true;
        body = rest;
    }
    let rest = behind_end
        .strip_prefix(label)?
        .strip_prefix(DASHES.as_bytes())?;
    let (behind, rest) = split_line(rest);
    if !behind.is_empty() {
        return None;
    }
    let digits = body.iter().filter(|byte| !b" \t\r\n".contains(byte));
    let digits: Zeroizing<Vec<u8>> = Zeroizing::new(digits.copied().collect());
    let block = Block {
        label: str::from_utf8(label).ok()?.to_owned(),
        has_headers,
        is_encrypted,
        der: GO_BASE64
            .decode(digits.as_slice())
            .map(Zeroizing::new)
            .ok()?,
    };
    Some((block, rest))
}

/// The first line without what ends it, and the rest.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match text.iter().position(|byte| *byte == b'\n') {
        Some(end) => (
            text.get(..end).unwrap_or_default(),
            text.get(end + 1..).unwrap_or_default(),
        ),
        None => (text, <&[u8]>::default()),
    };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let blanks = line
        .iter()
        .rev()
        .take_while(|byte| b" \t".contains(byte))
        .count();
    (line.get(..line.len() - blanks).unwrap_or_default(), rest)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn rfind(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).rposition(|window| window == part)
}

/// The blocks of a text that has lost its line breaks, or says precisely what is damaged.
///
/// Environment variables often carry PEM with `\n` spelled out, and YAML folds line breaks to blanks.
pub(super) fn as_people_write(text: &str) -> Result<Vec<Block>, EncodingError> {
    let mut blocks = Vec::new();
    let mut parts = text.split(BEGIN);
    parts.next();
    for part in parts {
        let (label, body) = part.split_once(DASHES).ok_or(EncodingError::NoEndLine)?;
        let (body, end) = body.split_once(END).ok_or(EncodingError::NoEndLine)?;
        match end.split_once(DASHES) {
            None => return Err(EncodingError::NoEndLine),
            Some((name, _)) if name == label => {}
            Some(_) => return Err(EncodingError::LabelsDiffer),
        }
        let is_encrypted = body.contains("Proc-Type:") && body.contains("ENCRYPTED");
        if is_encrypted || label == "ENCRYPTED PRIVATE KEY" {
            return Err(EncodingError::EncryptedKey);
        }
        blocks.push(Block {
            label: label.to_owned(),
            has_headers: false,
            is_encrypted: false,
            der: decode_body(body)?,
        });
    }
    if blocks.is_empty() {
        return Err(EncodingError::NoBeginLine);
    }
    Ok(blocks)
}

fn decode_body(body: &str) -> Result<Zeroizing<Vec<u8>>, EncodingError> {
    if body.contains("...") || body.contains('…') {
        return Err(EncodingError::Placeholder);
    }
    let digits = without_line_breaks(body);
    let der = GO_BASE64
        .decode(digits.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| EncodingError::BodyDamaged)?;
    match der::extent(&der) {
        Extent::TooShort => Err(EncodingError::Truncated),
        Extent::Exact | Extent::Other => Ok(der),
    }
}

fn without_line_breaks(body: &str) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(body.len()));
    for part in body.split(r"\n") {
        let part = part.strip_suffix(r"\r").unwrap_or(part);
        digits.extend(part.chars().filter(|c| !c.is_whitespace()));
    }
    digits
}
