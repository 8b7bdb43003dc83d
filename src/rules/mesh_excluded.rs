//! Settings in the current values that exclude Cluster Mesh.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::profile::exclusions::EXCLUSIONS;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "mesh-excluded", Warning,
        what: "The current values of a cluster switch something on, or off, that Cilium does not support together with Cluster Mesh.",
        why: "No chart refuses it, so the patch is applied and part of the mesh does not work: with SPIRE's mutual authentication traffic between clusters is not authenticated and policies that ask for it drop it, without CiliumEndpoints on old charts the peers never learn of any pod.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        let (Some(current), Some(version)) = (&cluster.current, cluster.cilium_version()) else {
            continue;
        };
        for exclusion in EXCLUSIONS.iter().filter(|one| one.is_of(version)) {
            let value = cluster.current_value(exclusion.path);
            if !value.is_some_and(|value| exclusion.excludes(value)) {
                continue;
            }
            let message = format!(
                "{} of {} excludes Cluster Mesh: {}",
                exclusion.path,
                cluster.name(),
                exclusion.why
            );
            out.push(
                RULE.finding(current.value_place(exclusion.path), message)
                    .help(exclusion.mend)
                    .cluster(cluster.name()),
            );
        }
    }
}
