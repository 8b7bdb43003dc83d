//! Firewall rules between the nodes of the clusters of a mesh.
//!
//! `model` holds what is known of the clusters and the shape of a rule; `rules` makes the rules, `gaps` says what they
//! leave out, `list` writes them pair by pair and `groups` as few rules between groups of addresses. `dialect` is what
//! every form of them has in common; `page`, `lines` and `drops` are shared by the packet filters,
//! `openings` by the forms for clouds and hosts; `quota` knows how many rules a cloud takes.

pub mod aerleon;
pub mod azure;
pub mod cidr;
pub mod cilium_host;
pub mod dialect;
pub mod drops;
pub mod explain;
pub mod firewalld;
pub mod gaps;
pub mod gcp;
pub mod groups;
pub mod hetzner;
pub mod iptables;
pub mod kubevirt;
pub mod lines;
pub mod list;
pub mod lists;
pub mod model;
pub mod nft;
mod openings;
pub mod page;
pub mod quota;
pub mod rules;
pub mod security_groups;
pub mod ufw;

/// Every dialect. A new one is its file and, here, its module and its line.
pub static DIALECTS: &[&dyn dialect::Dialect] = &[
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
    &gcp::Gcp,
    &azure::Azure,
    &hetzner::Hetzner,
    &aerleon::Aerleon,
];

/// The dialect of a name.
pub fn dialect_named(name: &str) -> Option<&'static dyn dialect::Dialect> {
    let mut all = DIALECTS.iter();
    all.find(|dialect| dialect.name() == name).copied()
}

/// The packet filters, of which every cluster has a file.
pub fn packet_filters() -> impl Iterator<Item = &'static dyn dialect::PacketFilter> {
    DIALECTS
        .iter()
        .filter_map(|dialect| dialect.packet_filter())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests;
