//! A load balancer that lets some ranges in lets the peers in.

use ipnet::IpNet;

use super::ranges::is_dialled_from;
use super::{Context, Rule};
use crate::apiserver_service::source_ranges;
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, Fact};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "source-ranges-exclude-peers", Warning,
        what: "`loadBalancerSourceRanges` of a clustermesh-apiserver, or the annotation in its place, leaves out nodes of a peer.",
        why: "Peers dial from their nodes, and the load balancer drops what comes from elsewhere without a word, so the clusters never connect. Where a gateway rewrites the peers' addresses on their way, the ranges must hold the gateway's addresses; accept the finding with `ignore` then.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let Some(written) = source_ranges(cluster) else {
            continue;
        };
        let ranges: Vec<IpNet> = written
            .value
            .iter()
            .filter_map(|text| text.trim().parse().ok())
            .collect();
        if ranges.len() < written.value.len() {
            continue; // what is no range was said to be none
        }
        let ranges = IpNet::aggregate(&ranges);
        let peers = context
            .mesh
            .members()
            .filter(|peer| peer.index != cluster.index);
        let outside = |peer| outside(cluster, peer, &ranges);
        let mut shut_out = peers.filter_map(|peer| Some((peer, outside(peer)?)));
        if let Some((peer, nodes)) = shut_out.next() {
            out.push(finding(cluster, &written, peer, nodes, shut_out.count()));
        }
    }
}

/// The first nodes of a peer that dial a cluster and are not let in.
fn outside<'p>(
    cluster: &Cluster,
    peer: &'p Cluster,
    ranges: &[IpNet],
) -> Option<(IpNet, &'p Place)> {
    let node_ranges = peer
        .node_cidrs
        .iter()
        .map(|range| (range.value, &range.place));
    let nodes = peer
        .nodes
        .iter()
        .map(|node| (IpNet::from(node.value), &node.place));
    // Nodes that are known one by one are what dials; a range around them may be wider than they need.
    let mut dialling: Vec<(IpNet, &Place)> = nodes.collect();
    if dialling.is_empty() {
        dialling.extend(node_ranges);
    }
    let is_let_in = |net: &IpNet| ranges.iter().any(|range| range.contains(net));
    let mut dialling = dialling.into_iter();
    dialling.find(|(net, _)| is_dialled_from(cluster, net) && !is_let_in(net))
}

fn finding(
    cluster: &Cluster,
    written: &Fact<Vec<String>>,
    peer: &Cluster,
    (nodes, place): (IpNet, &Place),
    more: usize,
) -> Finding {
    let shown = if nodes.prefix_len() == nodes.max_prefix_len() {
        nodes.addr().to_string()
    } else {
        nodes.to_string()
    };
    let others = match more {
        0 => String::new(),
        more => format!(", nor those of {more} more"),
    };
    let message = format!(
        "the load balancer of {} does not let in the nodes of {} ({shown}){others}",
        cluster.name(),
        peer.name()
    );
    RULE.finding(written.place.clone(), message)
        .label("not among these ranges")
        .related(place.clone(), "nodes here")
        .help(format!(
            "add {nodes}, or the address from which these nodes are seen there"
        ))
        .cluster(cluster.name())
        .cluster(peer.name())
}
