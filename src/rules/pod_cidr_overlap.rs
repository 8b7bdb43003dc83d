//! No pod address may exist twice in a mesh.

use ipnet::IpNet;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::firewall::cidr::overlapping_pairs;
use crate::model::{Cluster, Fact};

pub(super) static RULE: Rule = Rule {
    code: code!(
        "pod-cidr-overlap", Error,
        what: "The pod ranges of two clusters overlap.",
        why: "Cilium routes by pod address alone: packets to an address that exists twice go to one of the two pods, and services lose backends without a message. KKP cannot change the range of an existing cluster, so one of the clusters must be created again with `spec.clusterNetwork.pods.cidrBlocks` of its own; 172.25.0.0/16 is what every cluster gets that does not ask.",
    ),
    check,
};

/// KKP's default pod range; it cannot be changed after creation.
const KKP_DEFAULT: &str = "172.25.0.0/16";

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
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
}
