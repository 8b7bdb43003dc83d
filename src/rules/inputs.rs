//! Inputs that mesh.yaml names and that could not be read.

use super::Context;
use crate::finding::{Finding, Severity};
use crate::model::{Absent, AbsentKind};

pub(super) fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for absent in &context.mesh.absent {
        let severity = if is_needed(context, absent) {
            Severity::Error
        } else {
            Severity::Warning
        };
        let input = &absent.input;
        out.push(match absent.kind {
            AbsentKind::Missing => Finding::new(
                "input-missing",
                severity,
                absent.place.clone(),
                format!("`{input}` cannot be read: {}", absent.reason),
            )
            .help("paths are relative to mesh.yaml; what is not dumped yet is fetched by the commands that `meshgen render` prints"),
            AbsentKind::Encrypted => Finding::new(
                "input-encrypted",
                severity,
                absent.place.clone(),
                format!("`{input}` is encrypted with SOPS"),
            )
            .help(format!("decrypt it first: sops --decrypt --in-place {input}")),
        });
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
    context.request.renders
        && missing.any(|missing| match (absent.fact, absent.kind) {
            ("dumps", AbsentKind::Encrypted) => true,
            ("dumps", AbsentKind::Missing) => missing.fact == "current",
            (fact, _) => missing.fact == fact,
        })
}
