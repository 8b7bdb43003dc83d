//! No node address may exist twice.

use std::collections::BTreeMap;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "node-duplicate", Error,
        what: "One node address is in two clusters.",
        why: "Nodes send each other tunnelled packets to these addresses, so every node of the mesh must be reachable at its own. Equal or overlapping node ranges are fine; equal node addresses are not.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        for node in &cluster.nodes {
            let first = *seen.entry(node.value).or_insert((cluster, node));
            if first.0.index != cluster.index {
                out.push(
                    RULE.finding(
                        node.place.clone(),
                        format!(
                            "{} is a node of {} and of {}",
                            node.value,
                            first.0.name(),
                            cluster.name()
                        ),
                    )
                    .related(first.1.place.clone(), "the first one")
                    .help("each node needs an InternalIP that every other node of the mesh reaches")
                    .cluster(first.0.name())
                    .cluster(cluster.name()),
                );
            }
        }
    }
}
