//! Finding the one PEM block in a text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

use super::der::{self, Extent};
use super::encoding::PemLabel;
use super::mistake::EncodingError;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The names of PEM blocks that people mistake for a certificate or a key; only these are ever repeated in a message.
const MISTAKEN: [&str; 11] = [
    "CERTIFICATE REQUEST",
    "DH PARAMETERS",
    "DSA PRIVATE KEY",
    "EC PARAMETERS",
    "NEW CERTIFICATE REQUEST",
    "OPENSSH PRIVATE KEY",
    "PKCS7",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "TRUSTED CERTIFICATE",
    "X509 CRL",
];

/// What stands between one BEGIN line and its END line.
pub(super) struct Block {
    pub(super) label: PemLabel,
    pub(super) der: Zeroizing<Vec<u8>>,
    /// Whether BEGIN and END stand on lines of their own, without which Go does not see them.
    pub(super) own_lines: bool,
}

/// Whether there is a BEGIN or END line, damaged or not.
pub(super) fn has_markers(text: &str) -> bool {
    text.contains(BEGIN) || text.contains(END)
}

/// Reads the only block of `text`; text before and after it is skipped, as every PEM reader does.
pub(super) fn find(text: &str) -> Result<Block, EncodingError> {
    let labels: Vec<&str> = text.split(BEGIN).skip(1).map(label_of).collect();
    let &[name] = labels.as_slice() else {
        return Err(not_one_block(&labels));
    };
    let body = body_of(text).ok_or(EncodingError::NoEndLine)?;
    let label = known_label(name, body)?;
    let after = body.split_once(END).ok_or(EncodingError::NoEndLine)?;
    check_end(after.1, name)?;
    Ok(Block {
        label,
        der: decode_body(after.0)?,
        own_lines: has_own_lines(text),
    })
}

fn label_of(after_begin: &str) -> &str {
    after_begin
        .split_once(DASHES)
        .map_or("", |(label, _)| label)
}

fn body_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(BEGIN)?;
    rest.split_once(DASHES).map(|(_, body)| body)
}

fn not_one_block(labels: &[&str]) -> EncodingError {
    if labels.is_empty() {
        return EncodingError::NoBeginLine;
    }
    let certificates = labels.iter().filter(|l| **l == "CERTIFICATE").count();
    let keys = labels.iter().filter(|l| l.ends_with("PRIVATE KEY")).count();
    EncodingError::MoreThanOneBlock {
        certificates,
        keys,
        others: labels.len() - certificates - keys,
    }
}

fn known_label(name: &str, body: &str) -> Result<PemLabel, EncodingError> {
    if name == "ENCRYPTED PRIVATE KEY" || is_encrypted(body) {
        return Err(EncodingError::EncryptedKey);
    }
    PemLabel::from_name(name).ok_or_else(|| EncodingError::UnexpectedLabel {
        label: MISTAKEN.into_iter().find(|known| *known == name),
    })
}

/// OpenSSL's old form says so in a header above the body.
fn is_encrypted(body: &str) -> bool {
    body.contains("Proc-Type:") && body.contains("ENCRYPTED")
}

fn check_end(after_end: &str, begin: &str) -> Result<(), EncodingError> {
    match after_end.split_once(DASHES) {
        None => Err(EncodingError::NoEndLine),
        Some((label, _)) if label == begin => Ok(()),
        Some(_) => Err(EncodingError::LabelsDiffer),
    }
}

fn decode_body(body: &str) -> Result<Zeroizing<Vec<u8>>, EncodingError> {
    if body.contains("...") || body.contains('…') {
        return Err(EncodingError::Placeholder);
    }
    let digits = without_line_breaks(body);
    let der = STANDARD
        .decode(digits.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| EncodingError::BodyDamaged)?;
    match der::extent(&der) {
        Extent::Exact => Ok(der),
        Extent::TooShort => Err(EncodingError::Truncated),
        Extent::Other => Err(EncodingError::BodyDamaged),
    }
}

/// Environment variables often carry PEM with `\n` spelled out, and YAML folds line breaks to blanks.
fn without_line_breaks(body: &str) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(body.len()));
    for part in body.split(r"\n") {
        let part = part.strip_suffix(r"\r").unwrap_or(part);
        digits.extend(part.chars().filter(|c| !c.is_whitespace()));
    }
    digits
}

fn has_own_lines(text: &str) -> bool {
    let mut lines = text.lines();
    let alone = |line: &str, marker: &str| {
        line.strip_prefix(marker)
            .and_then(|rest| rest.trim_end().strip_suffix(DASHES))
            .is_some_and(|label| !label.contains(DASHES))
    };
    lines.any(|line| alone(line, BEGIN)) && lines.any(|line| alone(line, END))
}
