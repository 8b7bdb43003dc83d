//! The values from today's to wanted, line by line, as YAML, keys hidden.

use serde_json::{Map, Value};
use similar::TextDiff;

use super::certificates::described;
use crate::compile::wanted::WantedValues;
use crate::pki::PrivateKey;
use crate::source::redacted;
use crate::yaml;

/// A unified diff; empty where nothing changes.
pub(super) fn unified(wanted: &WantedValues<'_>) -> String {
    let before = wanted.before.map(shown).unwrap_or_default();
    let after = shown(&wanted.merged);
    TextDiff::from_lines(&before, &after)
        .unified_diff()
        .context_radius(3)
        .header("today", "wanted")
        .to_string()
}

fn shown(values: &Value) -> String {
    yaml::write(&without_keys(values, ""))
}

/// The same tree, with certificates by fingerprint and end, and without anything that is or may be a secret.
pub(super) fn without_keys(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), without_keys(value, key)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(|item| without_keys(item, key)).collect(),
        Value::String(text) => scalar(text, key).into(),
        other => other.clone(),
    }
}

/// Words in a key that say that its value is a secret.
const SECRET_KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "token",
    "secret",
    "credential",
    "psk",
    "privatekey",
    "accesskey",
    "apikey",
];

fn scalar(text: &str, key: &str) -> String {
    if PrivateKey::parse(text).is_ok() {
        return "<private key>".to_owned();
    }
    if let Some(certificate) = described(text) {
        return format!("<certificate {certificate}>");
    }
    let key = key.to_lowercase();
    if SECRET_KEYS.iter().any(|word| key.contains(word)) && !text.is_empty() {
        return "<hidden>".to_owned();
    }
    redacted(text).into_owned()
}
