//! No pod address may be a node's.

use ipnet::IpNet;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::firewall::cidr::overlapping_pairs;
use crate::model::{Cluster, Fact};

pub(super) static RULE: Rule = Rule {
    code: code!(
        "pod-node-overlap", Error,
        what: "The pod range of a cluster overlaps the node range of a cluster, its own or another one.",
        why: "Every node of the mesh routes the pod range into the tunnel; a node whose address lies in it is no longer reached, and the tunnel itself ends there. Choose ranges that differ; KKP cannot change either after creation.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let clusters = &context.mesh.clusters;
    let owners = clusters.len();
    let mut ranges: Vec<(&Cluster, &Fact<IpNet>)> = Vec::new();
    for cluster in clusters {
        ranges.extend(cluster.pod_cidrs.iter().map(|range| (cluster, range)));
    }
    let pods = ranges.len();
    for cluster in clusters {
        ranges.extend(cluster.node_cidrs.iter().map(|range| (cluster, range)));
    }
    // Every item is an owner of its own, so that a cluster's pods are held against its own nodes too.
    let items: Vec<(IpNet, usize)> = ranges
        .iter()
        .enumerate()
        .map(|(at, (_, range))| (range.value, owners + at))
        .collect();
    for (first, second) in overlapping_pairs(&items) {
        if first >= pods || second < pods {
            continue;
        }
        let ((pod_of, pod), (node_of, node)) = (ranges[first], ranges[second]);
        out.push(
            Finding::error(
                "pod-node-overlap",
                pod.place.clone(),
                format!(
                    "the pod range {} of {} overlaps the node range {} of {}",
                    pod.value,
                    pod_of.name(),
                    node.value,
                    node_of.name()
                ),
            )
            .label("pods here")
            .related(node.place.clone(), "nodes here")
            .help("nodes of the mesh would take node addresses for pods: the ranges must differ")
            .cluster(pod_of.name())
            .cluster(node_of.name()),
        );
    }
}
