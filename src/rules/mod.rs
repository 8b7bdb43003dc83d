//! Rules: each looks at the mesh as resolved and planned, and says what is wrong with it.
//!
//! A rule is one file: its code, what `meshgen explain` says about it, and its check. Its failing
//! example and the mended one stand in `fixtures/rules/<code>/`. What several rules share stands in
//! a file without a code.

mod datapath;
mod dates;
mod free_ranges;
mod key_inputs;
mod mesh_ca;
mod ranges;
mod remote_cert;
mod versions;

use crate::code::Code;
use crate::compile::plan::{Phase, Plan, Purpose, Request};
use crate::finding::Finding;
use crate::input::Input;
use crate::model::Mesh;
use crate::trust::TrustState;

/// What a rule may look at.
pub struct Context<'m> {
    /// What was read.
    pub input: &'m Input,
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
        self.request.purpose == Purpose::Check
            || self.request.phase == Some(Phase::Mesh)
            || self.plan.must_prove.contains(&cluster)
    }
}

/// A rule: the code of what it finds, and how it finds it.
pub struct Rule {
    /// The code of its findings, and no other rule's.
    pub code: Code,
    /// Adds what it finds.
    check: fn(&Context<'_>, &mut Vec<Finding>),
}

/// Declares the modules of the rules, and the registry.
macro_rules! rules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// Every rule.
        pub static RULES: &[&Rule] = &[$(&$module::RULE),*];
    };
}

rules![
    address_duplicate,
    address_private,
    address_unverifiable,
    ca_ends_before_leaves,
    ca_expired,
    ca_key_mismatch,
    ca_not_a_ca,
    ca_to_be_replaced,
    capacity,
    cert_expiring,
    cilium_deprecated,
    cilium_not_offered,
    cni_not_cilium,
    datapath_differs,
    dump_foreign,
    dump_unused,
    id_changed,
    id_duplicate,
    id_range,
    input_encrypted,
    input_missing,
    installation_altered,
    ip_family_mixed,
    key_file_readable,
    key_inline_tracked,
    key_weak,
    load_balancer_missing,
    max_connected_changed,
    max_connected_differs,
    name_changed,
    name_duplicate,
    name_invalid,
    native_routing_cover,
    node_duplicate,
    node_mask,
    node_outside_range,
    nodeport_range,
    nodeport_same,
    peer_removed,
    pod_address_overlap,
    pod_cidr_overlap,
    pod_cidr_unknown,
    pod_node_overlap,
    pod_service_overlap,
    policy_default_changed,
    proxy_mode,
    remote_cert_expired,
    remote_cert_key_mismatch,
    remote_cert_not_a_client,
    remote_cert_wrong_ca,
    remote_cert_wrong_cn,
    server_cert_name,
    service_alone,
    service_cluster_unknown,
    service_duplicate,
    service_name_invalid,
    service_port_invalid,
    service_ports_differ,
    template_hazard,
    trust_mode_unsupported,
    value_not_a_mapping,
    value_overwritten,
    values_ca_left,
    version_pair,
    version_skew,
    webhook_refusal,
];

/// All findings of all rules.
pub fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        (rule.check)(context, &mut findings);
    }
    findings
}
