//! What firewalls must let through, in a few rows: all pairs of clusters have the same kinds of traffic.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::compile::firewall as members;
use crate::firewall::rules::Reachability as Rules;
use crate::model::Mesh;

/// A kind of traffic.
#[derive(Serialize)]
pub(super) struct FirewallRow {
    protocol: String,
    port: String,
    reason: String,
    /// How many ordered pairs of clusters need it.
    pairs: usize,
}

/// Every kind of traffic between the clusters.
pub(super) fn rows(mesh: &Mesh) -> Vec<FirewallRow> {
    let members = members::members(mesh);
    let rules = Rules::new(&members, members::datapath(mesh));
    let mut kinds: BTreeMap<(String, String, String), BTreeSet<(String, String)>> = BTreeMap::new();
    for permit in rules.permits() {
        let rule = serde_json::to_value(rules.rule(permit)).unwrap_or_default();
        let word = |key: &str| match &rule[key] {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        // The same service of every cluster is one kind.
        let reason = word("reason");
        let reason = reason
            .strip_suffix(&format!(" of {}", word("to")))
            .unwrap_or(&reason);
        let kind = (word("protocol"), word("port"), reason.to_owned());
        let pairs = kinds.entry(kind).or_default();
        pairs.insert((word("from"), word("to")));
    }
    let kinds = kinds.into_iter();
    kinds
        .map(|((protocol, port, reason), pairs)| FirewallRow {
            protocol,
            port,
            reason,
            pairs: pairs.len(),
        })
        .collect()
}
