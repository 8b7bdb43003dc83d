//! Evidence by names and addresses in the dumped objects.

use std::collections::BTreeMap;

use super::{RULE, Reported, dump_again, of_a_name, taken, text};
use crate::compile::kubectl::kubectl;
use crate::finding::{Finding, Severity};
use crate::input::dumps::Object;
use crate::model::{Cluster, ObjectUse};
use crate::resolve::selection::Role;
use crate::rules::Context;
use crate::source::Place;

/// Where a KKP Cluster object has the address of its API server. Source: `ClusterAddress` in KKP's `pkg/apis/kubermatic/v1`.
const ADDRESSES: [&str; 4] = [
    "address.externalName",
    "address.ip",
    "status.address.externalName",
    "status.address.ip",
];

pub(super) fn check(context: &Context<'_>, reported: &mut Reported, out: &mut Vec<Finding>) {
    let apiservers = apiservers(context);
    for cluster in &context.mesh.clusters {
        if let Some((owner, place)) = dials(&apiservers, cluster)
            && reported.insert((owner.index, cluster.index))
        {
            out.push(other_apiserver(cluster, owner, place));
        }
        if let Some((owner, place)) = named_like(context, cluster)
            && reported.insert((owner.index, cluster.index))
        {
            out.push(same_name(
                cluster,
                owner,
                place,
                of_a_name(context, cluster),
            ));
        }
        if let Some((owner, object)) = called_like(context, cluster)
            && reported.insert((owner.index, cluster.index))
        {
            out.push(same_human_name(cluster, owner, object));
        }
        out.extend(no_kkp_cluster(context, cluster));
    }
}

/// The addresses of the API servers of the dumped KKP Clusters.
fn apiservers<'m>(context: &Context<'m>) -> BTreeMap<&'m str, &'m Cluster> {
    let mut known = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        for (role, object) in taken(context, cluster) {
            if role == Role::KkpCluster {
                let addresses = ADDRESSES
                    .iter()
                    .filter_map(|path| text(context, object, path));
                for address in addresses {
                    known.entry(address).or_insert(cluster);
                }
            }
        }
    }
    known
}

/// The other cluster whose API server a cluster's agents use, by `k8sServiceHost`.
fn dials<'m>(
    apiservers: &BTreeMap<&str, &'m Cluster>,
    cluster: &Cluster,
) -> Option<(&'m Cluster, Place)> {
    let host = cluster.current_value("k8sServiceHost")?.as_str()?;
    let owner = *apiservers.get(host)?;
    let place = cluster.current.as_ref()?.value_place("k8sServiceHost");
    (owner.index != cluster.index).then_some((owner, place))
}

fn other_apiserver(cluster: &Cluster, owner: &Cluster, place: Place) -> Finding {
    let message = format!(
        "the dumped values of {} have the API server of {} as k8sServiceHost",
        cluster.name(),
        owner.name()
    );
    RULE.finding_as(Severity::Error, place, message)
        .label(format!("in the dumps of {}", cluster.name()))
        .help(dump_again(cluster))
        .cluster(owner.name())
        .cluster(cluster.name())
}

/// The other cluster of the mesh that the dumped KKP Cluster of a cluster is called like.
fn called_like<'m>(context: &Context<'m>, cluster: &Cluster) -> Option<(&'m Cluster, &'m Object)> {
    let mut taken = taken(context, cluster);
    let (_, object) = taken.find(|(role, _)| *role == Role::KkpCluster)?;
    let name = text(context, object, "spec.humanReadableName")?;
    let owner = context
        .mesh
        .clusters
        .iter()
        .find(|other| other.name() == name)?;
    // `kkpCluster` says that it is this one, whatever it is called.
    let is_said = cluster.kkp_cluster.is_some();
    (owner.index != cluster.index && cluster.name() != name && !is_said).then_some((owner, object))
}

fn same_human_name(cluster: &Cluster, owner: &Cluster, object: &Object) -> Finding {
    let message = format!(
        "the KKP Cluster in the dumps of {} is called {}, which is another cluster of the mesh",
        cluster.name(),
        owner.name()
    );
    RULE.finding(object.place.dotted("spec.humanReadableName"), message)
        .label(format!("in the dumps of {}", cluster.name()))
        .related(owner.name.place.clone(), "the cluster of that name")
        .help(format!(
            "move the file to the dumps of {}; if it is the object of {}, write its name as `kkpCluster`",
            owner.name(),
            cluster.name()
        ))
        .cluster(owner.name())
        .cluster(cluster.name())
}

/// The finding about KKP Clusters of which none is this cluster's.
fn no_kkp_cluster(context: &Context<'_>, cluster: &Cluster) -> Option<Finding> {
    let objects = context.input.dumps.get(cluster.index)?;
    let uses = context.mesh.uses.get(cluster.index)?;
    let others = objects.iter().zip(uses);
    let others = others.filter(|(_, used)| **used == ObjectUse::OtherCluster);
    let others: Vec<&Object> = others.map(|(object, _)| object).collect();
    let first = others.first()?;
    let mut taken = taken(context, cluster);
    if taken.any(|(role, _)| role == Role::KkpCluster) {
        return None;
    }
    let names: Vec<&str> = others
        .iter()
        .take(5)
        .map(|object| object.name.as_str())
        .collect();
    let names = names.join(", ");
    let owner = context.mesh.clusters.iter().find(|other| {
        let wanted = other.kkp_cluster.as_deref();
        wanted.is_some_and(|wanted| others.iter().any(|object| object.name == wanted))
    });
    let (message, help) = match &cluster.kkp_cluster {
        Some(wanted) => (
            format!(
                "the dumps of {} hold no KKP Cluster {wanted}, but {names}",
                cluster.name()
            ),
            match owner {
                Some(owner) => format!(
                    "it is the `kkpCluster` of {0}: move the file to the dumps of {0}, or look whether the dumps of the two are exchanged",
                    owner.name()
                ),
                None => {
                    "dump the object that `kkpCluster` names, or correct `kkpCluster`".to_owned()
                }
            },
        ),
        None => (
            format!(
                "the dumps of {} hold several KKP Clusters and none of them is called {0}: {names}",
                cluster.name()
            ),
            format!(
                "write `kkpCluster` in the entry of {}, so that its own is taken",
                cluster.name()
            ),
        ),
    };
    let finding = RULE.finding(first.place.dotted("metadata.name"), message);
    Some(
        finding
            .label("nothing is taken from it")
            .help(help)
            .cluster(cluster.name()),
    )
}

/// The other cluster of the mesh whose name the current values of a cluster bear, and where. The
/// dump is then most likely that one's, and says nothing of what would change.
pub(in crate::rules) fn named_like<'m>(
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

fn same_name(cluster: &Cluster, owner: &Cluster, place: Place, severity: Severity) -> Finding {
    let message = format!(
        "the dumped values of {} call the cluster {}, which is another cluster of the mesh",
        cluster.name(),
        owner.name()
    );
    RULE.finding_as(severity, place, message)
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
