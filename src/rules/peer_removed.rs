//! Peers of today that mesh.yaml does not know.

use super::{Context, Rule};
use crate::code::code;
use crate::compile::plan::{Phase, Purpose};
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "peer-removed", Warning,
        what: "The current values of a cluster have a peer that mesh.yaml does not know.",
        why: "The list of peers is written as a whole, so the patch removes it. That is right where a cluster leaves the mesh, and a loss where it was only forgotten: then add it to mesh.yaml.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for planned in
        context.plan.clusters.iter().filter(|planned| {
            planned.phase != Phase::None || context.request.purpose == Purpose::Check
        })
    {
        let cluster = planned.cluster;
        for peer in cluster.current.iter().flat_map(|current| current.peers()) {
            let mut clusters = context.mesh.clusters.iter();
            if !clusters.any(|known| known.name() == peer.name) {
                out.push(
                    RULE.finding(peer.place,
                        format!("{} has the peer `{}` today, which mesh.yaml does not know: the patch removes it", cluster.name(), peer.name),
                    )
                    .help("add the cluster to mesh.yaml if it is to stay")
                    .cluster(cluster.name()),
                );
            }
        }
    }
}
