//! Secret values: typed in place, in a file, or in the environment; told apart from encrypted ones.

use std::path::Path;

use super::mesh_file::SecretValue;
use super::{encrypted, file};
use crate::finding::Finding;
use crate::model::{AbsentKind, FileEncryption};
use crate::pki::{self, KeyText};
use crate::source::Place;

/// Why a secret could not be read.
#[derive(Debug)]
pub(crate) struct Unavailable {
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
pub(crate) fn read(value: &SecretValue, base: &Path) -> Result<KeyText, Unavailable> {
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
    let missing = |reason: &str| unavailable(AbsentKind::Missing, reason);
    let bytes = file::read(&base.join(path)).map_err(|error| missing(&file::reason(&error)))?;
    let is_encrypted = |found: Option<FileEncryption>| match found {
        Some(found) => Err(unavailable(AbsentKind::Encrypted(found), found.predicate())),
        None => Ok(()),
    };
    is_encrypted(encrypted::of_bytes(&bytes))?;
    let text = pki::text_of_file(bytes).ok_or_else(|| missing("it is neither text nor DER"))?;
    is_encrypted(encrypted::of_text(text.expose()))?;
    Ok(text)
}

/// mesh.yaml itself is encrypted: nothing can be said about it.
pub(super) fn encrypted_mesh(place: &Place, name: &str) -> Finding {
    super::codes::INPUT_ENCRYPTED.finding(place.key("sops").of_key(), "this mesh file is encrypted with SOPS")
        .label("encrypted")
        .help(format!(
            "decrypt it first: `sops --decrypt {name}`; encrypt the key files instead, mesh.yaml needs no secret in it"
        ))
}
