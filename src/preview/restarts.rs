//! What restarts: by itself, because its pod template changes, or by a step.

use serde::Serialize;
use serde_json::Value;

use crate::compile::compiled::Compiled;
use crate::compile::index::Step;
use crate::compile::paths::{CA_LABEL, LABELS};
use crate::compile::wanted::{BUNDLE, WantedValues};
use crate::model::at_path;

const AGENTS: &str = "daemonset/cilium";
const APISERVER: &str = "deployment/clustermesh-apiserver";

/// Something that restarts.
#[derive(Serialize)]
pub(crate) struct Restart {
    /// The workload; null where steps.sh finds out which they are.
    pub(super) workload: Option<&'static str>,
    /// `itself` or `step`.
    pub(super) by: &'static str,
    pub(super) why: String,
}

/// All restarts of a cluster; those by steps in their order, behind those that come with the patch.
pub(super) fn all<'s>(
    compiled: &Compiled<'_, '_>,
    wanted: &WantedValues<'_>,
    by_step: impl Iterator<Item = &'s Step>,
) -> Vec<Restart> {
    let mut restarts = by_itself(compiled, wanted);
    // What has restarted with the patch is not restarted by the step again.
    let rolls = restarts.iter().any(|one| one.workload == Some(AGENTS));
    let steps = by_step.map(|step| Restart {
        workload: ["deployment/cilium-operator", AGENTS, APISERVER]
            .into_iter()
            .find(|workload| {
                step.command
                    .contains(&format!("rollout restart {workload}"))
            }),
        by: "step",
        why: step.why.clone(),
    });
    restarts.extend(steps.filter(|one| !rolls || one.workload != Some(AGENTS)));
    restarts
}

/// What Helm restarts, since the patch changes a pod template.
fn by_itself(compiled: &Compiled<'_, '_>, wanted: &WantedValues<'_>) -> Vec<Restart> {
    let Some(before) = wanted.before else {
        return Vec::new();
    };
    let mut restarts = Vec::new();
    let mut add = |workload, why: &str| {
        restarts.push(Restart {
            workload: Some(workload),
            by: "itself",
            why: why.to_owned(),
        });
    };
    let is_on = |values| at_path(values, "clustermesh.useAPIServer") == Some(&Value::Bool(true));
    let ran = is_on(before) && is_on(&wanted.merged);
    if let Some(why) = wanted.restarts_agents(compiled) {
        add(AGENTS, why);
    }
    let has_aliases = compiled.cluster.cluster.runs_kvstoremesh();
    if ran && has_aliases && wanted.changes_host_aliases(compiled) {
        add(
            APISERVER,
            "the addresses of the peers are host aliases of its pods",
        );
    }
    let has_relay = at_path(before, "hubble.relay.enabled") == Some(&Value::Bool(true));
    if wanted.switches_bundle() && has_relay {
        add("deployment/hubble-relay", BUNDLE);
    }
    let label = |values| Some(at_path(values, LABELS)?.get(CA_LABEL)?.clone());
    if ran && wanted.switches_bundle() {
        add(APISERVER, BUNDLE);
    } else if ran && label(before) != label(&wanted.merged) {
        add(APISERVER, "a label of its pods changes with the CA");
    }
    let image = |values| at_path(values, "clustermesh.apiserver.image").cloned();
    if ran && image(before) != image(&wanted.merged) {
        add(APISERVER, "its image changes");
    }
    restarts
}
