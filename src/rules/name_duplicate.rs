//! Names must be unique.

use std::collections::BTreeMap;

use super::name_invalid::is_valid;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "name-duplicate", Error,
        what: "Two clusters of the mesh have the same name.",
        why: "The name is the key under which each cluster keeps the connection to the other: the second one would replace the first, and only one of the two would ever be connected.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen: BTreeMap<&str, &Cluster> = BTreeMap::new();
    let named = |cluster: &&Cluster| !cluster.is_unusable("name") && is_valid(cluster.name());
    for cluster in context.mesh.clusters.iter().filter(named) {
        let name = cluster.name();
        if let Some(first) = seen.get(name) {
            out.push(
                RULE.finding(
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
