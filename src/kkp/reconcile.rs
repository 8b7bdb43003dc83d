//! What KKP's CNI controller writes over, on every change of the Cluster and every few minutes.
//!
//! It reads the current values, merges its own on top and stores the result. Source, here and for every row:
//! `GetAppInstallOverrideValues` in `pkg/cni/cilium/cilium.go` up to 2.27, and from 2.28
//! `pkg/controller/seed-controller-manager/cni-application-installation-controller/controller.go` in kubermatic/kubermatic;
//! borders found over all its release tags.

mod enforced;

use serde_json::Value;

use super::KkpVersion;

pub(crate) use enforced::ENFORCED;

/// A path of the Helm values that KKP does not leave to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnforcedPath {
    /// The path, keys joined by dots (no key of it holds one).
    pub path: &'static str,
    /// The first KKP version that does it.
    pub since: KkpVersion,
    /// The first KKP version that no longer does, if there is one.
    pub until: Option<KkpVersion>,
    /// On which clusters.
    pub when: When,
    /// What happens to the user's value.
    pub effect: Effect,
    /// What KKP is after.
    pub why: &'static str,
}

/// On which clusters a path is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// On every cluster.
    Always,
    /// Proxy mode `ebpf`.
    Ebpf,
    /// Any other proxy mode.
    NotEbpf,
    /// IPv4 and IPv6.
    DualStack,
    /// Proxy mode `ebpf` and a node-port range that is not KKP's default.
    NodePortRange,
    /// A seed with an overwrite registry.
    OverwriteRegistry,
    /// NodeLocalDNS not switched off.
    NodeLocalDns,
}

/// What happens to the user's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is replaced.
    Replaced,
    /// It is deleted.
    Removed,
    /// KKP adds to the user's list.
    Extended,
}

impl EnforcedPath {
    /// Whether this KKP version enforces the path.
    #[must_use]
    pub fn holds_for(&self, kkp: KkpVersion) -> bool {
        self.since <= kkp && self.until.is_none_or(|until| kkp < until)
    }

    /// Whether a value at `path` meets this one: the same place, one inside it, or a map around it.
    #[must_use]
    pub fn meets(&self, path: &[&str]) -> bool {
        self.path
            .split('.')
            .zip(path)
            .all(|(enforced, key)| enforced == *key)
    }
}

/// Everything that a KKP version enforces, on whichever cluster.
pub fn enforced_paths(kkp: KkpVersion) -> impl Iterator<Item = &'static EnforcedPath> {
    ENFORCED
        .iter()
        .filter(move |enforced| enforced.holds_for(kkp))
}

