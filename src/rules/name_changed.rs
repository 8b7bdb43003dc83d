//! A cluster that has a name already.

use serde_json::Value;

use super::dump_foreign::named_like;
use super::name_invalid::is_valid;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::yaml::scalar;

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
        let Some(now) = cluster.current_value(path).and_then(as_template_prints) else {
            continue;
        };
        let now = now.as_str();
        if now == cluster.name()
            || UNNAMED.contains(&now)
            || !is_valid(cluster.name())
            || named_like(context, cluster).is_some()
        {
            continue;
        }
        let shown: String = now.chars().take(40).collect();
        let called = if now.contains("{{") {
            format!("what KKP makes of `{shown}`")
        } else {
            format!("`{shown}`")
        };
        let message = format!(
            "{} is called {called} today, and would be renamed",
            cluster.name()
        );
        let is_taken = context.mesh.clusters.iter().any(|one| one.name() == now);
        let help = if is_valid(now) && !is_taken {
            let written = scalar(now);
            format!("write `name: {written}`, or plan a restart of all its agents and workloads")
        } else {
            "no cluster of this mesh can have that name: plan a restart of all its agents and workloads"
                .to_owned()
        };
        let finding = RULE
            .finding(cluster.name.place.clone(), message)
            .related(current.value_place(path), "its name today")
            .help(help)
            .cluster(cluster.name());
        out.push(finding);
    }
}

/// A single value as the chart's template prints it.
fn as_template_prints(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
