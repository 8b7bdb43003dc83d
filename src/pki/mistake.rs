//! What can be wrong with a text that should be PEM, in words that show nothing of it.

use thiserror::Error;

/// Why a text is no PEM. No variant carries or shows anything of the content.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodingError {
    /// Nothing but white space, in the text or inside its base64.
    #[error("it is empty")]
    Empty,
    /// Something that was meant to be replaced, or that was shortened for reading.
    #[error("it is a placeholder, not the value")]
    Placeholder,
    /// No form that meshgen knows.
    #[error("it is neither base64 nor PEM")]
    NeitherBase64NorPem,
    /// The beginning is base64 of PEM, but it does not decode.
    #[error("it begins like base64 of PEM, but is cut off or has characters that are no base64")]
    Base64Damaged,
    /// Base64 of the base64 of PEM.
    #[error("it is base64 encoded twice")]
    Base64Twice,
    /// Base64 of the binary form, or PEM whose BEGIN and END lines were dropped.
    #[error("it is base64 of DER, without PEM's BEGIN and END lines")]
    Base64OfDer,
    /// Base64 of a text in UTF-16, as Windows writes it.
    #[error("it is base64 of text in UTF-16, which Go does not read")]
    Base64OfUtf16,
    /// Base64 of something that is neither PEM nor DER.
    #[error("it is base64, but not of PEM")]
    Base64OfSomethingElse,
    /// An END line without a BEGIN line.
    #[error("the PEM has no BEGIN line")]
    NoBeginLine,
    /// A BEGIN line without a whole END line.
    #[error("the PEM is cut off: it has no END line")]
    NoEndLine,
    /// Both lines are there, but lines between them are missing.
    #[error("the PEM is truncated: lines between BEGIN and END are missing")]
    Truncated,
    /// The body is not base64.
    #[error("the PEM is damaged between BEGIN and END")]
    BodyDamaged,
    /// BEGIN and END name different things.
    #[error("the BEGIN and END lines of the PEM do not name the same thing")]
    LabelsDiffer,
    /// Inside base64, where meshgen must not mend it, the PEM has lost its line breaks, is indented or in quotes, or begins with a byte order mark.
    #[error("inside the base64, BEGIN and END of the PEM do not stand on lines of their own")]
    NotOnOwnLines,
    /// A block of another kind; named only if it is a kind that is known.
    #[error("the PEM is {}, not a certificate or private key", .label.map_or("something else".to_owned(), |l| format!("`{l}`")))]
    UnexpectedLabel {
        /// The kind, if it is a known one.
        label: Option<&'static str>,
    },
    /// A key under a passphrase, in either form.
    #[error("the private key is encrypted with a passphrase")]
    EncryptedKey,
}

impl EncodingError {
    /// What to do about it, where there is more to say than "give the right value".
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::Base64OfDer => {
                "encode PEM, not DER: `openssl x509 -inform der -in FILE | base64 -w0` (for a key: `openssl pkey -inform der -in FILE | base64 -w0`)"
            }
            Self::Base64Twice => {
                "a Secret's `data` is base64 already: take it as kubectl prints it, or decode it once"
            }
            Self::NotOnOwnLines => {
                "take the PEM as it was made, with nothing before BEGIN on its line, no blank, quote or byte order mark, and encode it again: `base64 -w0 FILE`"
            }
            Self::Base64Damaged | Self::NoEndLine | Self::NoBeginLine | Self::Truncated => {
                "copy the whole value, or let meshgen read it: `{file: PATH}` or `dumps`"
            }
            Self::EncryptedKey => "decrypt it first: `openssl pkey -in FILE`",
            Self::Base64OfUtf16 => {
                "save the file as UTF-8 and encode it again: `iconv -f UTF-16 -t UTF-8 FILE | base64 -w0`"
            }
            _ => return None,
        })
    }
}
