//! Which peers come, go and change.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::certificates::described;
use crate::compile::paths::PEERS;
use crate::compile::wanted::WantedValues;
use crate::model::at_path;

/// The peers of a cluster that change.
#[derive(Default, Serialize)]
pub(crate) struct PeerChanges {
    /// Names of peers that come.
    pub(super) added: Vec<String>,
    /// Names of peers that go.
    pub(super) removed: Vec<String>,
    /// Peers whose entry changes.
    pub(super) altered: Vec<Altered>,
}

/// A peer whose entry changes.
#[derive(Serialize)]
pub(super) struct Altered {
    pub(super) name: String,
    /// What changes, such as `port 2379 -> 2380`.
    pub(super) what: Vec<String>,
}

impl PeerChanges {
    /// Changes every text.
    pub(super) fn each_text(&mut self, change: impl Fn(&mut String)) {
        let names = self.added.iter_mut().chain(&mut self.removed);
        names.for_each(&change);
        for peer in &mut self.altered {
            change(&mut peer.name);
            peer.what.iter_mut().for_each(&change);
        }
    }
}

/// Compares the peers of today with those that are wanted.
pub(super) fn compare(wanted: &WantedValues<'_>) -> PeerChanges {
    let before = wanted.before.map(by_name).unwrap_or_default();
    let after = by_name(&wanted.merged);
    let mut peers = PeerChanges::default();
    for (name, entry) in &after {
        match before.get(name) {
            None => peers.added.push((*name).to_owned()),
            Some(old) if old != entry => peers.altered.push(Altered {
                name: (*name).to_owned(),
                what: differences(old, entry),
            }),
            Some(_) => {}
        }
    }
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    peers.removed = gone.map(|name| (*name).to_owned()).collect();
    peers
}

fn by_name(values: &Value) -> BTreeMap<&str, &Value> {
    match at_path(values, PEERS) {
        Some(Value::Array(entries)) => entries
            .iter()
            .filter_map(|entry| Some((entry.get("name")?.as_str()?, entry)))
            .collect(),
        Some(Value::Object(entries)) => {
            let entries = entries.iter();
            entries
                .map(|(name, entry)| (name.as_str(), entry))
                .collect()
        }
        _ => BTreeMap::new(),
    }
}

fn differences(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (key, what) in [
        ("address", "address"),
        ("ips", "addresses"),
        ("port", "port"),
    ] {
        let (old, new) = (shown(&old[key]), shown(&new[key]));
        if old != new {
            found.push(format!("{what} {old} -> {new}"));
        }
    }
    for (key, what) in [("cert", "certificate"), ("caCert", "CA")] {
        let (old, new) = (&old["tls"][key], &new["tls"][key]);
        if old != new {
            found.push(format!(
                "{what} {} -> {}",
                certificate(old),
                certificate(new)
            ));
        }
    }
    if old["tls"]["key"] != new["tls"]["key"] {
        found.push("private key".to_owned());
    }
    found
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}

fn certificate(value: &Value) -> String {
    match value.as_str() {
        None | Some("") => "none".to_owned(),
        Some(text) => described(text).unwrap_or_else(|| "an unreadable one".to_owned()),
    }
}
