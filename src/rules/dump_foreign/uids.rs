//! Evidence by uid: it is certain.

use std::collections::BTreeMap;

use super::{RULE, Reported, dump_again, taken, text};
use crate::finding::{Finding, Severity};
use crate::input::dumps::Object;
use crate::model::{Cluster, ObjectUse};
use crate::resolve::selection::Role;
use crate::rules::Context;

/// Objects with one uid that are taken from the dumps of two clusters.
pub(super) fn in_two_clusters(
    context: &Context<'_>,
    reported: &mut Reported,
    out: &mut Vec<Finding>,
) {
    let mut seen: BTreeMap<&str, (&Cluster, &Object)> = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        for (role, object) in taken(context, cluster) {
            let uid = text(context, object, "metadata.uid");
            let Some(uid) = uid.filter(|_| is_of_one_cluster(role)) else {
                continue;
            };
            let (owner, first) = *seen.entry(uid).or_insert((cluster, object));
            if owner.index != cluster.index && reported.insert((owner.index, cluster.index)) {
                out.push(same_object(cluster, object, owner, first));
            }
        }
    }
}

/// The CA is meant to be the same everywhere, and its dump may well be a copy.
fn is_of_one_cluster(role: Role) -> bool {
    !matches!(role, Role::Ca | Role::CaCopy)
}

fn same_object(cluster: &Cluster, object: &Object, owner: &Cluster, first: &Object) -> Finding {
    let message = format!(
        "the dumps of {} hold {} {} of {}: it has the same uid",
        cluster.name(),
        object.kind,
        object.name,
        owner.name()
    );
    RULE.finding_as(
        Severity::Error,
        object.place.dotted("metadata.uid"),
        message,
    )
    .label(format!("in the dumps of {}", cluster.name()))
    .related(
        first.place.dotted("metadata.uid"),
        format!("in the dumps of {}", owner.name()),
    )
    .help(dump_again(cluster))
    .cluster(owner.name())
    .cluster(cluster.name())
}

/// Objects that stand in one cluster's dumps twice with content that contradicts.
pub(super) fn dumped_twice(context: &Context<'_>, out: &mut Vec<Finding>) {
    let dumps = context.input.dumps.iter().zip(&context.mesh.uses);
    for (cluster, (objects, uses)) in context.mesh.clusters.iter().zip(dumps) {
        for (object, used) in objects.iter().zip(uses) {
            let ObjectUse::Older(counts) = used else {
                continue;
            };
            let counts = &objects[*counts];
            if let Some(why) = contradiction(context, object, counts) {
                out.push(twice(cluster, object, counts, why));
            }
        }
    }
}

/// How two dumps of one object contradict each other, if they do.
pub(in crate::rules) fn contradiction(
    context: &Context<'_>,
    a: &Object,
    b: &Object,
) -> Option<&'static str> {
    let pair = |path| [a, b].map(|object| text(context, object, path));
    let uids = pair("metadata.uid");
    if let [Some(a), Some(b)] = uids
        && a != b
    {
        return Some("with two uids");
    }
    let [of_a, of_b] = pair("metadata.resourceVersion");
    let is_ordered = of_a.is_some() && of_b.is_some() && of_a != of_b;
    let content = |object: &Object| {
        let node = context.input.sources.node(&object.place);
        node.map(crate::yaml::Node::to_json)
    };
    let is_contradicting = !is_ordered && uids[0].is_some() && content(a) != content(b);
    is_contradicting.then_some("with one uid and two contents, of which none is newer")
}

fn twice(cluster: &Cluster, object: &Object, counts: &Object, why: &str) -> Finding {
    let message = format!(
        "the dumps of {} hold {} {} twice, {why}",
        cluster.name(),
        object.kind,
        object.name
    );
    RULE.finding_as(
        Severity::Error,
        counts.place.dotted("metadata.uid"),
        message,
    )
    .label("once here")
    .related(object.place.dotted("metadata.uid"), "and once here")
    .help("remove the file that is not of this cluster as it is now, or dump again")
    .cluster(cluster.name())
}
