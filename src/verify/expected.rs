//! The nodes of a cluster that every other must see: those of mesh.yaml, of its dumps and of saved Node lists.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::outputs::{NodeAddresses, Saved, SavedOutput};
use super::parse::objects;
use crate::input::Input;
use crate::model::Cluster;
use crate::resolve::selection::Role;

/// A node that is expected.
#[derive(Debug)]
pub(super) struct ExpectedNode {
    /// Its name, where an object tells.
    pub(super) name: Option<String>,
    /// Its addresses.
    pub(super) ips: Vec<IpAddr>,
}

/// What is expected of a cluster.
#[derive(Debug)]
pub(super) struct Expected {
    /// Its nodes, as far as known.
    pub(super) nodes: Vec<ExpectedNode>,
    /// How many there are at least.
    pub(super) count: usize,
    /// Where its nodes and pods are.
    pub(super) ranges: Vec<IpNet>,
    /// The addresses of its nodes.
    ips: HashSet<IpAddr>,
}

impl Expected {
    pub(super) fn of(input: &Input, cluster: &Cluster, saved: &[Saved]) -> Self {
        let dumped = dumped(input, cluster);
        let mut names = HashSet::new();
        let mut nodes: Vec<ExpectedNode> = dumped
            .iter()
            .chain(listed(saved))
            .filter(|node| names.insert(node.name.as_str()))
            .map(|node| ExpectedNode {
                name: Some(node.name.clone()),
                ips: node.ips.clone(),
            })
            .collect();
        let named = nodes.len();
        let mut ips: HashSet<IpAddr> = nodes
            .iter()
            .flat_map(|node| node.ips.iter().copied())
            .collect();
        let typed = cluster.nodes.iter().map(|fact| fact.value);
        nodes.extend(typed.filter(|ip| ips.insert(*ip)).map(|ip| ExpectedNode {
            name: None,
            ips: vec![ip],
        }));
        let family = |v6| {
            nodes[named..]
                .iter()
                .filter(|node| node.ips[0].is_ipv6() == v6)
                .count()
        };
        // Typed addresses of two families may be those of the same nodes.
        let count = named + family(false).max(family(true));
        let ranges = cluster.node_cidrs.iter().chain(&cluster.pod_cidrs);
        Self {
            count,
            ranges: ranges.map(|fact| fact.value).collect(),
            nodes,
            ips,
        }
    }

    /// Whether an address is one of its own.
    pub(super) fn owns(&self, ip: &str) -> bool {
        ip.parse::<IpAddr>().is_ok_and(|ip| {
            self.ips.contains(&ip) || self.ranges.iter().any(|range| range.contains(&ip))
        })
    }
}

/// The Nodes in what was saved.
fn listed(saved: &[Saved]) -> impl Iterator<Item = &NodeAddresses> {
    let outputs = saved.iter().flat_map(|saved| &saved.outputs);
    outputs
        .filter_map(|output| match output {
            SavedOutput::Nodes(nodes) => Some(nodes),
            _ => None,
        })
        .flatten()
}

/// The dumped Nodes.
fn dumped(input: &Input, cluster: &Cluster) -> Vec<NodeAddresses> {
    let dumps = input.dumps.get(cluster.index).into_iter().flatten();
    dumps
        .filter(|object| Role::of(object) == Some(Role::Node))
        .filter_map(|object| objects::node(&input.sources.node(&object.place)?.to_json()))
        .collect()
}
