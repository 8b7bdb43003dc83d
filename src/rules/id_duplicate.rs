//! IDs must be unique.

use std::collections::BTreeMap;

use super::id_range::in_range;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "id-duplicate", Error,
        what: "Two clusters of the mesh have the same ID.",
        why: "The ID is part of every identity and address that Cilium exchanges; two clusters with one ID overwrite each other's, and policies then match the wrong pods. Changing the ID of a running cluster breaks all its connections until its workloads are restarted, so change that of the newer one.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen: BTreeMap<i64, &Cluster> = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        let Some(id) = cluster
            .id
            .as_ref()
            .filter(|id| in_range(context.mesh, id.value))
        else {
            continue;
        };
        let name = cluster.name();
        if let Some(first) = seen.get(&id.value) {
            out.push(
                RULE.finding(id.place.clone(),
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
