//! Inputs that are encrypted with SOPS.

use super::{Context, Rule};
use crate::code::code;
use super::input_missing::absent;
use crate::finding::Finding;
use crate::model::AbsentKind;

pub(super) static RULE: Rule = Rule {
    code: code!(
        "input-encrypted", Warning,
        what: "A file that mesh.yaml names is encrypted with SOPS.",
        why: "meshgen reads plain text only, and runs no other program. What is encrypted counts as unknown: a warning in `validate`, an error in `render` where a patch needs it. Decrypt the file beside the repository, or give the value by `{env: NAME}` under `sops exec-env`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for (absent, severity) in absent(context, AbsentKind::Encrypted) {
        let input = &absent.input;
        out.push(
            Finding::new(
                "input-encrypted",
                severity,
                absent.place.clone(),
                format!("`{input}` is encrypted with SOPS"),
            )
            .help(format!("decrypt it first: sops --decrypt --in-place {input}")),
        );
    }
}
