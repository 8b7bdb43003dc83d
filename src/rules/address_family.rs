//! Nodes dial an address only in a family that they have themselves.

use std::collections::BTreeSet;

use super::{Context, Rule};
use crate::finding::Finding;
use crate::firewall::cidr::Family;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &crate::resolve::codes::ADDRESS_INVALID,
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let clusters: Vec<&Cluster> = context.mesh.members().collect();
    let nodes: Vec<BTreeSet<Family>> = clusters.iter().map(|cluster| of_nodes(cluster)).collect();
    for cluster in &clusters {
        let own = of_addresses(cluster);
        let mut others = clusters.iter().zip(&nodes);
        let lacking = others.find(|(other, families)| {
            let is_known = !own.is_empty() && !families.is_empty();
            other.index != cluster.index && is_known && own.is_disjoint(families)
        });
        if let Some((other, families)) = lacking {
            out.extend(finding(cluster, &own, other, families));
        }
    }
}

fn of_addresses(cluster: &Cluster) -> BTreeSet<Family> {
    let addresses = cluster.apiserver.addresses.iter();
    addresses
        .map(|address| Family::of(&address.value.into()))
        .collect()
}

/// The families of a cluster's nodes, as far as they are known.
fn of_nodes(cluster: &Cluster) -> BTreeSet<Family> {
    let ranges = cluster.node_cidrs.iter().map(|range| range.value);
    let nodes = cluster.nodes.iter().map(|node| node.value.into());
    ranges.chain(nodes).map(|net| Family::of(&net)).collect()
}

fn finding(
    cluster: &Cluster,
    own: &BTreeSet<Family>,
    other: &Cluster,
    families: &BTreeSet<Family>,
) -> Option<Finding> {
    let named = |families: &BTreeSet<Family>| families.first().map(|family| family.title());
    let (own, others) = (named(own)?, named(families)?);
    let message = format!(
        "{} is reached at {own} addresses only, and the nodes of {} have {others} addresses only",
        cluster.name(),
        other.name()
    );
    let at = cluster.apiserver.addresses.first()?;
    let node = other.node_cidrs.first().map(|range| &range.place);
    let node = node.or_else(|| other.nodes.first().map(|node| &node.place))?;
    let finding = RULE
        .finding(at.place.clone(), message)
        .label(own)
        .related(node.clone(), others)
        .help(format!(
            "give an {others} address of {} too",
            cluster.name()
        ))
        .cluster(cluster.name())
        .cluster(other.name());
    Some(finding)
}
