//! Ranges of addresses with the cluster that they belong to, and which of them overlap.

use ipnet::IpNet;

use super::Context;
use crate::firewall::cidr::overlapping_pairs;
use crate::model::{Cluster, Fact, Mesh};
use crate::source::Place;

/// A range, or a single address, of a cluster.
#[derive(Clone, Copy)]
pub(super) struct Range<'m> {
    pub(super) cluster: &'m Cluster,
    pub(super) net: IpNet,
    pub(super) place: &'m Place,
}

impl<'m> Range<'m> {
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
pub(super) fn pods(mesh: &Mesh) -> Vec<Range<'_>> {
    of(mesh, |cluster| &cluster.pod_cidrs)
}

/// The service ranges of all clusters.
pub(super) fn services(mesh: &Mesh) -> Vec<Range<'_>> {
    of(mesh, |cluster| &cluster.service_cidrs)
}

/// The node ranges of all clusters, and the nodes that are in none of their cluster's.
pub(super) fn nodes(mesh: &Mesh) -> Vec<Range<'_>> {
    let mut ranges = of(mesh, |cluster| &cluster.node_cidrs);
    let nodes = of(mesh, |cluster| &cluster.nodes);
    ranges.extend(nodes.into_iter().filter(|node| {
        let mut own = node.cluster.node_cidrs.iter();
        !own.any(|range| range.value.contains(&node.net))
    }));
    ranges
}

/// The addresses of the clustermesh-apiservers that are not nodes' addresses.
pub(super) fn load_balancers(mesh: &Mesh) -> Vec<Range<'_>> {
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

fn of<T>(mesh: &Mesh, facts: fn(&Cluster) -> &Vec<Fact<T>>) -> Vec<Range<'_>>
where
    T: Copy + Into<IpNet> + 'static,
{
    let clusters = mesh.clusters.iter();
    clusters
        .flat_map(|cluster| {
            facts(cluster)
                .iter()
                .map(move |fact| Range::new(cluster, fact))
        })
        .collect()
}

/// The overlaps between the ranges of different clusters.
pub(super) fn between_clusters<'m>(ranges: &[Range<'m>]) -> Vec<[Range<'m>; 2]> {
    let owner = |range: &Range<'_>| (range.net, range.cluster.index);
    let items: Vec<(IpNet, usize)> = ranges.iter().map(owner).collect();
    let pairs = overlapping_pairs(&items).into_iter();
    pairs
        .map(|(first, second)| [ranges[first], ranges[second]])
        .collect()
}

/// The overlaps between the ranges of two lists, whichever clusters they belong to.
pub(super) fn between_lists<'m>(left: &[Range<'m>], right: &[Range<'m>]) -> Vec<[Range<'m>; 2]> {
    let sides = [left, right].into_iter().enumerate();
    let items: Vec<(IpNet, usize)> = sides
        .flat_map(|(side, ranges)| ranges.iter().map(move |range| (range.net, side)))
        .collect();
    let pairs = overlapping_pairs(&items).into_iter();
    pairs
        .map(|(first, second)| [left[first], right[second - left.len()]])
        .collect()
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
