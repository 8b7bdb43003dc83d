//! A cluster that has a name already.

use super::dump_foreign::named_like;
use super::name_invalid::is_valid;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "name-changed", Warning,
        what: "A cluster that has a name in its current values is to get another.",
        why: "Nodes, identities and certificates carry the name. After the change the operator, the agents and then all workloads must be restarted, Hubble's certificate is issued anew, and the other clusters lose this one until they have the new name too. A cluster that was never named is not meant.",
    ),
    check,
};

/// What a cluster is called that was never named.
const UNNAMED: [&str; 2] = ["", "default"];

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let Some(current) = &cluster.current else {
            continue;
        };
        let path = "cluster.name";
        let Some(now) = cluster
            .current_value(path)
            .and_then(serde_json::Value::as_str)
        else {
            continue;
        };
        if now == cluster.name()
            || UNNAMED.contains(&now)
            || !is_valid(cluster.name())
            || named_like(context, cluster).is_some()
        {
            continue;
        }
        let shown: String = now.chars().take(40).collect();
        let message = format!(
            "{} is called `{shown}` today, and would be renamed",
            cluster.name()
        );
        let finding = RULE
            .finding(cluster.name.place.clone(), message)
            .related(current.value_place(path), "its name today")
            .help(format!(
                "write `name: {shown}`, or plan a restart of all its agents and workloads"
            ))
            .cluster(cluster.name());
        out.push(finding);
    }
}
