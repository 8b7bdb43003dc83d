//! Ranges of addresses with the cluster that they belong to, and which of them overlap.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::Context;
use crate::firewall::cidr::{Family, aggregate, overlapping_pairs};
use crate::model::{Cluster, Fact, Mesh};
use crate::source::Place;

/// A range, or a single address, of a cluster.
#[derive(Clone, Copy)]
pub(super) struct ClusterRange<'m> {
    pub(super) cluster: &'m Cluster,
    pub(super) net: IpNet,
    pub(super) place: &'m Place,
}

impl<'m> ClusterRange<'m> {
    fn new<T: Copy + Into<IpNet>>(cluster: &'m Cluster, fact: &'m Fact<T>) -> Self {
        Self {
            cluster,
            net: fact.value.into(),
            place: &fact.place,
        }
    }

    /// As people write it: an address alone without its prefix length.
    pub(super) fn shown(&self) -> String {
        if self.net.prefix_len() == self.net.max_prefix_len() {
            return self.net.addr().to_string();
        }
        self.net.to_string()
    }
}

/// The pod ranges of all clusters.
pub(super) fn pods(mesh: &Mesh) -> Vec<ClusterRange<'_>> {
    of(mesh, |cluster| &cluster.pod_cidrs)
}

/// The service ranges of all clusters.
pub(super) fn services(mesh: &Mesh) -> Vec<ClusterRange<'_>> {
    of(mesh, |cluster| &cluster.service_cidrs)
}

/// The same with the addresses of dumped Services that are in none of their cluster's ranges, as where those are not known.
pub(super) fn services_and_their_addresses(mesh: &Mesh) -> Vec<ClusterRange<'_>> {
    let mut all = services(mesh);
    for cluster in &mesh.clusters {
        let live = cluster
            .apiserver
            .live
            .iter()
            .flat_map(|live| &live.cluster_ips);
        let addresses = live.map(|address| ClusterRange::new(cluster, address));
        let ranges = &cluster.service_cidrs;
        all.extend(addresses.filter(|address| {
            !ranges
                .iter()
                .any(|range| range.value.contains(&address.net))
        }));
    }
    all
}

/// The node ranges of all clusters, and the nodes that are in none of their cluster's.
pub(super) fn nodes(mesh: &Mesh) -> Vec<ClusterRange<'_>> {
    let mut ranges = of(mesh, |cluster| &cluster.node_cidrs);
    let nodes = of(mesh, |cluster| &cluster.nodes);
    ranges.extend(nodes.into_iter().filter(|node| {
        let mut own = node.cluster.node_cidrs.iter();
        !own.any(|range| range.value.contains(&node.net))
    }));
    ranges
}

/// The addresses of the clustermesh-apiservers that are not nodes' addresses.
pub(super) fn load_balancers(mesh: &Mesh) -> Vec<ClusterRange<'_>> {
    let mut addresses = of(mesh, |cluster| &cluster.apiserver.addresses);
    addresses.retain(|address| {
        let cluster = address.cluster;
        let mut nodes = cluster.nodes.iter().map(|node| IpNet::from(node.value));
        let mut ranges = cluster.node_cidrs.iter();
        !nodes.any(|node| node == address.net)
            && !ranges.any(|range| range.value.contains(&address.net))
    });
    addresses
}

fn of<T>(mesh: &Mesh, facts: fn(&Cluster) -> &Vec<Fact<T>>) -> Vec<ClusterRange<'_>>
where
    T: Copy + Into<IpNet> + 'static,
{
    let clusters = mesh.clusters.iter();
    clusters
        .flat_map(|cluster| {
            facts(cluster)
                .iter()
                .map(move |fact| ClusterRange::new(cluster, fact))
        })
        .collect()
}

/// How many clusters may have one and the same range before one finding is made for all of them.
const CROWD: usize = 8;

/// The overlaps between the ranges of different clusters. Their number grows with that of the ranges, not with its square.
pub(super) struct Overlaps<'m> {
    /// Two ranges each.
    pub(super) pairs: Vec<[ClusterRange<'m>; 2]>,
    /// One and the same range, with every cluster that has it, where these are many.
    pub(super) crowds: Vec<Vec<ClusterRange<'m>>>,
}

/// The overlaps between the ranges of different clusters.
pub(super) fn between_clusters<'m>(ranges: &[ClusterRange<'m>]) -> Overlaps<'m> {
    let (ranges, crowds) = without_crowds(ranges);
    let owner = |range: &ClusterRange<'_>| (range.net, range.cluster.index);
    let items: Vec<(IpNet, usize)> = ranges.iter().map(owner).collect();
    let pairs = overlapping_pairs(&items).into_iter();
    Overlaps {
        pairs: pairs
            .map(|(first, second)| [ranges[first], ranges[second]])
            .collect(),
        crowds,
    }
}

