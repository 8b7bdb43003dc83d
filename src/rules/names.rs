//! Names and IDs of clusters: form, range, uniqueness.

use std::collections::BTreeMap;

use super::Context;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) fn check_names(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen: BTreeMap<&str, &Cluster> = BTreeMap::new();
    let named = |cluster: &&Cluster| !cluster.is_unusable("name");
    for cluster in context.mesh.clusters.iter().filter(named) {
        let name = cluster.name();
        if name == "default" {
            out.push(
                invalid(
                    cluster,
                    "`default` is what Cilium calls a cluster without a name",
                )
                .help("give the cluster a name of its own, such as cluster-1"),
            );
        } else if !is_valid(name) {
            let shown: String = name.chars().take(40).collect();
            out.push(
                invalid(cluster, &format!("`{shown}` cannot be the name of a cluster"))
                    .label("1 to 32 of a-z, 0-9 and hyphen, first and last a letter or digit")
                    .help("peers are dialled as <name>.mesh.cilium.io, and the server certificate covers one label"),
            );
        } else if let Some(first) = seen.get(name) {
            out.push(
                Finding::error(
                    "name-duplicate",
                    cluster.name.place.clone(),
                    format!("two clusters are called `{name}`"),
                )
                .related(first.name.place.clone(), "the first one")
                .help("give each cluster of the mesh a name of its own")
                .cluster(name),
            );
        } else {
            seen.insert(name, cluster);
        }
    }
}

pub(super) fn check_ids(context: &Context<'_>, out: &mut Vec<Finding>) {
    let highest = context.mesh.highest_id();
    let mut seen: BTreeMap<i64, &Cluster> = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        let Some(id) = &cluster.id else { continue };
        let name = cluster.name();
        if id.value < 1 || id.value > highest {
            out.push(
                Finding::error(
                    "id-range",
                    id.place.clone(),
                    format!("the ID of {name} is {}, outside 1 to {highest}", id.value),
                )
                .label(format!("expected 1 to {highest}"))
                .help("write an ID that no other cluster has; above 255 the whole mesh needs maxConnectedClusters: 511")
                .cluster(name),
            );
        } else if let Some(first) = seen.get(&id.value) {
            out.push(
                Finding::error(
                    "id-duplicate",
                    id.place.clone(),
                    format!("{name} and {} have the same ID {}", first.name(), id.value),
                )
                .related(first.place.key("id"), "the first one")
                .help("give the newer cluster another ID: changing that of a running cluster costs all its connections")
                .cluster(first.name())
                .cluster(name),
            );
        } else {
            seen.insert(id.value, cluster);
        }
    }
}

fn invalid(cluster: &Cluster, message: &str) -> Finding {
    Finding::error("name-invalid", cluster.name.place.clone(), message).cluster(cluster.name())
}

fn is_valid(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let outer = |c: Option<char>| c.is_some_and(|c| inner(c) && c != '-');
    name.len() <= 32
        && name.chars().all(inner)
        && outer(name.chars().next())
        && outer(name.chars().next_back())
}
