//! Secret values: typed in place, in a file, or in the environment; told apart from encrypted ones.

use std::path::Path;

use super::mesh_file::SecretValue;
use crate::finding::Finding;
use crate::model::AbsentKind;
use crate::pki::{self, KeyText};
use crate::source::Place;
use crate::yaml::{self, ScalarRules};

/// Why a secret could not be read.
#[derive(Debug)]
pub struct Unavailable {
    /// What was named: a path, or `$NAME`.
    pub input: String,
    /// Absent or encrypted.
    pub kind: AbsentKind,
    /// The reason in a few words.
    pub reason: String,
}

/// Reads a secret's text. Paths are relative to `base`.
///
/// # Errors
/// If the file or variable is not there, is not text, or is encrypted.
pub fn read(value: &SecretValue, base: &Path) -> Result<KeyText, Unavailable> {
    match value {
        SecretValue::Text(text) => Ok(KeyText::new(text.clone())),
        SecretValue::Env(env) => {
            std::env::var(&env.env)
                .map(KeyText::new)
                .map_err(|_| Unavailable {
                    input: format!("${}", env.env),
                    kind: AbsentKind::Missing,
                    reason: "the variable is not set".to_owned(),
                })
        }
        SecretValue::File(file) => read_file(&file.file, base),
    }
}

fn read_file(path: &str, base: &Path) -> Result<KeyText, Unavailable> {
    let unavailable = |kind, reason: &str| Unavailable {
        input: path.to_owned(),
        kind,
        reason: reason.to_owned(),
    };
    let bytes = std::fs::read(base.join(path))
        .map_err(|error| unavailable(AbsentKind::Missing, &io_reason(&error)))?;
    let text = pki::text_of_file(bytes)
        .ok_or_else(|| unavailable(AbsentKind::Missing, "it is neither text nor DER"))?;
    if is_encrypted(text.expose()) {
        return Err(unavailable(
            AbsentKind::Encrypted,
            "it is encrypted with SOPS",
        ));
    }
    Ok(text)
}

/// Whether a text is a document with a top-level `sops` key.
fn is_encrypted(text: &str) -> bool {
    text.contains("sops")
        && yaml::parse(text, ScalarRules::Yaml12).is_ok_and(|stream| {
            stream
                .documents
                .iter()
                .any(|document| document.get("sops").is_some())
        })
}

/// What the operating system said, without the number it likes to add.
pub(super) fn io_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        _ => error.kind().to_string(),
    }
}

/// mesh.yaml itself is encrypted: nothing can be said about it.
pub(super) fn encrypted_mesh(place: &Place, name: &str) -> Finding {
    super::codes::INPUT_ENCRYPTED.finding(place.key("sops").of_key(), "this mesh file is encrypted with SOPS")
        .label("encrypted")
        .help(format!(
            "decrypt it first: `sops --decrypt {name}`; encrypt the key files instead, mesh.yaml needs no secret in it"
        ))
}
