//! No pod address may exist twice in a mesh.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::free_ranges::{FreeRanges, KKP_PODS, KKP_PODS_V6, KUBEVIRT_PODS, is_kubevirt};
use super::ranges::{self, ClusterRange};
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::firewall::cidr::Family;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "pod-cidr-overlap", Error,
        what: "The pod ranges of two clusters overlap.",
        why: "Cilium routes by pod address alone: packets to an address that exists twice go to one of the two pods, and services lose backends without a message. KKP cannot change the range of an existing cluster, so one of the clusters must be created again with `spec.clusterNetwork.pods.cidrBlocks` of its own. 172.25.0.0/16 is what every cluster gets that does not ask, 172.26.0.0/16 every one on KubeVirt. The help names a range that nothing in the mesh uses.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let pods = ranges::pods(context.mesh);
    let overlaps = ranges::between_clusters(&pods);
    out.extend(
        overlaps
            .crowds
            .iter()
            .filter_map(|crowd| shared_by_many(crowd)),
    );
    if overlaps.pairs.is_empty() {
        return;
    }
    let mut free = FreeRanges::of(context.mesh);
    for [first, second] in overlaps.pairs {
        out.push(finding(context, &first, &second).help(help(&first, &second, &mut free)));
    }
}

/// One range in many clusters is one mistake: said once, at the first places.
fn shared_by_many(crowd: &[ClusterRange<'_>]) -> Option<Finding> {
    let [first, second, third, ..] = crowd else {
        return None;
    };
    let names: BTreeSet<&str> = crowd.iter().map(|range| range.cluster.name()).collect();
    let message = format!(
        "the pod range {} is that of {} clusters: {}, {}, {} and {} more",
        first.net,
        names.len(),
        first.cluster.name(),
        second.cluster.name(),
        third.cluster.name(),
        names.len().saturating_sub(3)
    );
    let default = whose_default(first, second);
    let mut finding = RULE
        .finding(second.place.clone(), message)
        .label(format!("{} here", second.net))
        .help(format!("{}a pod range cannot be changed later: create all of these clusters but one again, each with a range of its own in spec.clusterNetwork.pods.cidrBlocks", default.replace("both have", "all have")));
    for other in [first, third] {
        if other.place != second.place {
            finding = finding.related(other.place.clone(), format!("{} here", other.net));
        }
    }
    finding.clusters = crowd
        .iter()
        .map(|range| range.cluster.name().to_owned())
        .collect();
    Some(finding)
}

fn finding(context: &Context<'_>, first: &ClusterRange<'_>, second: &ClusterRange<'_>) -> Finding {
    let [later, earlier] = context.later_first(first.place, second.place);
    let net = |place| if place == first.place { first } else { second }.net;
    let message = format!(
        "the pod ranges of {} ({}) and {} ({}) overlap",
        first.cluster.name(),
        first.net,
        second.cluster.name(),
        second.net
    );
    RULE.finding(later.clone(), message)
        .label(format!("{} here", net(later)))
        .related(earlier.clone(), format!("{} here", net(earlier)))
        .cluster(first.cluster.name())
        .cluster(second.cluster.name())
}

fn help(first: &ClusterRange<'_>, second: &ClusterRange<'_>, free: &mut FreeRanges) -> String {
    let default = if first.net == second.net {
        whose_default(first, second)
    } else {
        ""
    };
    let family = Family::of(&second.net);
    let proposal = free
        .for_cluster(second.cluster, family)
        .map_or_else(String::new, |net| format!(", such as {net}"));
    format!(
        "{default}a pod range cannot be changed later: create {} or {} again with a range of its own in spec.clusterNetwork.pods.cidrBlocks{proposal}",
        first.cluster.name(),
        second.cluster.name(),
    )
}

/// Why two clusters have the same range without anybody's choice: it is KKP's default.
fn whose_default(first: &ClusterRange<'_>, second: &ClusterRange<'_>) -> &'static str {
    let on_kubevirt = is_kubevirt(first.cluster) || is_kubevirt(second.cluster);
    match first.net {
        net if net == IpNet::from(KKP_PODS) || net == IpNet::from(KKP_PODS_V6) => {
            "both have KKP's default, and "
        }
        net if net == IpNet::from(KUBEVIRT_PODS) && on_kubevirt => {
            "this is KKP's default on KubeVirt and the guide's example of another range, and "
        }
        _ => "",
    }
}
