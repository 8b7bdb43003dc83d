//! The cluster whose CA everyone shares, on its way out.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Trust;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-from-leaves", Error,
        what: "The cluster that `ca.from` names leaves the mesh while others share its CA.",
        why: "What the others trust would then be read from a cluster that is no longer part of the mesh, and is gone once it is deleted. The CA stays the mesh's own when mesh.yaml gives it.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let Some((cluster, place)) = mesh
        .ca_cluster()
        .and_then(|cluster| Some((cluster, cluster.leaves.clone()?)))
    else {
        return;
    };
    let ca = mesh.place.key("ca");
    let is_given = ["cert", "key"]
        .into_iter()
        .all(|half| context.input.sources.node(&ca.key(half)).is_some());
    if mesh.trust.value != Trust::SharedCa || is_given || mesh.members().next().is_none() {
        return;
    }
    let mut finding = RULE.finding(
        place,
        format!("{} leaves the mesh, and the others share its CA", cluster.name()),
    )
    .label("the mesh's CA is this cluster's")
    .help("keep the CA apart from the cluster: save `ca.crt` and `ca.key` of its cilium-ca in two files and write `ca: {cert: {file: ...}, key: {file: ...}}`; or stay with it until the mesh has another CA")
    .cluster(cluster.name());
    if let Some(from) = &mesh.ca.from_place {
        finding = finding.related(from.clone(), "named here");
    }
    out.push(finding);
}
