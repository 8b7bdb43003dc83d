//! IDs must be in the range that the mesh allows.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Mesh;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "id-range", Error,
        what: "The ID of a cluster is not between 1 and the highest that the mesh allows: 255, or 511 with `maxConnectedClusters: 511`.",
        why: "Cilium numbers identities by cluster ID; 0 means that there is no mesh, and agents do not start with an ID that is too high. All clusters of a mesh need the same maxConnectedClusters, from their creation on.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let highest = context.mesh.highest_id();
    for cluster in &context.mesh.clusters {
        let Some(id) = cluster
            .id
            .as_ref()
            .filter(|id| !in_range(context.mesh, id.value))
        else {
            continue;
        };
        let name = cluster.name();
        out.push(
            RULE.finding(id.place.clone(),
                format!("the ID of {name} is {}, outside 1 to {highest}", id.value),
            )
            .label(format!("expected 1 to {highest}"))
            .help("write an ID that no other cluster has; above 255 the whole mesh needs maxConnectedClusters: 511")
            .cluster(name),
        );
    }
}

/// Whether an ID is one that a cluster of the mesh can have.
pub(super) fn in_range(mesh: &Mesh, id: i64) -> bool {
    (1..=mesh.highest_id()).contains(&id)
}
