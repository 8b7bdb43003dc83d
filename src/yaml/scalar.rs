//! What a scalar without quotes means: YAML 1.2 for mesh.yaml, the rules of KKP's Go library for its objects, and which
//! strings some reader would misread.

mod go;
mod go_time;
mod misread;
mod yaml12;

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};

use super::node::Kind;
use super::number;
use super::style::ScalarStyle;

pub(super) use misread::misread;

/// As Go's: padded, and bits that are not needed may be anything.
const GO_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

pub(super) const STRING_KEY: &str = "a key must be a string";
const NULL_KEY: &str = "a key must not be null";

/// By whose rules plain scalars are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarRules {
    /// The core schema of YAML 1.2: `yes` is a string, `010` is ten.
    Yaml12,
    /// YAML 1.1 as `sigs.k8s.io/yaml` reads it, and so KKP and kubectl: `yes` is true, `010` is eight.
    Go,
}

/// The meaning of a plain scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScalarValue {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Int(i64),
    /// An integer above `i64::MAX`.
    Uint(u64),
    /// Another number, perhaps infinite or not a number.
    Float(f64),
    /// A date, which stays text in the data.
    Timestamp,
    /// Text.
    String,
}

impl ScalarRules {
    /// The meaning of `plain`, written without quotes and without a tag.
    pub fn resolve(self, plain: &str) -> ScalarValue {
        match self {
            Self::Yaml12 => yaml12::resolve(plain),
            Self::Go => go::resolve(plain),
        }
    }

    /// The value of a scalar; `tag` is complete, `None` where none is written.
    pub(super) fn value(
        self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&str>,
    ) -> Result<Kind, &'static str> {
        match self.any_value(text, style, tag)? {
            // KKP stops with an error here too: JSON has no such number.
            Kind::Float(value) if !value.is_finite() => Err("a number must be finite"),
            value => Ok(value),
        }
    }

    fn any_value(
        self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&str>,
    ) -> Result<Kind, &'static str> {
        let string = || Ok(Kind::String(text.to_owned()));
        let Some(tag) = tag else {
            return match style {
                ScalarStyle::Plain => Ok(kind(self.resolve(text), text)),
                _ => string(),
            };
        };
        let wanted: fn(ScalarValue) -> bool = match tag.strip_prefix("tag:yaml.org,2002:") {
            Some("null") => |value| value == ScalarValue::Null,
            Some("bool") => |value| matches!(value, ScalarValue::Bool(_)),
            Some("int") => |value| matches!(value, ScalarValue::Int(_) | ScalarValue::Uint(_)),
            Some("float") => |value| matches!(value, ScalarValue::Float(_) | ScalarValue::Int(_)),
            Some("timestamp") if !go_time::is_time(text) => |_| false,
            Some("timestamp") => |value| value == ScalarValue::Timestamp,
            Some("binary") => return binary(text),
            // As in Go: an unknown tag makes a string.
            _ => return string(),
        };
        match self.resolve(text) {
            ScalarValue::Int(value) if tag.ends_with(":float") =>
            {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a float is what the tag asks for"
                )]
                Ok(Kind::Float(value as f64))
            }
            value if wanted(value) => Ok(kind(value, text)),
            _ => Err("this value does not fit its tag"),
        }
    }

    /// The text of a key. Go turns a key into its value and that into text, so `yes:` is the key "true" there; in mesh.yaml a
    /// key is what was typed.
    pub(super) fn key(
        self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&str>,
    ) -> Result<String, &'static str> {
        let plain = style == ScalarStyle::Plain && tag.is_none();
        match self {
            Self::Yaml12 if plain => match self.resolve(text) {
                ScalarValue::Null => Err(NULL_KEY),
                _ => Ok(text.to_owned()),
            },
            _ => key_of(self.any_value(text, style, tag)?),
        }
    }
}

/// The text of a key that is this value.
pub(super) fn key_of(kind: Kind) -> Result<String, &'static str> {
    match kind {
        Kind::String(text) => Ok(text),
        Kind::Bool(value) => Ok(value.to_string()),
        Kind::Int(value) => Ok(value.to_string()),
        Kind::Float(value) => Ok(number::general_32(value)),
        Kind::Uint(_) => Err("this number is too large for a key"),
        Kind::Null => Err(NULL_KEY),
        Kind::Sequence(_) | Kind::Mapping(_) => Err(STRING_KEY),
    }
}

fn kind(resolved: ScalarValue, text: &str) -> Kind {
    match resolved {
        ScalarValue::Null => Kind::Null,
        ScalarValue::Bool(value) => Kind::Bool(value),
        ScalarValue::Int(value) => Kind::Int(value),
        ScalarValue::Uint(value) => Kind::Uint(value),
        ScalarValue::Float(value) => Kind::Float(value),
        ScalarValue::Timestamp | ScalarValue::String => Kind::String(text.to_owned()),
    }
}

fn binary(text: &str) -> Result<Kind, &'static str> {
    let joined: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    match GO_BASE64.decode(joined) {
        Ok(bytes) => Ok(Kind::String(lossy(&bytes))),
        Err(_) => Err("this is not valid base64"),
    }
}

/// As Go does on the way to JSON: one replacement for each byte that is no UTF-8.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Whether `text` is a decimal number with a point or exponent, or digits alone: `1.`, `.5`, `08`, `1e3`.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent)
        })
}
