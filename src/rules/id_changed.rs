//! A cluster that has an ID already.

use serde_json::Value;

use super::dump_foreign::named_like;
use super::id_range::in_range;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "id-changed", Warning,
        what: "A cluster that has an ID in its current values is to get another.",
        why: "The ID is part of every identity and of every connection that is tracked. After the change operator, agents and then all workloads must be restarted, and until that is done connections break and policies match the wrong pods. A cluster with the ID 0 has none yet and is not meant.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let (Some(current), Some(id)) = (&cluster.current, &cluster.id) else {
            continue;
        };
        let path = "cluster.id";
        let Some(now) = cluster.current_value(path).and_then(number) else {
            continue;
        };
        if now == 0
            || now == id.value
            || !in_range(context.mesh, id.value)
            || named_like(context, cluster).is_some()
        {
            continue;
        }
        let message = format!(
            "the ID of {} is {now} today, and would become {}",
            cluster.name(),
            id.value
        );
        let has_it = |one: &Cluster| one.id.as_ref().is_some_and(|id| id.value == now);
        let help = if in_range(context.mesh, now) && !context.mesh.clusters.iter().any(has_it) {
            format!("write `id: {now}`, or plan a restart of all its agents and workloads")
        } else {
            "this mesh has no place for that ID: plan a restart of all its agents and workloads"
                .to_owned()
        };
        let finding = RULE
            .finding(id.place.clone(), message)
            .related(current.value_place(path), "its ID today")
            .help(help)
            .cluster(cluster.name());
        out.push(finding);
    }
}

/// A number; charts before 1.16 take it as a text too.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
