//! A cluster that has an ID already.

use super::dump_foreign::named_like;
use super::id_range::in_range;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

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
        let Some(now) = cluster
            .current_value(path)
            .and_then(serde_json::Value::as_i64)
        else {
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
        let finding = RULE
            .finding(id.place.clone(), message)
            .related(current.value_place(path), "its ID today")
            .help(format!(
                "write `id: {now}`, or plan a restart of all its agents and workloads"
            ))
            .cluster(cluster.name());
        out.push(finding);
    }
}
