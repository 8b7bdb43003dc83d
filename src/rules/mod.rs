//! Rules: each looks at the mesh as resolved and planned, and says what is wrong with it.
//!
//! A rule is one file: its code, what `meshgen explain` says about it, and its check. Its failing
//! example and the mended one stand in `fixtures/rules/<code>/`. What several rules share stands in
//! a file without a code.

mod address_duplicate;
mod address_family;
mod address_in_service_range;
mod address_private;
mod address_unverifiable;
mod annotation_not_boolean;
mod annotation_not_text;
mod auto_direct_node_routes;
mod ca_ends_before_leaves;
mod ca_expired;
mod ca_from_leaves;
mod ca_key_mismatch;
mod ca_next_unused;
mod ca_not_a_ca;
mod ca_to_be_replaced;
mod capacity;
mod cert_expiring;
mod cilium_deprecated;
mod cilium_not_offered;
mod cni_not_cilium;
mod context_duplicate;
mod datapath_differs;
mod dates;
mod dump_foreign;
mod dump_unused;
mod format_invalid;
pub(crate) mod free_ranges;
mod id_changed;
mod id_duplicate;
mod id_range;
mod image_version;
mod input_encrypted;
mod input_missing;
mod installation_altered;
mod ip_family_mixed;
mod kept_values;
mod key_exposed;
mod key_file_readable;
mod key_inline_tracked;
mod key_inputs;
mod key_weak;
mod load_balancer_class_changed;
mod load_balancer_ip_twice;
mod load_balancer_missing;
mod lock_changed;
mod max_connected_changed;
mod max_connected_differs;
mod mesh_ca;
mod mesh_ca_unused;
mod mesh_domain;
mod mesh_excluded;
mod name_changed;
mod name_duplicate;
pub(crate) mod name_invalid;
mod native_routing_cover;
mod node_address_unknown;
mod node_duplicate;
mod node_mask;
mod node_outside_range;
mod node_port_sources;
mod nodeport_range;
mod nodeport_same;
mod path_outside;
mod peer_removed;
mod platform_firewall;
mod pod_address_overlap;
mod pod_cidr_overlap;
mod pod_cidr_unknown;
mod pod_node_overlap;
mod pod_service_overlap;
mod policy_default_changed;
mod provider_unknown;
mod proxy_mode;
mod ranges;
mod release_not_ready;
mod remote_cert;
mod remote_cert_expired;
mod remote_cert_key_mismatch;
mod remote_cert_not_a_client;
mod remote_cert_reissued;
mod remote_cert_wrong_ca;
mod remote_cert_wrong_cn;
mod server_cert_name;
mod service_alone;
mod service_cluster_unknown;
mod service_duplicate;
mod service_name_invalid;
mod service_not_reachable;
mod service_port_invalid;
mod service_ports_differ;
mod service_target_shared;
mod session_affinity_refused;
mod source_ranges_exclude_peers;
mod template_hazard;
mod traffic_policy_local;
mod trust_mode_unsupported;
mod value_ignored;
mod value_not_a_mapping;
mod value_overwritten;
mod value_refused;
mod values_ca_left;
mod version_jump;
mod version_pair;
mod version_skew;
mod versions;
mod webhook_refusal;
mod wireguard_node_names;

use crate::code::Code;
use crate::compile::plan::{Phase, Plan, Purpose, Request};
use crate::finding::{Finding, Severity};
use crate::input::Input;
use crate::model::Mesh;
use crate::source::Place;
use crate::trust::TrustState;

