//! Pod ranges: no pod address may exist twice in a mesh, nor be a node's.

use ipnet::IpNet;

use super::Context;
use crate::finding::Finding;
use crate::firewall::cidr::overlapping_pairs;
use crate::model::{Cluster, Fact};

/// KKP's default pod range; it cannot be changed after creation.
const KKP_DEFAULT: &str = "172.25.0.0/16";

pub(super) fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut ranges: Vec<(&Cluster, &Fact<IpNet>)> = Vec::new();
    for cluster in &context.mesh.clusters {
        ranges.extend(cluster.pod_cidrs.iter().map(|range| (cluster, range)));
    }
    let items: Vec<(IpNet, usize)> = ranges
        .iter()
        .map(|(c, range)| (range.value, c.index))
        .collect();
    for (first, second) in overlapping_pairs(&items) {
        let ((a, first), (b, second)) = (ranges[first], ranges[second]);
        let mut finding = Finding::error(
            "pod-cidr-overlap",
            second.place.clone(),
            format!(
                "the pod ranges of {} ({}) and {} ({}) overlap",
                a.name(),
                first.value,
                b.name(),
                second.value
            ),
        )
        .label(format!("{} here", second.value))
        .related(first.place.clone(), format!("{} here", first.value))
        .cluster(a.name())
        .cluster(b.name());
        finding = if first.value == second.value && first.value.to_string() == KKP_DEFAULT {
            finding.help("both are KKP's default, which cannot be changed later: create one of the clusters again with a range of its own in spec.clusterNetwork.pods.cidrBlocks")
        } else {
            finding.help("pods of one would be unreachable from the other: the ranges must differ, and KKP cannot change them after creation")
        };
        out.push(finding);
    }
    nodes(context, out);
}

fn nodes(context: &Context<'_>, out: &mut Vec<Finding>) {
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
