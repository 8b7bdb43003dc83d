//! Inputs that mesh.yaml names and that are not there.

use super::{Context, Rule};
use crate::code::code;
use crate::compile::plan::{FactName, Purpose};
use crate::finding::{Finding, Severity};
use crate::model::{Absent, AbsentKind};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "input-missing", Warning,
        what: "A file, folder or variable that mesh.yaml names cannot be read.",
        why: "A mesh can be checked without its secrets and dumps, so this is a warning; what they hold is unknown, and `render` makes an error of it where a patch needs it. A folder that is not there yet is a note in `render` without `--phase`: dump.sh, which `render` writes, makes and fills it.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for (absent, severity) in absent(context) {
        let help = match absent.kind {
            AbsentKind::Missing => how_to_make(absent),
            AbsentKind::NotDumpedYet => {
                "paths are relative to mesh.yaml; the folder is made and filled by the dump.sh that `meshgen render -o` writes"
            }
            AbsentKind::Encrypted(_) => continue,
        };
        out.push(
            RULE.finding_as(
                severity,
                absent.place.clone(),
                format!("`{}` cannot be read: {}", absent.input, absent.reason),
            )
            .help(help),
        );
    }
}

/// What makes the input that is not there.
fn how_to_make(absent: &Absent) -> &'static str {
    match (absent.fact, absent.cluster) {
        ("remoteCert", _) => {
            "paths are relative to mesh.yaml; `meshgen pki remote` makes these files, and without `remoteCert` the dumped certificate is used"
        }
        ("ca.next", _) => {
            "paths are relative to mesh.yaml; `meshgen pki ca` or `meshgen pki renew-ca` makes these files"
        }
        ("ca", None) => {
            "paths are relative to mesh.yaml; `meshgen pki ca` makes these files, and without `cert` and `key` the dumped CA is used"
        }
        ("ca", Some(_)) => {
            "paths are relative to mesh.yaml; without `ca` the cluster's dumped CA is used"
        }
        _ => {
            "paths are relative to mesh.yaml; the dump.sh that `meshgen render -o` writes makes what is not dumped yet"
        }
    }
}

/// The inputs that could not be read, with how bad that is.
pub(super) fn absent<'c>(context: &'c Context<'_>) -> impl Iterator<Item = (&'c Absent, Severity)> {
    let absent = context.mesh.absent.iter();
    absent.map(|absent| (absent, severity(context, absent)))
}

fn severity(context: &Context<'_>, absent: &Absent) -> Severity {
    let request = context.request;
    let is_first_round =
        request.purpose == Purpose::Apply && request.phase.is_none() && !request.whole_object;
    match absent.kind {
        // The first round of a mesh: dump.sh cannot fill the folder before it is written itself.
        AbsentKind::NotDumpedYet if is_first_round => Severity::Note,
        _ if is_needed(context, absent) => Severity::Error,
        _ => Severity::Warning,
    }
}

/// Whether a patch that was asked for lacks the fact that the input would have given.
fn is_needed(context: &Context<'_>, absent: &Absent) -> bool {
    let asked = context
        .plan
        .clusters
        .iter()
        .filter(|c| context.request.includes(c.cluster.index));
    let of = absent.cluster.or(context.mesh.ca.from);
    let mut missing = asked
        .flat_map(|cluster| &cluster.missing)
        .filter(|missing| Some(missing.of) == of);
    context.request.purpose == Purpose::Apply
        && missing.any(|missing| match (absent.fact, absent.kind) {
            ("dumps", AbsentKind::Encrypted(_)) => true,
            ("dumps", AbsentKind::Missing | AbsentKind::NotDumpedYet) => {
                missing.fact == FactName::Current
            }
            (fact, _) => missing.fact.name() == fact,
        })
}
