//! Another `maxConnectedClusters` than the running clusters have.

use super::max_connected_differs::current;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "max-connected-changed", Warning,
        what: "`maxConnectedClusters` is to change on clusters that are running.",
        why: "It decides which bits of a security identity are the cluster's. Running agents and their state use the old layout, so identities are misread until every agent of the cluster has been restarted, and the numbers left for identities change too: Cilium wants it set at installation. Plan an interruption, or create the clusters with it.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(wish) = &context.mesh.max_connected_clusters else {
        return;
    };
    let mut changed = context.mesh.members().filter_map(|cluster| {
        let reads = cluster.chart()?.max_connected_clusters;
        let now = current(cluster).filter(|now| reads && *now != u64::from(wish.value))?;
        Some((cluster, now))
    });
    let Some((first, now)) = changed.next() else {
        return;
    };
    let more = changed.clone().count();
    let run = match more {
        0 => format!("{} runs", first.name()),
        more => format!("{} and {more} more run", first.name()),
    };
    let message = format!(
        "maxConnectedClusters is to become {}; {run} with {now}",
        wish.value
    );
    let mut finding = RULE
        .finding(wish.place.clone(), message)
        .help(format!(
            "keep {now}, or plan a restart of all agents and workloads of these clusters"
        ))
        .cluster(first.name());
    for (cluster, _) in changed {
        finding = finding.cluster(cluster.name());
    }
    out.push(finding);
}
