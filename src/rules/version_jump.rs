//! An upgrade that mesh.yaml announces and that leaves out minor versions.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::profile;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "version-jump", Warning,
        what: "The Cilium version in mesh.yaml is more than one minor version newer than the dumped one.",
        why: "Cilium supports upgrades from one minor version to the next only, and KKP takes no larger step of a cluster's CNI version (kubermatic/kubermatic#12083). The patch is made for the version in mesh.yaml, so it fits only once the cluster is there: take the minor versions in between first.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        let dumped = cluster
            .current
            .as_ref()
            .and_then(|current| current.version.as_ref());
        let (Some(wished), Some(dumped)) = (&cluster.cilium, dumped) else {
            continue;
        };
        let Ok(today) = profile::cilium_version(&dumped.value) else {
            continue;
        };
        let (today, wish) = (today.version, wished.value.version);
        if wish.minors_after(today).is_none_or(|minors| minors <= 1) {
            continue;
        }
        let between: Vec<String> = (today.minor + 1..wish.minor)
            .map(|minor| format!("{}.{minor}", today.major))
            .collect();
        let between = between.join(", then ");
        let message = format!(
            "mesh.yaml asks for Cilium {wish} where {today} runs: {between} would be left out"
        );
        out.push(
            RULE.finding(wished.place.clone(), message)
                .label("the version asked for")
                .related(dumped.place.clone(), "the version that it has")
                .help(format!(
                    "upgrade by way of {between}, and dump the ApplicationInstallation again"
                ))
                .cluster(cluster.name()),
        );
    }
}
