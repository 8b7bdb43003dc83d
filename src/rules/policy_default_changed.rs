//! Network policies that select less after an upgrade.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;
use crate::profile;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "policy-default-changed", Warning,
        what: "With the upgrade that mesh.yaml announces, network policies select pods of their own cluster only.",
        why: "From Cilium 1.19 on a policy that names no cluster means the local one; before, it meant all clusters of the mesh. Policies that allow traffic from other clusters stop doing so. Name the clusters in these policies, or set `clustermesh.policyDefaultLocalCluster: false` in the values before the upgrade.",
    ),
    check,
};

/// The value that keeps the old meaning, or takes the new one on beforehand.
const CHOICE: &str = "clustermesh.policyDefaultLocalCluster";

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let Some(cilium) = &cluster.cilium else {
            continue;
        };
        let chosen = cluster
            .current_value(CHOICE)
            .is_some_and(serde_json::Value::is_boolean);
        if !cilium.value.profile.policies_local || chosen || !selects_everywhere_today(cluster) {
            continue;
        }
        // Clusters whose version is said in one place are told of together.
        let message = format!(
            "after the upgrade to Cilium {} network policies select pods of their own cluster only",
            cilium.value.version
        );
        let mut finding = RULE.finding(cilium.place.clone(), message)
            .help(format!("name the clusters in policies between clusters, or set `{CHOICE}: false` in the values first"))
            .cluster(cluster.name());
        if let Some(dumped) = cluster
            .current
            .as_ref()
            .and_then(|current| current.version.as_ref())
        {
            let label = format!("the version that {} has", cluster.name());
            finding = finding.related(dumped.place.clone(), label);
        }
        out.push(finding);
    }
}

fn selects_everywhere_today(cluster: &Cluster) -> bool {
    let dumped = cluster
        .current
        .as_ref()
        .and_then(|current| current.version.as_ref());
    let now = dumped.and_then(|version| profile::cilium_version(&version.value).ok());
    now.is_some_and(|now| !now.profile.policies_local)
}