/// The merge of KKP's own values over the current ones: maps key by key, at any depth; everything else, lists too,
/// is replaced.
///
/// Source: `mergo.Merge` with its override option, as the controller calls it (0.3.15 and 1.0.2 answered the same).
/// An empty map of KKP's leaves a map alone; `false` and `0` do replace. Current values that are empty KKP first
/// fills with the initial values of the cluster, which is the caller's business here, and so is what
/// [`Effect::Removed`] and [`Effect::Extended`] stand for.
#[must_use]
pub fn reconcile(values: &Value, overrides: &Value) -> Value {
    let (Value::Object(values), Value::Object(overrides)) = (values, overrides) else {
        return overrides.clone();
    };
    let mut merged = values.clone();
    for (key, ours) in overrides {
        let value = merged
            .get(key)
            .map_or_else(|| ours.clone(), |theirs| reconcile(theirs, ours));
        merged.insert(key.clone(), value);
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(path: &str, kkp: KkpVersion) -> bool {
        enforced_paths(kkp).any(|enforced| enforced.path == path)
    }

    #[test]
    fn borders() {
        for (path, kkp, expected) in [
            ("sessionAffinity", (2, 23, 14), false),
            ("sessionAffinity", (2, 24, 0), true),
            ("nodePort.range", (2, 22, 0), false),
            ("nodePort.range", (2, 22, 1), true),
            ("envoy.image.repository", (2, 27, 0), false),
            ("envoy.image.repository", (2, 27, 1), true),
            ("hubble.ui.backend.image.repository", (2, 24, 4), false),
            ("hubble.ui.backend.image.repository", (2, 24, 5), true),
            ("extraConfig.exclude-local-address", (2, 29, 8), false),
            ("extraConfig.exclude-local-address", (2, 29, 9), true),
            ("extraConfig.exclude-local-address", (2, 30, 4), false),
            ("extraConfig.exclude-local-address", (2, 30, 5), true),
            ("extraConfig.exclude-local-address", (2, 31, 0), true),
        ] {
            assert_eq!(holds(path, kkp), expected, "{path} {kkp:?}");
        }
    }

    #[test]
    fn a_path_meets_itself_what_is_inside_and_what_is_around() {
        let range = ENFORCED
            .iter()
            .find(|enforced| enforced.path == "nodePort.range")
            .expect("a row");
        assert!(range.meets(&["nodePort", "range"]));
        assert!(range.meets(&["nodePort"]));
        assert!(range.meets(&["nodePort", "range", "0"]));
        assert!(!range.meets(&["nodePort", "enabled"]));
        assert!(!range.meets(&["node"]));
    }

    #[test]
    fn no_enforced_path_meets_the_mesh() {
        for mesh in ["cluster", "clustermesh", "tls"] {
            assert!(
                !ENFORCED.iter().any(|enforced| enforced.meets(&[mesh])),
                "{mesh}"
            );
        }
    }

    #[test]
    fn false_replaces_true_and_empty_maps_replace_nothing() {
        let values =
            json!({"cni": {"exclusive": true, "mine": 1}, "ui": {"replicas": 2}, "n": null});
        let overrides =
            json!({"cni": {"exclusive": false}, "ui": {}, "n": {"range": "1,2"}, "new": {}});
        let expected = json!({
            "cni": {"exclusive": false, "mine": 1}, "ui": {"replicas": 2}, "n": {"range": "1,2"}, "new": {},
        });
        assert_eq!(reconcile(&values, &overrides), expected);
    }

    #[test]
    fn lists_and_scalars_are_replaced_whole() {
        let values = json!({"ipam": {"list": ["a", "b"], "mode": "x"}, "operator": "text"});
        let overrides = json!({"ipam": {"list": ["c"]}, "operator": {"replicas": 1}});
        let expected = json!({"ipam": {"list": ["c"], "mode": "x"}, "operator": {"replicas": 1}});
        assert_eq!(reconcile(&values, &overrides), expected);
    }

    /// Overrides as KKP would make them at a version, with a stand-in at every enforced path.
    fn overrides(kkp: KkpVersion) -> Value {
        enforced_paths(kkp).fold(json!({}), |all, enforced| {
            let one = enforced
                .path
                .rsplit('.')
                .fold(json!("KKP"), |inner, key| json!({key: inner}));
            reconcile(&all, &one)
        })
    }

    #[test]
    fn mesh_keys_survive_and_a_second_round_changes_nothing() {
        let mesh = json!({
            "cluster": {"name": "a", "id": 1},
            "clustermesh": {"useAPIServer": true, "config": {"clusters": [{"name": "b", "ips": ["192.0.2.1"]}]}},
            "tls": {"ca": {"cert": "x"}},
        });
        let values = reconcile(
            &json!({"cni": {"exclusive": true}, "image": "x", "mine": [1]}),
            &mesh,
        );
        for kkp in [(2, 22, 0), (2, 24, 0), (2, 25, 9), (2, 27, 1), (2, 31, 0)] {
            let overrides = overrides(kkp);
            let once = reconcile(&values, &overrides);
            for key in ["cluster", "clustermesh", "tls"] {
                assert_eq!(once[key], mesh[key], "{kkp:?}");
            }
            assert_eq!(once["mine"], json!([1]));
            assert_eq!(reconcile(&once, &overrides), once, "{kkp:?}");
        }
    }
}
