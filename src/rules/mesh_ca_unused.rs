//! A CA of the mesh where each cluster keeps its own.

use super::{Context, Rule, trust_mode_unsupported};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Trust;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "mesh-ca-unused", Warning,
        what: "mesh.yaml gives the mesh a CA, and its clusters share none.",
        why: "With `trust: inline` and `trust: bundle` each cluster keeps the CA that it has, its Secret `cilium-ca`, which dump.sh reads. The `cert` and `key` of `ca` at the top of mesh.yaml are brought to no cluster and sign nothing, `meshgen pki remote` included. They are for `trust: sharedCA`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    // Where the mode does not work, another may be written, which takes the CA.
    if mesh.trust.value == Trust::SharedCa || !trust_mode_unsupported::is_supported(context) {
        return;
    }
    let parts = ["ca.cert", "ca.key"].map(|part| mesh.place.dotted(part));
    let mut written = parts.into_iter();
    let written = written.find(|place| context.input.sources.node(place).is_some());
    out.extend(written.map(|place| {
        let message = format!(
            "the CA of the mesh has no effect with trust: {}: each cluster has its own CA",
            mesh.trust.value.as_str()
        );
        RULE.finding(place, message).help(
            "leave `cert` and `key` of `ca` out; a cluster's own CA is dumped, or stands in `ca` of the cluster; or write `trust: sharedCA`, where all are to have this one",
        )
    }));
}
