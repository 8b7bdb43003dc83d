//! A next CA in a mesh that shares none.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Trust;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-next-unused", Warning,
        what: "`ca.next` is given, and the clusters of this mesh share no CA.",
        why: "With `trust: inline` and `trust: bundle` each cluster has a CA of its own, and peers trust each of them. There is no CA of the mesh that another could replace.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let trust = &context.mesh.trust;
    let next = &context.mesh.ca.next.cert;
    let Some(next) = next.as_ref().filter(|_| trust.value != Trust::SharedCa) else {
        return;
    };
    let message = format!(
        "ca.next has no effect with trust: {}: each cluster has its own CA",
        trust.value.as_str()
    );
    out.push(RULE.finding(next.place.clone(), message).help(
        "remove ca.next; replace the Secret cilium-ca of one cluster after the other instead",
    ));
}
