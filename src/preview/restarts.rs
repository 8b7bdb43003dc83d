//! What restarts: by itself, because its pod template changes, or by a step.

use serde::Serialize;

use crate::compile::compiled::Compiled;
use crate::compile::index::Step;
use crate::compile::wanted::{AGENTS, APISERVER, WantedValues};

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
    let by_itself = wanted.restarts(compiled).into_iter();
    let mut restarts: Vec<Restart> = by_itself
        .map(|(workload, why)| Restart {
            workload: Some(workload),
            by: "itself",
            why: why.to_owned(),
        })
        .collect();
    let again = restarts.iter().any(|one| one.workload == Some(APISERVER));
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
    let mut steps: Vec<Restart> = steps
        .filter(|one| !rolls || one.workload != Some(AGENTS))
        .collect();
    for step in &mut steps {
        if again && step.workload == Some(APISERVER) {
            step.why += "; this is a second restart, once they are issued";
        }
    }
    restarts.extend(steps);
    restarts
}
