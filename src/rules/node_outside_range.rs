//! Nodes lie in the node ranges of their cluster, where these are given.

use std::net::IpAddr;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::firewall::cidr::Family;
use crate::model::{Cluster, Fact};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "node-outside-range", Warning,
        what: "A node of a cluster lies outside the cluster's `nodeCIDRs`.",
        why: "The ranges are what firewalls permit for nodes to come. A node outside them shows that a range is missing or misspelled: the next node from the same network would be shut out.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        if !cluster.is_unusable("nodeCIDRs") {
            let nodes = cluster.nodes.iter();
            let outside = nodes.filter(|node| is_outside(cluster, node.value));
            out.extend(outside.map(|node| finding(context, cluster, node)));
        }
    }
}

/// Whether there are ranges of an address's family, and none holds it.
fn is_outside(cluster: &Cluster, node: IpAddr) -> bool {
    let family = Family::of(&node.into());
    let ranges = cluster.node_cidrs.iter().map(|range| range.value);
    let mut same = ranges
        .filter(|range| Family::of(range) == family)
        .peekable();
    same.peek().is_some() && !same.any(|range| range.contains(&node))
}

fn finding(context: &Context<'_>, cluster: &Cluster, node: &Fact<IpAddr>) -> Finding {
    let message = format!(
        "{} is a node of {} and in none of its nodeCIDRs",
        node.value,
        cluster.name()
    );
    RULE.finding(node.place.clone(), message)
        .label("outside")
        .related(
            context.input.field(cluster.index, "nodeCIDRs"),
            "the node ranges",
        )
        .help("add the range that this node is in to `nodeCIDRs`, or mend the address")
        .cluster(cluster.name())
}
