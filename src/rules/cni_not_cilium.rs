//! A cluster without Cilium.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::source::quoted;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "cni-not-cilium", Error,
        what: "The CNI of a cluster, as KKP has it, is not Cilium.",
        why: "With Canal, or with none, KKP keeps no ApplicationInstallation `cilium`: there is nothing that a patch could change. KKP cannot exchange the CNI of a running cluster without interrupting it, so a new cluster is the usual way.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        let Some(cni) = cluster.cni.as_ref().filter(|cni| cni.value != "cilium") else {
            continue;
        };
        let message = format!(
            "the CNI of {} is {}, not cilium",
            cluster.name(),
            quoted(&cni.value)
        );
        let finding = RULE.finding(cni.place.clone(), message)
            .label("expected cilium")
            .help("take the cluster out of mesh.yaml, or dump the Cluster object of the one that is meant")
            .cluster(cluster.name());
        out.push(finding);
    }
}
