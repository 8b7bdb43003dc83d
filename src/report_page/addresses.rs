//! The address map: every range of every cluster, to scale, overlaps marked.

use ipnet::IpNet;
use serde::Serialize;

use super::scale::{Scale, WIDTH, ends};
use crate::firewall::cidr::{Family, overlapping_pairs};
use crate::model::{Cluster, Mesh};

/// Height of one cluster's row.
const ROW: f64 = 22.0;
/// Least width of a range, so that one address can be seen.
const LEAST: f64 = 2.0;

/// The map of one family.
#[derive(Serialize)]
pub(super) struct AddressMap {
    title: &'static str,
    is_log: bool,
    width: f64,
    height: f64,
    rows: Vec<AddressRow>,
    overlaps: Vec<String>,
    free: Vec<Free>,
}

#[derive(Serialize)]
struct AddressRow {
    cluster: String,
    y: f64,
    bars: Vec<Bar>,
}

/// One range.
#[derive(Serialize)]
struct Bar {
    range: String,
    kind: RangeKind,
    x: f64,
    y: f64,
    width: f64,
    overlaps: bool,
}

/// A stretch without any range.
#[derive(Serialize)]
struct Free {
    x: f64,
    width: f64,
    text: String,
}

/// What a range is for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum RangeKind {
    Pods,
    Services,
    Nodes,
    Address,
}

/// One map for each family that has ranges.
pub(super) fn maps(mesh: &Mesh) -> Vec<AddressMap> {
    let families = [Family::V4, Family::V6].into_iter();
    families.filter_map(|family| map(mesh, family)).collect()
}

fn ranges(cluster: &Cluster, family: Family) -> Vec<(IpNet, RangeKind)> {
    let of = |facts: &[crate::model::Fact<IpNet>], kind| {
        let nets = facts.iter().map(|fact| fact.value);
        nets.map(|net| (net, kind)).collect::<Vec<_>>()
    };
    let single = |facts: &[crate::model::Fact<std::net::IpAddr>], kind| {
        let nets = facts.iter().map(|fact| IpNet::from(fact.value));
        nets.map(|net| (net, kind)).collect::<Vec<_>>()
    };
    let nodes = if cluster.node_cidrs.is_empty() {
        single(&cluster.nodes, RangeKind::Nodes)
    } else {
        of(&cluster.node_cidrs, RangeKind::Nodes)
    };
    let mut all = [
        of(&cluster.pod_cidrs, RangeKind::Pods),
        of(&cluster.service_cidrs, RangeKind::Services),
        nodes,
        single(&cluster.apiserver.addresses, RangeKind::Address),
    ]
    .concat();
    all.retain(|(net, _)| Family::of(net) == family);
    all
}

fn map(mesh: &Mesh, family: Family) -> Option<AddressMap> {
    let all: Vec<(usize, IpNet, RangeKind)> = mesh
        .clusters
        .iter()
        .enumerate()
        .flat_map(|(at, cluster)| {
            let ranges = ranges(cluster, family).into_iter();
            ranges.map(move |(net, kind)| (at, net, kind))
        })
        .collect();
    if all.is_empty() {
        return None;
    }
    let nets: Vec<IpNet> = all.iter().map(|(_, net, _)| *net).collect();
    let scale = Scale::new(&nets);
    let clashes = clashes(&all);
    let bar = |at: usize, row: usize| {
        let (_, net, kind) = &all[at];
        let (first, end) = ends(net);
        let x = scale.place(first).min(WIDTH - LEAST);
        Bar {
            range: shown(net),
            kind: *kind,
            x: rounded(x),
            y: rounded(row as f64 * ROW + 3.0),
            width: rounded((scale.place(end) - x).max(LEAST)),
            overlaps: clashes.iter().any(|(a, b)| *a == at || *b == at),
        }
    };
    let rows = mesh.clusters.iter().enumerate().map(|(row, cluster)| {
        let own = (0..all.len()).filter(|at| all[*at].0 == row);
        AddressRow {
            cluster: cluster.name().to_owned(),
            y: rounded(row as f64 * ROW),
            bars: own.map(|at| bar(at, row)).collect(),
        }
    });
    let overlaps = clashes.iter().map(|(a, b)| {
        let named = |at: usize| {
            let (cluster, net, _) = &all[at];
            format!("{} of {}", shown(net), mesh.clusters[*cluster].name())
        };
        format!("{} and {}", named(*a), named(*b))
    });
    Some(AddressMap {
        title: family.title(),
        is_log: scale.is_log,
        width: WIDTH,
        height: rounded(mesh.clusters.len() as f64 * ROW),
        rows: rows.collect(),
        overlaps: overlaps.take(50).collect(),
        free: free(&scale, family),
    })
}

/// Pod ranges that share addresses with anything but services of the same mesh: those may repeat in every cluster.
fn clashes(all: &[(usize, IpNet, RangeKind)]) -> Vec<(usize, usize)> {
    let items: Vec<(IpNet, usize)> = all
        .iter()
        .enumerate()
        .map(|(at, (_, net, _))| (*net, at))
        .collect();
    let matters = |(a, b): &(usize, usize)| {
        let (first, second) = (&all[*a], &all[*b]);
        let has_pods = first.2 == RangeKind::Pods || second.2 == RangeKind::Pods;
        has_pods && first.0 != second.0
    };
    overlapping_pairs(&items)
        .into_iter()
        .filter(matters)
        .collect()
}

fn free(scale: &Scale, family: Family) -> Vec<Free> {
    let stretches = scale.free.iter();
    stretches
        .map(|(first, end)| {
            let x = scale.place(*first);
            Free {
                x: rounded(x),
                width: rounded(scale.place(*end) - x),
                text: format!(
                    "free: {} to {}",
                    address(*first, family),
                    address(end - 1, family)
                ),
            }
        })
        .collect()
}

fn address(number: u128, family: Family) -> String {
    match family {
        Family::V4 => {
            std::net::Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).to_string()
        }
        Family::V6 => std::net::Ipv6Addr::from(number).to_string(),
    }
}

fn shown(net: &IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}

/// Two digits are enough for a drawing, and keep the page small.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
