//! A dump says of which cluster it is, if one knows where to look.

use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Rule};
use crate::code::code;
use crate::compile::kubectl::kubectl;
use crate::finding::Finding;
use crate::input::dumps::Object;
use crate::model::Cluster;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "dump-foreign", Warning,
        what: "A dump of one cluster is an object of another cluster of the mesh.",
        why: "Two clusters never have an object with the same uid, and a cluster rarely bears the name of a peer: the command was run with the wrong kubectl context, or the file was put into the wrong folder. A patch made from it is refused by the API server, since it names that uid, or would give one cluster the values of another.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    let mut seen: BTreeMap<&str, (&Cluster, &Object)> = BTreeMap::new();
    for (cluster, objects) in context.mesh.clusters.iter().zip(&context.input.dumps) {
        for object in objects.iter().filter(|object| is_of_one_cluster(object)) {
            let Some(uid) = uid(context, object) else {
                continue;
            };
            let (owner, first) = *seen.entry(uid).or_insert((cluster, object));
            if owner.index != cluster.index && told.insert((owner.index, cluster.index)) {
                out.push(same_object(cluster, object, owner, first));
            }
        }
    }
    for cluster in &context.mesh.clusters {
        if let Some((owner, place)) = named_like(context, cluster)
            && !told.contains(&(owner.index, cluster.index))
        {
            out.push(same_name(cluster, owner, place));
        }
    }
}

/// The CA is meant to be the same everywhere, and its dump may well be a copy.
fn is_of_one_cluster(object: &Object) -> bool {
    !matches!(
        (object.kind.as_str(), object.name.as_str()),
        ("Secret", "cilium-ca" | "clustermesh-apiserver-ca-cert")
    )
}

fn uid<'m>(context: &Context<'m>, object: &Object) -> Option<&'m str> {
    let node = context
        .input
        .sources
        .node(&object.place.dotted("metadata.uid"))?;
    node.as_str().filter(|uid| !uid.is_empty())
}

fn same_object(cluster: &Cluster, object: &Object, owner: &Cluster, first: &Object) -> Finding {
    let message = format!(
        "the dumps of {} hold {} {} of {}: it has the same uid",
        cluster.name(),
        object.kind,
        object.name,
        owner.name()
    );
    RULE.finding(object.place.dotted("metadata.uid"), message)
        .label(format!("in the dumps of {}", cluster.name()))
        .related(
            first.place.dotted("metadata.uid"),
            format!("in the dumps of {}", owner.name()),
        )
        .help(format!(
            "dump again with `{}`, or move the file",
            kubectl(&cluster.target)
        ))
        .cluster(owner.name())
        .cluster(cluster.name())
}

/// The other cluster of the mesh whose name the current values of a cluster bear, and where. The
/// dump is then most likely that one's, and says nothing of what would change.
pub(super) fn named_like<'m>(
    context: &Context<'m>,
    cluster: &'m Cluster,
) -> Option<(&'m Cluster, Place)> {
    let name = cluster.current_value("cluster.name")?.as_str()?;
    let mut clusters = context.mesh.clusters.iter();
    let owner = clusters.find(|other| other.name() == name)?;
    if owner.index == cluster.index || cluster.name() == name {
        return None;
    }
    Some((owner, cluster.current.as_ref()?.value_place("cluster.name")))
}

fn same_name(cluster: &Cluster, owner: &Cluster, place: Place) -> Finding {
    let message = format!(
        "the dumped values of {} call the cluster {}, which is another cluster of the mesh",
        cluster.name(),
        owner.name()
    );
    RULE.finding(place, message)
        .label(format!("in the dumps of {}", cluster.name()))
        .related(owner.name.place.clone(), "the cluster of that name")
        .help(format!(
            "if this is a dump of {}, dump again with `{}`; if {} really bears that name, the patch changes it",
            owner.name(),
            kubectl(&cluster.target),
            cluster.name()
        ))
        .cluster(owner.name())
        .cluster(cluster.name())
}
