//! An annotation is a text, for Kubernetes.

use super::{Context, Rule};
use crate::apiserver_service::annotations;
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "annotation-not-text", Error,
        what: "An annotation of the clustermesh-apiserver's Service is no text in the current values, but a boolean, a number or empty.",
        why: "The chart writes it into the Service as it stands, and the API server refuses an annotation that is no string, so Helm's upgrade fails. In YAML `true` and `5` need quotes.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        for annotation in annotations(cluster) {
            if annotation.text.is_none() {
                let message = format!(
                    "the annotation {} of the Service in {} is no text",
                    annotation.key,
                    cluster.name()
                );
                out.push(
                    RULE.finding(annotation.place, message)
                        .label("no text")
                        .help(
                            "put it in quotes in the ApplicationInstallation, then dump that again",
                        )
                        .cluster(cluster.name()),
                );
            }
        }
    }
}
