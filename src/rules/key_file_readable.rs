//! A file with a private key is for its owner.

use std::path::Path;

use super::key_inputs::{self, KeyInput};
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::mesh_file::SecretValue;
use crate::input::secret;
use crate::pki::{KeyError, PrivateKey};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "key-file-readable", Warning,
        what: "A file that holds a private key can be read by every user of the machine.",
        why: "Whoever has the key of the CA can make certificates that all clusters of the mesh accept. The permissions are looked at, on Unix; those of dumps are not, since a checkout gives them what the umask says.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for key in key_inputs::keys(context) {
        out.extend(readable(context, &key));
    }
}

fn readable(context: &Context<'_>, key: &KeyInput<'_>) -> Option<Finding> {
    let SecretValue::File(file) = key.value else {
        return None;
    };
    // An encrypted file, and one that is not there, gives no key away.
    let mut absent = context.mesh.absent.iter();
    if absent.any(|absent| absent.place == key.place) {
        return None;
    }
    let mode = mode(&context.input.base.join(&file.file))?;
    if mode & READABLE_BY_OTHERS == 0 {
        return None;
    }
    if is_certificate(key.value, &context.input.base) {
        return None; // `cert` and `key` were exchanged, which is another fault
    }
    let path = &file.file;
    let message =
        format!("{path} holds a private key and can be read by everyone (mode {mode:04o})");
    Some(
        RULE.finding(key.place.clone(), message)
            .label("readable by all")
            .help(format!("run `chmod 600 {path}`")),
    )
}

fn is_certificate(value: &SecretValue, base: &Path) -> bool {
    let read = secret::read(value, base).map(|text| PrivateKey::parse(text.expose()));
    matches!(read, Ok(Err(KeyError::Certificate)))
}

const READABLE_BY_OTHERS: u32 = 0o004;

/// The permissions of a file.
#[cfg(unix)]
fn mode(path: &std::path::Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some(metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &std::path::Path) -> Option<u32> {
    None
}
