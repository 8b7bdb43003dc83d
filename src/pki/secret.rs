//! Text that must never be shown.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// Secret text. It is wiped when dropped, and neither `Debug` nor `Display` shows it; reading it takes an
/// explicit [`KeyText::expose`].
#[derive(Clone)]
pub struct KeyText(SecretString);

impl KeyText {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret itself. Every caller of this is a place where a secret can leak.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for KeyText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText([hidden])")
    }
}

impl fmt::Display for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl PartialEq for KeyText {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for KeyText {}
