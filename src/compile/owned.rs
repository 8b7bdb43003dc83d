//! The paths that a patch owns, and the proof that nothing else of the current values is touched.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A path of the values, key by key.
pub(crate) type Path = &'static [&'static str];

/// Every path that a patch may set, replace or remove, with all that is below it. The contract's list.
pub(crate) const OWNED: &[Path] = &[
    &["cluster", "name"],
    &["cluster", "id"],
    &["clustermesh", "useAPIServer"],
    &["clustermesh", "maxConnectedClusters"],
    &["clustermesh", "config", "enabled"],
    &["clustermesh", "config", "clusters"],
    &["clustermesh", "apiserver", "tls", "auto", "method"],
    &[
        "clustermesh",
        "apiserver",
        "tls",
        "auto",
        "server",
        "extraDnsNames",
    ],
    &["clustermesh", "apiserver", "tls", "server", "extraDnsNames"],
    &["clustermesh", "apiserver", "tls", "authMode"],
    &["clustermesh", "apiserver", "tls", "ca"],
    &["clustermesh", "apiserver", "service"],
    &[
        "clustermesh",
        "apiserver",
        "updateStrategy",
        "rollingUpdate",
        "maxUnavailable",
    ],
    &["clustermesh", "apiserver", "kvstoremesh", "enabled"],
    &["clustermesh", "apiserver", "image"],
    &["clustermesh", "apiserver", "etcd", "image"],
    &[
        "clustermesh",
        "apiserver",
        "podLabels",
        super::paths::CA_LABEL,
    ],
    &["tls", "ca"],
    &["tls", "caBundle"],
];

/// The first path outside the owned ones at which two value trees differ, if any.
pub(crate) fn first_difference(before: &Value, after: &Value) -> Option<String> {
    let mut path = Vec::new();
    differs(Some(before), Some(after), &mut path).then(|| path.join("."))
}

/// The first way to an owned path on which something other than a mapping stands, so that neither a
/// patch nor the chart can go on from there.
pub(crate) fn blocked(values: &Value) -> Option<Path> {
    let ways = OWNED
        .iter()
        .flat_map(|path| (1..path.len()).map(|length| &path[..length]));
    let mut ways = ways.filter(|way| {
        let found = way.iter().try_fold(values, |value, key| value.get(key));
        found.is_some_and(|value| !value.is_object() && !value.is_null())
    });
    ways.next()
}

/// What happens to the value at an owned path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It becomes another one.
    Overwritten,
    /// It goes.
    Removed,
}

/// The owned paths whose values of today change, as dotted paths.
pub(crate) fn changes(before: &Value, after: &Value) -> Vec<(String, Change)> {
    let at = |value: &'_ Value, path: &[&str]| {
        path.iter()
            .try_fold(value.clone(), |value, key| value.get(key).cloned())
    };
    let change = |path: &&[&str]| {
        let old = at(before, path)?;
        let change = match at(after, path) {
            None => Change::Removed,
            Some(new) if new != old => Change::Overwritten,
            Some(_) => return None,
        };
        Some((path.join("."), change))
    };
    OWNED.iter().filter_map(change).collect()
}

fn differs(before: Option<&Value>, after: Option<&Value>, path: &mut Vec<String>) -> bool {
    if OWNED.iter().any(|owned| is_prefix(owned, path)) {
        return false;
    }
    // A mapping that holds nothing but owned keys may appear or go with these, also where a key was left empty.
    let empty = Map::new();
    let leads_to_owned = OWNED.iter().any(|owned| leads_to(path, owned));
    let has_value = |value: &&Value| !(leads_to_owned && value.is_null());
    let (before, after) = (before.filter(has_value), after.filter(has_value));
    let (old, new) = match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => (old, new),
        (Some(Value::Object(old)), None) => (old, &empty),
        (None, Some(Value::Object(new))) => (&empty, new),
        _ => return before != after,
    };
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        path.push(key.clone());
        if differs(old.get(key), new.get(key), path) {
            return true;
        }
        path.pop();
    }
    false
}

fn leads_to(path: &[String], owned: &[&str]) -> bool {
    path.len() < owned.len() && owned.iter().zip(path).all(|(a, b)| a == b)
}

fn is_prefix(owned: &[&str], path: &[String]) -> bool {
    path.len() >= owned.len() && owned.iter().zip(path).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_differences_outside_the_owned_paths_count() {
        let before = json!({"cluster": {"id": 0}, "hubble": {"ui": {"enabled": true}}});
        let after = json!({"cluster": {"id": 7, "name": "a"}, "hubble": {"ui": {"enabled": true}}, "tls": {"ca": {"cert": "x"}}});
        assert_eq!(first_difference(&before, &after), None);
        let lost = json!({"cluster": {"id": 7}, "hubble": {"ui": {}}});
        assert_eq!(
            first_difference(&before, &lost).as_deref(),
            Some("hubble.ui.enabled")
        );
    }

    #[test]
    fn a_key_without_a_value_may_become_a_mapping_of_owned_ones() {
        let before = json!({"cluster": null, "hubble": null});
        let after = json!({"cluster": {"id": 7}, "hubble": null});
        assert_eq!(first_difference(&before, &after), None);
        let wrong = json!({"cluster": {"id": 7}, "hubble": {}});
        assert_eq!(first_difference(&before, &wrong).as_deref(), Some("hubble"));
    }

    #[test]
    fn neighbours_of_owned_paths_are_not_owned() {
        let before = json!({"clustermesh": {"config": {"domain": "mesh.cilium.io"}}});
        let after = json!({"clustermesh": {"config": {"enabled": true}}});
        assert_eq!(
            first_difference(&before, &after).as_deref(),
            Some("clustermesh.config.domain")
        );
    }
}
