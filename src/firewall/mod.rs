//! Firewall rules between the nodes of the clusters of a mesh.
//!
//! `model` holds what is known of the clusters and the shape of a rule; `rules` makes the rules, `unknown_ends` says what they
//! leave out, `list` writes them pair by pair and `groups` as few rules between groups of addresses. `dialect` is what
//! every form of them has in common; `page`, `lines` and `drops` are shared by the packet filters,
//! `openings` by the forms for clouds and hosts; `quota` knows how many rules a cloud takes.

pub(crate) mod aerleon;
pub(crate) mod azure;
pub(crate) mod cidr;
pub(crate) mod cilium_host;
pub(crate) mod cloudformation;
pub(crate) mod dialect;
pub(crate) mod drops;
pub(crate) mod firewalld;
pub(crate) mod gcp;
pub(crate) mod groups;
pub(crate) mod hetzner;
pub(crate) mod iptables;
pub(crate) mod kubevirt;
pub(crate) mod lines;
pub(crate) mod list;
pub(crate) mod lists;
pub(crate) mod model;
pub(crate) mod nft;
mod openings;
pub(crate) mod packet;
pub(crate) mod page;
pub(crate) mod quota;
pub(crate) mod rules;
pub(crate) mod security_groups;
pub(crate) mod ufw;
pub(crate) mod unknown_ends;

/// Every dialect. A new one is its file and, here, its module and its line.
pub(crate) static DIALECTS: &[&dyn dialect::Dialect] = &[
    &lists::Json,
    &lists::Csv,
    &lists::GroupsJson,
    &lists::Tfvars,
    &nft::Nft,
    &iptables::IPTABLES,
    &iptables::IP6TABLES,
    &ufw::Ufw,
    &firewalld::Firewalld,
    &firewalld::IPV4,
    &firewalld::IPV6,
    &cilium_host::CiliumHost,
    &kubevirt::KUBEVIRT,
    &kubevirt::KUBEVIRT_DATACENTER,
    &security_groups::OPENSTACK,
    &security_groups::AWS,
    &cloudformation::CloudFormation,
    &gcp::Gcp,
    &azure::Azure,
    &hetzner::Hetzner,
    &aerleon::Aerleon,
];

/// The dialect of a name.
pub(crate) fn dialect_named(name: &str) -> Option<&'static dyn dialect::Dialect> {
    let mut all = DIALECTS.iter();
    all.find(|dialect| dialect.name() == name).copied()
}

/// The packet filters, of which every cluster has a file.
pub(crate) fn packet_filters() -> impl Iterator<Item = &'static dyn dialect::PacketFilter> {
    DIALECTS
        .iter()
        .filter_map(|dialect| dialect.packet_filter())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests;
