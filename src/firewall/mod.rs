//! Firewall rules between the nodes of the clusters of a mesh.
//!
//! `model` holds what is known of the clusters and the shape of a rule; `rules` makes the rules, `gaps` says what they
//! leave out, `list` writes them.

pub mod cidr;
pub mod gaps;
pub mod list;
pub mod model;
pub mod rules;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests;
