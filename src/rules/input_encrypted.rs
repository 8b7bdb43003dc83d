//! Inputs that are encrypted.

use super::input_missing::absent;
use super::{Context, Rule};
use crate::compile::kubectl::quoted;
use crate::finding::Finding;
use crate::model::{AbsentKind, FileEncryption};

pub(super) static RULE: Rule = Rule {
    code: &crate::input::codes::INPUT_ENCRYPTED,
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for (absent, severity) in absent(context) {
        let AbsentKind::Encrypted(encryption) = absent.kind else {
            continue;
        };
        let message = format!("`{}` {}", absent.input, encryption.predicate());
        out.push(
            RULE.finding_as(severity, absent.place.clone(), message)
                .help(help(encryption, &absent.input)),
        );
    }
}

/// How to give meshgen what the file at a path holds.
fn help(encryption: FileEncryption, path: &str) -> String {
    let path = quoted(path);
    let decrypt = |command: String| {
        format!(
            "decrypt it into a file that git ignores and others cannot read, and name that file: `(umask 077; {command})`"
        )
    };
    match encryption {
        FileEncryption::Sops => decrypt(format!("sops --decrypt {path} > FILE")),
        FileEncryption::Age => decrypt(format!("age --decrypt --identity KEY {path} > FILE")),
        FileEncryption::AnsibleVault => {
            decrypt(format!("ansible-vault decrypt --output FILE {path}"))
        }
        FileEncryption::Pgp => decrypt(format!("gpg --decrypt {path} > FILE")),
        FileEncryption::GitCrypt => "unlock the repository: `git-crypt unlock`".to_owned(),
        FileEncryption::SealedSecret => "only its controller in the cluster can open it: dump the Secret that the controller made of it".to_owned(),
    }
}