/// What a rule may look at.
pub(crate) struct Context<'m> {
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
pub(crate) struct Rule {
    /// The code of its findings, and no other rule's.
    pub code: &'static Code,
    /// Adds what it finds.
    check: fn(&Context<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// A finding of this rule, as bad as its fault usually is.
    fn finding(&self, place: Place, message: impl Into<String>) -> Finding {
        self.code.finding(place, message)
    }

    /// The same where it is not as bad, or worse, than usual.
    fn finding_as(&self, severity: Severity, place: Place, message: impl Into<String>) -> Finding {
        self.code.finding_as(severity, place, message)
    }
}

/// Every rule, by the name of its code.
pub(crate) static RULES: &[&Rule] = &[
    &address_duplicate::RULE,
    &address_family::RULE,
    &address_in_service_range::RULE,
    &address_private::RULE,
    &address_unverifiable::RULE,
    &annotation_not_boolean::RULE,
    &annotation_not_text::RULE,
    &auto_direct_node_routes::RULE,
    &ca_ends_before_leaves::RULE,
    &ca_expired::RULE,
    &ca_from_leaves::RULE,
    &ca_key_mismatch::RULE,
    &ca_next_unused::RULE,
    &ca_not_a_ca::RULE,
    &ca_to_be_replaced::RULE,
    &capacity::RULE,
    &cert_expiring::RULE,
    &cilium_deprecated::RULE,
    &cilium_not_offered::RULE,
    &cni_not_cilium::RULE,
    &context_duplicate::RULE,
    &datapath_differs::RULE,
    &dump_foreign::RULE,
    &dump_unused::RULE,
    &format_invalid::RULE,
    &id_changed::RULE,
    &id_duplicate::RULE,
    &id_range::RULE,
    &image_version::RULE,
    &input_encrypted::RULE,
    &input_missing::RULE,
    &installation_altered::RULE,
    &ip_family_mixed::RULE,
    &key_exposed::RULE,
    &key_file_readable::RULE,
    &key_inline_tracked::RULE,
    &key_weak::RULE,
    &load_balancer_class_changed::RULE,
    &load_balancer_ip_twice::RULE,
    &load_balancer_missing::RULE,
    &lock_changed::RULE,
    &max_connected_changed::RULE,
    &max_connected_differs::RULE,
    &mesh_ca_unused::RULE,
    &mesh_domain::RULE,
    &mesh_excluded::RULE,
    &name_changed::RULE,
    &name_duplicate::RULE,
    &name_invalid::RULE,
    &native_routing_cover::RULE,
    &node_address_unknown::RULE,
    &node_duplicate::RULE,
    &node_mask::RULE,
    &node_outside_range::RULE,
    &nodeport_range::RULE,
    &nodeport_same::RULE,
    &path_outside::RULE,
    &peer_removed::RULE,
    &platform_firewall::RULE,
    &pod_address_overlap::RULE,
    &pod_cidr_overlap::RULE,
    &pod_cidr_unknown::RULE,
    &pod_node_overlap::RULE,
    &pod_service_overlap::RULE,
    &policy_default_changed::RULE,
    &provider_unknown::RULE,
    &proxy_mode::RULE,
    &release_not_ready::RULE,
    &remote_cert_expired::RULE,
    &remote_cert_key_mismatch::RULE,
    &remote_cert_not_a_client::RULE,
    &remote_cert_reissued::RULE,
    &remote_cert_wrong_ca::RULE,
    &remote_cert_wrong_cn::RULE,
    &server_cert_name::RULE,
    &service_alone::RULE,
    &service_cluster_unknown::RULE,
    &service_duplicate::RULE,
    &service_name_invalid::RULE,
    &service_not_reachable::RULE,
    &service_port_invalid::RULE,
    &service_ports_differ::RULE,
    &service_target_shared::RULE,
    &session_affinity_refused::RULE,
    &source_ranges_exclude_peers::RULE,
    &template_hazard::RULE,
    &traffic_policy_local::RULE,
    &trust_mode_unsupported::RULE,
    &value_ignored::RULE,
    &value_not_a_mapping::RULE,
    &value_overwritten::RULE,
    &value_refused::RULE,
    &values_ca_left::RULE,
    &version_jump::RULE,
    &version_pair::RULE,
    &version_skew::RULE,
    &webhook_refusal::RULE,
    &wireguard_node_names::RULE,
];

/// All findings of all rules.
pub(crate) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        (rule.check)(context, &mut findings);
    }
    findings
}
