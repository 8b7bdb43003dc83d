//! The preview for people.

use std::fmt::Write;

use serde_json::Value;

use super::{ClusterPreview, Preview, RotationPreview, ValueChange};
use crate::compile::plan::Phase;

/// The whole text.
pub(crate) fn text(preview: &Preview) -> String {
    let rotation = preview.rotation.as_ref();
    let mut out = rotation.map(RotationPreview::text).unwrap_or_default();
    for cluster in &preview.clusters {
        // Writing to a string cannot fail.
        let _ = write_cluster(&mut out, cluster);
        out.push('\n');
    }
    let _ = writeln!(out, "Next: {}.", preview.next);
    out
}

fn write_cluster(out: &mut String, cluster: &ClusterPreview) -> std::fmt::Result {
    let now = cluster
        .phase
        .now
        .map_or("not known", |phase| phase.as_str());
    writeln!(
        out,
        "{} (ID {}, KKP {}, Cilium {}): {}",
        cluster.name,
        cluster.id,
        cluster.kkp,
        cluster.cilium,
        headline(cluster)
    )?;
    writeln!(
        out,
        "  phase: {now} now, {} after applying",
        cluster.phase.reachable.as_str()
    )?;
    if cluster.ca_secret {
        writeln!(out, "  Secret cilium-ca: replaced by the CA of the mesh")?;
    }
    let peers = &cluster.peers;
    for (sign, names) in [('+', &peers.added), ('-', &peers.removed)] {
        for name in names {
            writeln!(out, "  {sign} peer {name}")?;
        }
    }
    for peer in &peers.altered {
        writeln!(out, "  ~ peer {}: {}", peer.name, peer.what.join("; "))?;
    }
    for value in &cluster.values {
        write_value(out, value)?;
    }
    for restart in &cluster.restarts {
        let what = match (restart.by, restart.workload) {
            ("itself", Some(workload)) => format!("{workload} restarts by itself"),
            (_, Some(workload)) => format!("{workload} is restarted by a step"),
            (_, None) => {
                "workloads with pods of an old identity are restarted by a step".to_owned()
            }
        };
        writeln!(out, "  ! {what}: {}", restart.why)?;
    }
    for sentence in &cluster.disturbs {
        writeln!(out, "  ! {sentence}")?;
    }
    if !cluster.missing.is_empty() {
        let facts = cluster.missing.iter();
        let facts = facts.map(|missing| format!("{} of {}", missing.fact.in_words(), missing.of));
        let facts: Vec<String> = facts.collect();
        writeln!(out, "  ? not known yet: {}", facts.join(", "))?;
    }
    if let Some(ends) = &cluster.soonest_end {
        writeln!(out, "  ends first: {}, {}", ends.what, ends.on)?;
    }
    if let Some(diff) = cluster.diff.as_ref().filter(|diff| !diff.is_empty()) {
        for line in diff.lines() {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}

fn write_value(out: &mut String, value: &ValueChange) -> std::fmt::Result {
    let path = &value.path;
    match (&value.from, &value.to) {
        (None, Some(to)) => writeln!(out, "  + {path}: {}", short(to)),
        (Some(from), Some(to)) => writeln!(out, "  ~ {path}: {} -> {}", short(from), short(to)),
        (Some(from), None) => writeln!(out, "  - {path}: {}", short(from)),
        (None, None) => Ok(()),
    }
}

/// A value on one line, its beginning where it is long: `--diff` shows all of it.
fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    let mut shown: String = line.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    shown
}

fn headline(cluster: &ClusterPreview) -> &'static str {
    match cluster.changed {
        Some(true) => "changes",
        Some(false) if cluster.phase.reachable == Phase::Left => {
            "has left the mesh; its entry in mesh.yaml may be deleted"
        }
        Some(false) if cluster.restarts.is_empty() && cluster.missing.is_empty() => "nothing to do",
        Some(false) => "as it is wanted, as far as the facts go",
        None => "no dump tells whether it changes",
    }
}
