//! Which values change, apart from the peers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::diff::without_keys;
use crate::compile::paths::PEERS;
use crate::compile::wanted::WantedValues;
use crate::source::Sources;

/// A value that changes.
#[derive(Serialize)]
pub(crate) struct ValueChange {
    /// Its dotted path.
    pub(super) path: String,
    /// Today's, keys hidden; null where there is none.
    pub(super) from: Option<Value>,
    /// What is wanted, keys hidden; null where it goes.
    pub(super) to: Option<Value>,
}

impl ValueChange {
    /// The same with every text as it may be shown.
    pub(super) fn shown(self, sources: &Sources) -> Self {
        Self {
            path: sources.shown(&self.path),
            from: self.from.map(|value| sources.shown_value(value)),
            to: self.to.map(|value| sources.shown_value(value)),
        }
    }
}

/// The values that change, by path. Where no dump tells today's, there is nothing to compare with.
pub(super) fn compare(wanted: &WantedValues<'_>) -> Vec<ValueChange> {
    let Some(before) = wanted.before else {
        return Vec::new();
    };
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    leaves(before, String::new(), &mut old);
    leaves(&wanted.merged, String::new(), &mut new);
    let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
    paths.sort();
    paths.dedup();
    let changed = paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path));
    changed
        .map(|path| ValueChange {
            path: path.clone(),
            from: old.get(path).map(|value| shown(path, value)),
            to: new.get(path).map(|value| shown(path, value)),
        })
        .collect()
}

/// Everything that is no mapping with entries, by dotted path; the peers are not looked into.
fn leaves<'v>(value: &'v Value, path: String, found: &mut BTreeMap<String, &'v Value>) {
    if path == PEERS {
        return;
    }
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                let dot = if path.is_empty() { "" } else { "." };
                leaves(value, format!("{path}{dot}{key}"), found);
            }
        }
        Value::Object(_) if path.is_empty() => {}
        _ => drop(found.insert(path, value)),
    }
}

fn shown(path: &str, value: &Value) -> Value {
    let key = path.rsplit('.').next().unwrap_or(path);
    without_keys(value, key)
}
