//! A patch for a release that is not at rest.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Current, at_path};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "release-not-ready", Warning,
        what: "The dumped ApplicationInstallation says that its release is not ready, or that its last Helm operation failed or has not ended.",
        why: "The next upgrade meets what the last one left: it fails for the same reason, and with Helm's atomic mode is rolled back together with the patch. While an operation is pending Helm refuses any other. Bring the release to rest first, so that a failure afterwards is one of the patch.",
    ),
    check,
};

/// What Helm calls a release at rest.
const AT_REST: [&str; 3] = ["deployed", "superseded", "unknown"];

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        let Some(current) = &cluster.current else {
            continue;
        };
        let Some((path, state)) = unrest(current) else {
            continue;
        };
        let message = format!(
            "the dumped release of Cilium in {} is not at rest: {state}",
            cluster.name()
        );
        out.push(
            RULE.finding(current.place.dotted(path), message)
                .label("as KKP saw it")
                .help("see what it waits for with `kubectl -n kube-system describe applicationinstallation cilium`, and dump it again once it is ready")
                .cluster(cluster.name()),
        );
    }
}

/// What shows that a release is not at rest, and where. The message beside it is not shown: Helm's and
/// KKP's can hold values.
fn unrest(current: &Current) -> Option<(&'static str, String)> {
    let text = |path| at_path(&current.object, path).and_then(serde_json::Value::as_str);
    let (release, ready) = (
        "status.helmRelease.info.status",
        "status.conditions.Ready.status",
    );
    if let Some(state) = text(release).filter(|state| !AT_REST.contains(state)) {
        return Some((release, format!("Helm says `{}`", shown(state))));
    }
    let state = text(ready).filter(|state| *state != "True")?;
    Some((ready, format!("condition Ready is `{}`", shown(state))))
}

fn shown(state: &str) -> String {
    state.chars().take(30).collect()
}
