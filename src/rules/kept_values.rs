//! What the rules about kept values share: the values as they will be, and what the chart does with them.

use std::collections::HashSet;

use serde_json::Value;

use super::{Context, Rule, value_overwritten};
use crate::compile::plan::ClusterPlan;
use crate::compile::values;
use crate::finding::Finding;
use crate::model::{Current, at_path};
use crate::profile::kept_values::{KeptValue, ValueEffect, rows};
use crate::profile::{self, cannot_render};

/// The findings of one effect, of every cluster that is planned.
pub(super) fn find(
    context: &Context<'_>,
    rule: &Rule,
    effect: ValueEffect,
    out: &mut Vec<Finding>,
) {
    for planned in &context.plan.clusters {
        let Some(current) = &planned.cluster.current else {
            continue;
        };
        if cannot_render(planned.kkp, planned.chart).is_some() {
            continue; // KKP's own values are refused, which is another fault
        }
        let met =
            rows().filter(|row| row.effect == effect && is_met(context, planned, current, row));
        // What KKP deletes itself never reaches the chart; that is another fault.
        let kkp = planned.cluster.kkp.as_ref().map(|kkp| kkp.value.version);
        let is_deleted = |row: &&KeptValue| {
            let mut deleted = kkp.into_iter().flat_map(value_overwritten::deleted);
            deleted.any(|enforced| enforced.path == row.path)
        };
        let mut said = HashSet::new();
        let met = met.filter(|row| !is_deleted(row) && said.insert(row.path));
        out.extend(met.map(|row| finding(planned, current, rule, row)));
    }
}

fn is_met(
    context: &Context<'_>,
    planned: &ClusterPlan<'_>,
    current: &Current,
    row: &KeptValue,
) -> bool {
    let Some(version) = planned.cluster.cilium_version() else {
        return false;
    };
    // Most rows are about keys that are seldom set.
    if at_path(current.values(), row.path).is_none() {
        return false;
    }
    let patch = values::owned(context.plan, &planned.without_peers()).patch;
    let after = |path: &str| match overridden(&patch, path) {
        Some(new) => Some(new),
        None => at_path(current.values(), path),
    };
    row.is_met(version, after)
}

/// What the patch puts at a path, if it says anything about it; null removes.
fn overridden<'v>(patch: &'v Value, path: &str) -> Option<&'v Value> {
    let mut node = patch;
    for key in path.split('.') {
        if !node.is_object() {
            return Some(node);
        }
        node = node.get(key)?;
    }
    (!node.is_object()).then_some(node)
}

fn finding(planned: &ClusterPlan<'_>, current: &Current, rule: &Rule, row: &KeptValue) -> Finding {
    let cluster = planned.cluster;
    let version = cluster.cilium_version();
    let version = version
        .map(|version| version.to_string())
        .unwrap_or_default();
    let does = match row.effect {
        ValueEffect::Refused => "refuses",
        ValueEffect::Ignored => "takes no notice of",
    };
    let (name, path) = (cluster.name(), row.path);
    let message = if row.is_about_the_key() {
        format!("the values of {name} hold `{path}`, which the chart of Cilium {version} {does}")
    } else {
        format!(
            "the values of {name} hold a value of `{path}` that the chart of Cilium {version} {does}"
        )
    };
    let when = if is_so_today(current, row) {
        "dump the ApplicationInstallation again"
    } else {
        "before the upgrade, and dump the ApplicationInstallation again"
    };
    let mut finding = rule
        .finding(current.value_place(row.path), message)
        .help(format!("{}; {when}", row.mend))
        .cluster(cluster.name());
    if let Some(cilium) = &cluster.cilium {
        finding = finding.related(cilium.place.clone(), "the version");
    }
    finding
}

/// Whether the chart that the cluster has does the same.
fn is_so_today(current: &Current, row: &KeptValue) -> bool {
    let dumped = current.version.as_ref();
    let today = dumped.and_then(|version| profile::cilium_version(&version.value).ok());
    today.is_some_and(|today| row.is_met(today.version, |path| at_path(current.values(), path)))
}
