//! Firewall rules between the nodes of the clusters of a mesh.
//!
//! `model` holds what is known of the clusters and the shape of a rule; `rules` makes the rules, `gaps` says what they
//! leave out, `list` writes them as they are. `dialect` writes them for a packet filter: `lines` and `drops` prepare its
//! page.

pub mod cidr;
pub mod dialect;
pub mod drops;
pub mod gaps;
pub mod iptables;
pub mod lines;
pub mod list;
pub mod model;
pub mod nft;
pub mod rules;

/// Every dialect. A new one is its file, its template and, here, its module and its line.
pub static DIALECTS: [&dyn dialect::Dialect; 3] =
    [&nft::Nft, &iptables::IPTABLES, &iptables::IP6TABLES];

/// The dialect of a name.
pub fn dialect_named(name: &str) -> Option<&'static dyn dialect::Dialect> {
    DIALECTS.into_iter().find(|dialect| dialect.name() == name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests;
