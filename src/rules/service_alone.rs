//! A global service is one only where several clusters have it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, GlobalService, Mesh};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-alone", Warning,
        what: "A global service is in one cluster only.",
        why: "Clusters join the backends of services that have the same name in the same namespace. A service that no other cluster has stays local: it neither fails over nor is reached from elsewhere. A cluster that only uses the service needs it too, without pods.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    if mesh.clusters.len() < 2 {
        return;
    }
    let twins = mesh.twins();
    let names: HashSet<&str> = mesh.clusters.iter().map(Cluster::name).collect();
    let alone: HashMap<_, _> = twins
        .iter()
        .filter_map(|(key, twins)| Some((*key, only_cluster(mesh, &names, twins)?)))
        .collect();
    for service in &mesh.services {
        if let Some(cluster) = alone.get(&service.key()) {
            out.push(finding(service, cluster, namesake(&twins, service)));
        }
    }
}

/// The one cluster that a service is in, if it is one.
fn only_cluster<'m>(
    mesh: &'m Mesh,
    names: &HashSet<&str>,
    twins: &[&GlobalService],
) -> Option<&'m str> {
    let mut named = twins.iter().flat_map(|twin| twin.clusters.iter().flatten());
    // A name that is no cluster's is another finding.
    if named.any(|name| !names.contains(name.value.as_str())) {
        return None;
    }
    match clusters(mesh, twins).as_slice() {
        [cluster] => Some(cluster),
        _ => None,
    }
}

/// The first service of the same name in another namespace.
fn namesake<'m>(
    twins: &BTreeMap<(&'m str, &'m str), Vec<&'m GlobalService>>,
    service: &GlobalService,
) -> Option<&'m GlobalService> {
    let same_name = twins.range((service.name.as_str(), "")..);
    let same_name = same_name.take_while(|((name, _), _)| *name == service.name);
    let others = same_name.filter(|((_, namespace), _)| *namespace != service.namespace);
    others.map(|(_, services)| services[0]).next()
}

/// The clusters that some of the services are in.
fn clusters<'m>(mesh: &'m Mesh, services: &[&GlobalService]) -> Vec<&'m str> {
    let names = mesh.clusters.iter().map(|cluster| cluster.name());
    let in_some = |name: &&str| services.iter().any(|service| service.is_in(name));
    names.filter(in_some).collect()
}

fn finding(service: &GlobalService, cluster: &str, namesake: Option<&GlobalService>) -> Finding {
    let (name, namespace) = (&service.name, &service.namespace);
    let message = format!("the service {namespace}/{name} is in {cluster} only");
    let finding = RULE
        .finding(service.place.key("name"), message)
        .help("name more clusters in `clusters`, or leave it out for all of them")
        .cluster(cluster);
    match namesake {
        Some(other) => {
            let label = format!("the same name in the namespace {}", other.namespace);
            finding.related(other.place.key("name"), label)
        }
        None => finding,
    }
}
