//! An annotation that is read as a boolean says `true` or `false`.

use super::{Context, Rule};
use crate::apiserver_service::{Annotation, annotations};
use crate::code::code;
use crate::finding::Finding;
use crate::profile::service::{BOOLEAN_ANNOTATIONS, Boolean};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "annotation-not-boolean", Warning,
        what: "An annotation of the clustermesh-apiserver's Service is read as a boolean and holds something else.",
        why: "Providers compare with `true` letter by letter: `yes` or `True` leaves an internal load balancer public, or makes the Service fail; AWS compares with `false`, and `no` leaves an internal one internal. Nothing else says so than the provider's log.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        for annotation in annotations(cluster) {
            if let Some(reader) = misread(&annotation) {
                let message = format!(
                    "{} of the Service in {} is read as a boolean, and holds no such word",
                    annotation.key,
                    cluster.name()
                );
                let label = match reader {
                    Boolean::TrueOrFalse => "taken for off, or for the default",
                    Boolean::GoBool => "refused",
                    Boolean::AllButFalse => "taken for on, or refused",
                };
                out.push(
                    RULE.finding(annotation.place, message)
                        .label(label)
                        .help("write \"true\" or \"false\", in quotes")
                        .cluster(cluster.name()),
                );
            }
        }
    }
}

/// How an annotation is read, where that is not what it says.
fn misread(annotation: &Annotation<'_>) -> Option<Boolean> {
    let mut known = BOOLEAN_ANNOTATIONS.iter();
    let (_, reader) = known.find(|(key, _)| *key == annotation.key)?;
    (!reader.reads(annotation.text?)).then_some(*reader)
}
