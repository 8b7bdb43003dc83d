//! Commands for two clusters that would reach one.

use std::collections::BTreeMap;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, KubectlTarget};
use crate::source::quoted;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "context-duplicate", Warning,
        what: "The commands for two clusters lead to one and the same: they have the same `context`, and the same `kubeconfig` or none.",
        why: "Every printed command, and the scripts, reach a cluster by its context, and by its kubeconfig where one is written. Where both are equal the dumps of one cluster count for the other, and one cluster is given the CA and the name of both. KKP calls the context in each of its kubeconfigs `default`: equal contexts are fine where the files differ.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen: BTreeMap<(Option<&str>, Option<&str>), &Cluster> = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        let way = way(&cluster.target);
        match seen.get(&way) {
            Some(first) if first.name() != cluster.name() => out.push(finding(first, cluster)),
            Some(_) => {} // two clusters of one name, which is another fault
            None => {
                seen.insert(way, cluster);
            }
        }
    }
}

/// What leads kubectl to a cluster: the file and the context in it.
fn way(target: &KubectlTarget) -> (Option<&str>, Option<&str>) {
    let file = target.kubeconfig.as_deref();
    let file = file.map(|path| path.trim_start_matches("./"));
    (file, target.context.as_deref())
}

fn finding(first: &Cluster, second: &Cluster) -> Finding {
    let way = match (&second.target.kubeconfig, &second.target.context) {
        (Some(file), Some(context)) => {
            format!("context {} of {}", quoted(context), quoted(file))
        }
        (Some(file), None) => format!("the context that is the default of {}", quoted(file)),
        (None, context) => format!("context {}", quoted(context.as_deref().unwrap_or_default())),
    };
    let (a, b) = (first.name(), second.name());
    let place = |cluster: &Cluster| {
        let is_named = cluster.target.context.is_some()
            && cluster.target.context.as_deref() != Some(cluster.name());
        cluster.place.key(if is_named {
            "context"
        } else if cluster.target.kubeconfig.is_some() {
            "kubeconfig"
        } else {
            "name"
        })
    };
    RULE.finding(
        place(second),
        format!("kubectl reaches {a} and {b} by the same way, {way}"),
    )
    .related(place(first), "the first one")
    .help(format!(
        "write under {b} the `context` that leads to it, or the `kubeconfig` that KKP gives out for it"
    ))
    .cluster(a)
    .cluster(b)
}
