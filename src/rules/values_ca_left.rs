//! A CA in the current values that the chart refuses.

use super::{Context, Rule};
use crate::code::code;
use crate::compile::paths::VALUES_CA;
use crate::finding::Finding;
use crate::model::Cluster;
use crate::profile::{self, charts::ValuesCa};
use crate::truth::is_true;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "values-ca-left", Warning,
        what: "The current values hold `clustermesh.apiserver.tls.ca`, which the chart refuses.",
        why: "The guide put the CA there. Charts from 1.15.8 and from 1.16.2 on fail as long as the key exists, and so does the upgrade to them. The patch removes it and STEPS.md puts the CA into the Secret `cilium-ca`: apply both before Cilium is upgraded, or nothing can be rolled out any more until they are.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let (Some(current), Some(cilium)) = (&cluster.current, &cluster.cilium) else {
            continue;
        };
        let refuses = cilium.value.profile.values_ca == ValuesCa::Refused;
        // The charts look at the two values, and take empty ones for none.
        let holds = |part: &str| {
            let value = cluster.current_value(&format!("{VALUES_CA}.{part}"));
            value.is_some_and(is_true)
        };
        if !refuses || !(holds("cert") || holds("key")) {
            continue;
        }
        let message = format!(
            "the values of {} still hold `{VALUES_CA}`, which the chart of Cilium {} refuses",
            cluster.name(),
            cilium.value.version
        );
        let help = if is_refused_today(cluster) {
            "apply the patch: it removes the key; until then every Helm upgrade fails"
        } else {
            "apply the Secret and the patch while the cluster has its present version: they remove the key; upgrade Cilium afterwards"
        };
        let finding = RULE
            .finding(current.value_place(VALUES_CA), message)
            .related(cilium.place.clone(), "the version")
            .help(help)
            .cluster(cluster.name());
        out.push(finding);
    }
}

/// Whether the version that the dump shows refuses it too.
fn is_refused_today(cluster: &Cluster) -> bool {
    let dumped = cluster
        .current
        .as_ref()
        .and_then(|current| current.version.as_ref());
    let now = dumped.and_then(|version| profile::cilium_version(&version.value).ok());
    now.is_some_and(|now| now.profile.values_ca == ValuesCa::Refused)
}
