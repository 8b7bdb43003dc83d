//! A private key does not belong into a repository.

use super::key_inputs;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::mesh_file::SecretValue;
use crate::input::tracked::is_tracked;
use crate::pki::PrivateKey;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "key-inline-tracked", Warning,
        what: "A private key stands in mesh.yaml itself, and git tracks that file.",
        why: "A commit keeps the key for good, and a push hands it to everyone who can read the repository. Name it by `{file: ...}` with the file in .gitignore or encrypted with SOPS, or by `{env: ...}`. If the key was committed already, take it out of the history, or make a new one.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let keys = key_inputs::keys(context);
    let inline: Vec<_> = keys
        .iter()
        .filter(
            |key| matches!(key.value, SecretValue::Text(text) if PrivateKey::parse(text).is_ok()),
        )
        .collect();
    let input = context.input;
    if inline.is_empty() || !is_tracked(&input.path) {
        return;
    }
    out.extend(inline.into_iter().map(|key| {
        RULE.finding(key.place.clone(),
            "this private key stands in a file that git tracks",
        )
        .label("a private key")
        .help("write `key: {file: ca.key}` with that file in .gitignore or encrypted, or `key: {env: MESH_CA_KEY}`; a key that was committed should be replaced")
    }));
}
