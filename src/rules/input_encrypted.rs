//! Inputs that are encrypted with SOPS.

use super::input_missing::absent;
use super::{Context, Rule};
use crate::finding::Finding;
use crate::model::AbsentKind;

pub(super) static RULE: Rule = Rule {
    code: &crate::input::codes::INPUT_ENCRYPTED,
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for (absent, severity) in absent(context, AbsentKind::Encrypted) {
        let input = &absent.input;
        out.push(
            RULE.finding_as(
                severity,
                absent.place.clone(),
                format!("`{input}` is encrypted with SOPS"),
            )
            .help(format!(
                "decrypt it first: sops --decrypt --in-place {input}"
            )),
        );
    }
}
