//! Rules: each looks at the mesh as resolved and planned, and says what is wrong with it.

mod addresses;
mod inputs;
mod names;
mod peers;
mod pods;
mod trust;

use crate::compile::plan::{Phase, Plan, Request};
use crate::finding::Finding;
use crate::model::Mesh;
use crate::trust::TrustState;

/// What a rule may look at.
pub struct Context<'m> {
    /// The mesh.
    pub mesh: &'m Mesh,
    /// Its trust.
    pub trust: &'m TrustState<'m>,
    /// What will be made of it.
    pub plan: &'m Plan<'m>,
    /// What was asked for.
    pub request: &'m Request,
    /// The time, Unix seconds, in `validate`; `render` never looks at the clock.
    pub now: Option<i64>,
}

impl Context<'_> {
    /// Whether a remote certificate that does not prove stops everything: in `validate`, where the
    /// whole mesh was asked for, and where a peer of today would be dropped.
    fn must_prove(&self, cluster: usize) -> bool {
        !self.request.renders
            || self.request.phase == Some(Phase::Mesh)
            || self.plan.must_prove.contains(&cluster)
    }
}

/// A rule: what it finds.
pub type Check = fn(&Context<'_>, &mut Vec<Finding>);

/// Every rule.
pub static RULES: &[Check] = &[
    names::check_names,
    names::check_ids,
    pods::check,
    addresses::check_nodes,
    addresses::check_endpoints,
    addresses::check_server_names,
    trust::check_mode,
    trust::check_ca,
    trust::check_remotes,
    inputs::check,
    peers::check,
];

/// All findings of all rules.
pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        rule(context, &mut findings);
    }
    findings
}
