//! The table of enforced paths against values that KKP's real controller code wrote (six KKP versions, several kinds of cluster).
//!
//! fixtures/webhook/reconciled.jsonl.gz holds one run a line: the KKP version, the kind of cluster, the values.

use meshgen::testing::kkp::KkpVersion;
use meshgen::testing::kkp::reconcile::{Effect, EnforcedPath, When, enforced_paths};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Run {
    kkp: String,
    case: String,
    values: Value,
}

/// What KKP puts into values that are empty (the defaults of the ApplicationDefinition), and the empty maps that stay
/// where no registry is overwritten.
const DEFAULTS: [&str; 7] = [
    "envoy.enabled",
    "hubble.relay.enabled",
    "hubble.tls.auto.method",
    "hubble.ui.backend",
    "hubble.ui.enabled",
    "hubble.ui.frontend",
    "operator.replicas",
];

fn runs() -> Vec<Run> {
    crate::common::recorded(include_bytes!("../../fixtures/webhook/reconciled.jsonl.gz"))
}

impl Run {
    fn kkp(&self) -> KkpVersion {
        let parts: Vec<u32> = self
            .kkp
            .split('.')
            .map(|part| part.parse().expect("a number"))
            .collect();
        (parts[0], parts[1], parts[2])
    }

    /// Whether this kind of cluster is one that the path is enforced on.
    fn is_subject_to(&self, enforced: &EnforcedPath) -> bool {
        match enforced.when {
            When::Always | When::NodeLocalDns => true,
            When::Ebpf => self.case != "ipvs",
            When::NotEbpf => self.case == "ipvs",
            When::DualStack => self.case == "dualstack",
            When::NodePortRange => self.case == "nodeport",
            When::OverwriteRegistry => self.case == "registry",
        }
    }

    /// Whether nothing but KKP ever touched the values.
    fn is_fresh(&self) -> bool {
        ["ebpf", "ipvs", "dualstack", "registry", "nodeport"].contains(&self.case.as_str())
    }

    fn has(&self, path: &str) -> bool {
        self.values
            .pointer(&format!("/{}", path.replace('.', "/")))
            .is_some()
    }
}

/// The paths of all values that are no map with something in it.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) if path.is_empty() || !map.is_empty() => {
            for (key, value) in map {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                leaves(value, &path, found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[test]
fn what_is_enforced_is_there_and_what_is_removed_is_not() {
    for run in runs() {
        for enforced in enforced_paths(run.kkp()).filter(|enforced| run.is_subject_to(enforced)) {
            let expected = enforced.effect != Effect::Removed;
            assert_eq!(
                run.has(enforced.path),
                expected,
                "{} {}: {}",
                run.kkp,
                run.case,
                enforced.path
            );
        }
    }
}

#[test]
fn fresh_values_hold_nothing_but_defaults_and_enforced_paths() {
    let fresh: Vec<_> = runs().into_iter().filter(Run::is_fresh).collect();
    assert_eq!(fresh.len(), 30);
    for run in fresh {
        let enforced: Vec<_> = enforced_paths(run.kkp())
            .filter(|path| run.is_subject_to(path))
            .collect();
        let mut found = Vec::new();
        leaves(&run.values, "", &mut found);
        for leaf in found {
            let known = DEFAULTS.contains(&leaf.as_str())
                || enforced.iter().any(|enforced| enforced.path == leaf);
            assert!(known, "{} {}: {leaf}", run.kkp, run.case);
        }
    }
}
