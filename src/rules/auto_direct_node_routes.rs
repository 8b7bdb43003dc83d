//! Routes to all nodes of the mesh, where not all are in one network.

use ipnet::IpNet;

use super::{Context, Rule};
use crate::code::code;
use crate::datapath::{self, MeshDatapath};
use crate::finding::Finding;
use crate::model::{Cluster, Fact};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "auto-direct-node-routes", Error,
        what: "A cluster routes natively with `autoDirectNodeRoutes`, and the nodes of a peer are in another network.",
        why: "Agents then install a route over the link to every node of the mesh, and fail at the first one that is not on it (cilium/cilium#31124, cilium/cilium#31843). From Cilium 1.16 on `directRoutingSkipUnreachable: true` leaves such nodes to the network's own routes; before, only `autoDirectNodeRoutes: false` does.",
    ),
    check,
};

const ROUTES: &str = "autoDirectNodeRoutes";
const SKIP: &str = "directRoutingSkipUnreachable";

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let datapath = MeshDatapath::of(mesh);
    for cluster in &mesh.clusters {
        let Some(routes) = datapath::switched_on(cluster, ROUTES) else {
            continue;
        };
        if !datapath.is_native(cluster) || skips(cluster) {
            continue;
        }
        let peers = mesh.clusters.iter();
        let far = peers
            .filter(|peer| peer.index != cluster.index)
            .find_map(|peer| Some((peer, outside(cluster, peer)?)));
        if let Some((peer, range)) = far {
            out.push(finding(cluster, routes, peer, range));
        }
    }
}

fn skips(cluster: &Cluster) -> bool {
    let chart = cluster.chart();
    chart.is_some_and(|chart| chart.skips_unreachable_nodes)
        && datapath::switched_on(cluster, SKIP).is_some()
}

/// A node range or node of a peer that no node range of a cluster meets. Without ranges of the cluster
/// it cannot be decided.
fn outside(cluster: &Cluster, peer: &Cluster) -> Option<Fact<IpNet>> {
    if cluster.node_cidrs.is_empty() {
        return None;
    }
    let ranges = peer.node_cidrs.iter().cloned();
    let nodes = peer.nodes.iter().map(|node| node.with(node.value.into()));
    let is_far = |net: &Fact<IpNet>| {
        let mut own = cluster.node_cidrs.iter().map(|range| range.value);
        !own.any(|own| own.contains(&net.value) || net.value.contains(&own))
    };
    ranges.chain(nodes).find(is_far)
}

fn finding(cluster: &Cluster, routes: Place, peer: &Cluster, range: Fact<IpNet>) -> Finding {
    let message = format!(
        "{} installs a direct route to every node of the mesh, and {} of {} is in another network",
        cluster.name(),
        range.value,
        peer.name()
    );
    let can_skip = cluster
        .chart()
        .is_some_and(|chart| chart.skips_unreachable_nodes);
    let help = if can_skip {
        format!("set `{SKIP}: true` in the values of {}", cluster.name())
    } else {
        format!(
            "set `{ROUTES}: false` in the values of {} and let the network route its pods; this chart cannot leave nodes out",
            cluster.name()
        )
    };
    RULE.finding(routes, message)
        .label("needs all nodes on one link")
        .related(range.place, "another network")
        .help(help)
        .cluster(cluster.name())
        .cluster(peer.name())
}
