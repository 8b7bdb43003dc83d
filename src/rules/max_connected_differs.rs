//! One mesh, one `maxConnectedClusters`.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "max-connected-differs", Error,
        what: "The clusters of the mesh would have different values of `maxConnectedClusters`.",
        why: "Clusters that number their identities differently refuse each other. Charts before 1.15 know only 255, and a cluster whose current values say 511 keeps them unless mesh.yaml says otherwise.",
    ),
    check,
};

/// What a chart does when no value is set, and what those do that have no such value.
const DEFAULT: u64 = 255;
/// What charts take.
const CHOICES: [u64; 2] = [DEFAULT, 511];
const PATH: &str = "clustermesh.maxConnectedClusters";

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let wish = mesh.max_connected_clusters.as_ref();
    let values = mesh.members().filter_map(|cluster| {
        let reads = cluster.chart()?.max_connected_clusters;
        let wished = wish.map(|wish| u64::from(wish.value));
        let kept = || current(cluster).unwrap_or(DEFAULT);
        let value = if reads {
            wished.unwrap_or_else(kept)
        } else {
            DEFAULT
        };
        // Any other is refused by the chart, which is another fault.
        CHOICES.contains(&value).then_some((cluster, value))
    });
    let values: Vec<(&Cluster, u64)> = values.collect();
    let many = values.iter().find(|(_, value)| *value != DEFAULT);
    let few = values.iter().find(|(_, value)| *value == DEFAULT);
    let (Some((many, value)), Some((few, _))) = (many, few) else {
        return;
    };
    let place = match (wish, &few.cilium, &many.current) {
        (Some(_), Some(cilium), _) => cilium.place.clone(),
        (None, _, Some(dump)) => dump.value_place(PATH),
        _ => mesh.place.key("maxConnectedClusters"),
    };
    let message = format!(
        "maxConnectedClusters is {value} in {} and {DEFAULT} in {}",
        many.name(),
        few.name()
    );
    let mut finding = RULE
        .finding(place, message)
        .cluster(few.name())
        .cluster(many.name());
    let is_known = |cluster: &Cluster| {
        cluster
            .chart()
            .is_some_and(|chart| chart.max_connected_clusters)
    };
    finding = match wish {
        Some(wish) => finding
            .label("this chart knows 255 only")
            .related(wish.place.clone(), "asked for here")
            .help("upgrade the older clusters first, or stay with 255"),
        None if is_known(few) => finding
            .label("the other clusters have not")
            .help(format!("write `maxConnectedClusters: {value}` at the top of mesh.yaml, for all")),
        None => finding
            .label("the other clusters have not")
            .help(format!(
                "upgrade {} to Cilium 1.15 or newer first, then write `maxConnectedClusters: {value}` at the top of mesh.yaml; its chart knows 255 only",
                few.name()
            )),
    };
    out.push(finding);
}

/// What a cluster runs with, where a dump tells.
pub(super) fn current(cluster: &Cluster) -> Option<u64> {
    let values = cluster.current.as_ref().map(|current| current.values())?;
    let written = crate::model::at_path(values, PATH).and_then(serde_json::Value::as_u64);
    Some(written.unwrap_or(DEFAULT))
}