/// The overlaps between the ranges of two lists, whichever clusters they belong to. A range that many clusters have is
/// taken once, as the first of them has it.
pub(super) fn between_lists<'m>(
    left: &[ClusterRange<'m>],
    right: &[ClusterRange<'m>],
) -> Vec<[ClusterRange<'m>; 2]> {
    let (left, right) = (without_crowds(left).0, without_crowds(right).0);
    let sides = [&left, &right].into_iter().enumerate();
    let items: Vec<(IpNet, usize)> = sides
        .flat_map(|(side, ranges)| ranges.iter().map(move |range| (range.net, side)))
        .collect();
    let pairs = overlapping_pairs(&items).into_iter();
    pairs
        .map(|(first, second)| [left[first], right[second - left.len()]])
        .collect()
}

/// The ranges, of those that many clusters have the first only; and these apart.
fn without_crowds<'m>(
    ranges: &[ClusterRange<'m>],
) -> (Vec<ClusterRange<'m>>, Vec<Vec<ClusterRange<'m>>>) {
    let mut equal: BTreeMap<IpNet, Vec<ClusterRange<'m>>> = BTreeMap::new();
    for range in ranges {
        equal.entry(range.net).or_default().push(*range);
    }
    let owners = |ranges: &[ClusterRange<'_>]| {
        let owners: BTreeSet<usize> = ranges.iter().map(|range| range.cluster.index).collect();
        owners.len()
    };
    equal.retain(|_, ranges| owners(ranges) > CROWD);
    let kept = ranges.iter().filter(|range| {
        let crowd = equal.get(&range.net);
        crowd.is_none_or(|crowd| std::ptr::eq(crowd[0].place, range.place))
    });
    (kept.copied().collect(), equal.into_values().collect())
}

impl Context<'_> {
    /// The two places of an overlap: the later one in the text, where it shows, then the other.
    pub(super) fn later_first<'p>(&self, a: &'p Place, b: &'p Place) -> [&'p Place; 2] {
        let sources = &self.input.sources;
        if sources.order(a) > sources.order(b) {
            [a, b]
        } else {
            [b, a]
        }
    }
}

/// The node ranges of a cluster, and its known nodes outside them.
pub(super) fn node_ranges(cluster: &Cluster) -> Vec<IpNet> {
    let ranges = cluster.node_cidrs.iter().map(|range| range.value);
    let nodes = cluster.nodes.iter().map(|node| IpNet::from(node.value));
    aggregate(&ranges.chain(nodes).collect::<Vec<IpNet>>())
}

/// Whether the cluster is dialled in the address family of a range; it may be, where nothing is known of its own.
pub(super) fn is_dialled_from(cluster: &Cluster, net: &IpNet) -> bool {
    let addresses = cluster.apiserver.addresses.iter();
    let dialled: Vec<IpNet> = addresses.map(|address| address.value.into()).collect();
    let known = match dialled.as_slice() {
        [] => node_ranges(cluster),
        _ => dialled,
    };
    let mut families = known.iter().map(Family::of);
    known.is_empty() || families.any(|family| family == Family::of(net))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::fmt::Write;
    use std::path::Path;

    use crate::compile::plan::Request;
    use crate::pipeline::{check, load_text};

    fn overlaps(clusters: usize) -> Vec<crate::finding::Finding> {
        let mut text = "apiVersion: meshgen/v1\nmaxConnectedClusters: 511\ndefaults: {kkp: \"2.31\", cilium: 1.19.4}\nclusters:\n".to_owned();
        for id in 1..=clusters {
            writeln!(
                text,
                "  - {{name: c{id}, id: {id}, podCIDRs: [172.25.0.0/16]}}"
            )
            .unwrap();
        }
        let loaded = load_text(Path::new("mesh.yaml"), text.into_bytes());
        let mesh = loaded.mesh.unwrap();
        let all = check(
            &loaded.input,
            &mesh,
            loaded.findings,
            &Request::default(),
            None,
        )
        .findings;
        let overlaps = all.into_iter();
        overlaps
            .filter(|finding| finding.code == "pod-cidr-overlap")
            .collect()
    }

    #[test]
    fn a_range_in_a_few_clusters_is_said_pair_by_pair() {
        assert_eq!(
            overlaps(super::CROWD).len(),
            super::CROWD * (super::CROWD - 1) / 2
        );
    }

    #[test]
    fn a_range_in_many_clusters_is_said_once_with_all_of_them() {
        let found = overlaps(60);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].clusters.len(), 60);
        assert_eq!(
            found[0].primary.place.route.to_string(),
            "clusters[1].podCIDRs[0]"
        );
    }
}
