//! An address of a private network is of use to those who are in one like it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{Context, Rule, ranges};
use crate::code::code;
use crate::finding::Finding;
use crate::firewall::cidr::Family;
use crate::model::{Cluster, Fact};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "address-private", Warning,
        what: "A clustermesh-apiserver is reached at an address of a private network, and all known nodes of another cluster are elsewhere.",
        why: "Private networks are often routed to each other, so nothing is said where the other nodes are in the same private block (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, fc00::/7). But a node with a public address, or one of another private block, most likely does not reach such an address. Give an address that all nodes reach, or accept the finding with `ignore` where a route exists.",
    ),
    check,
};

/// The private blocks: RFC 1918, RFC 6598 and RFC 4193.
const BLOCKS: [IpNet; 5] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10)),
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0),
        7,
    )),
];

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let clusters = &context.mesh.clusters;
    let pods = ranges::pods(context.mesh);
    let nodes: Vec<Blocks> = clusters.iter().map(Blocks::of).collect();
    for cluster in clusters {
        let Some((address, block)) = private_address(cluster) else {
            continue;
        };
        // That an address is a pod's is the fault then, and said already.
        if pods.iter().any(|pod| pod.net.contains(&address.value)) {
            continue;
        }
        let mut others = clusters.iter().zip(&nodes);
        let elsewhere = others.find(|(other, nodes)| {
            other.index != cluster.index
                && nodes.are_outside(block, Family::of(&address.value.into()))
        });
        if let Some((other, _)) = elsewhere {
            out.push(finding(cluster, address, other));
        }
    }
}

/// The address of a cluster with the private block that it is in, if all its addresses are private.
fn private_address(cluster: &Cluster) -> Option<(&Fact<IpAddr>, usize)> {
    let addresses = &cluster.apiserver.addresses;
    let blocks: Option<Vec<usize>> = addresses
        .iter()
        .map(|a| block_of(&a.value.into()))
        .collect();
    let first = *blocks?.first()?;
    Some((addresses.first()?, first))
}

fn block_of(net: &IpNet) -> Option<usize> {
    BLOCKS.iter().position(|block| block.contains(net))
}

/// In which private blocks the nodes of a cluster are, by family; public ones count as outside all.
struct Blocks {
    known: [bool; 2],
    inside: [bool; BLOCKS.len()],
}

impl Blocks {
    fn of(cluster: &Cluster) -> Self {
        let mut blocks = Self {
            known: [false; 2],
            inside: [false; BLOCKS.len()],
        };
        let ranges = cluster.node_cidrs.iter().map(|range| range.value);
        let nodes = cluster.nodes.iter().map(|node| IpNet::from(node.value));
        for net in ranges.chain(nodes) {
            blocks.known[usize::from(Family::of(&net) == Family::V6)] = true;
            for (inside, block) in blocks.inside.iter_mut().zip(&BLOCKS) {
                *inside |= block.contains(&net) || net.contains(block);
            }
        }
        blocks
    }

    /// Whether nodes of the family are known, and none is in a block.
    fn are_outside(&self, block: usize, family: Family) -> bool {
        self.known[usize::from(family == Family::V6)] && !self.inside[block]
    }
}

fn finding(cluster: &Cluster, address: &Fact<IpAddr>, other: &Cluster) -> Finding {
    let message = format!(
        "{}, where {} is reached, is a private address, and the nodes of {} are elsewhere",
        address.value,
        cluster.name(),
        other.name()
    );
    let nodes = other.node_cidrs.first().map(|range| &range.place);
    let nodes = nodes.or_else(|| other.nodes.first().map(|node| &node.place));
    let finding = RULE.finding(address.place.clone(), message)
        .label("private")
        .help(format!(
            "give an address that the nodes of {} reach, or accept this with `ignore` if there is a route",
            other.name()
        ))
        .cluster(cluster.name())
        .cluster(other.name());
    match nodes {
        Some(place) => finding.related(place.clone(), "nodes here"),
        None => finding,
    }
}
