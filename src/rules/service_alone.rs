//! A global service is one only where several clusters have it.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{GlobalService, Mesh};

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
    for service in &mesh.services {
        let twins = mesh.services.iter().filter(|other| service.is_twin(other));
        let twins: Vec<&GlobalService> = twins.collect();
        // A name that is no cluster's is another finding.
        if twins.iter().any(|twin| names_unknown(mesh, twin)) {
            continue;
        }
        if let [cluster] = clusters(mesh, &twins).as_slice() {
            out.push(finding(mesh, service, cluster));
        }
    }
}

/// The clusters that some of the services are in.
fn clusters<'m>(mesh: &'m Mesh, services: &[&GlobalService]) -> Vec<&'m str> {
    let names = mesh.clusters.iter().map(|cluster| cluster.name());
    let in_some = |name: &&str| services.iter().any(|service| service.is_in(name));
    names.filter(in_some).collect()
}

fn names_unknown(mesh: &Mesh, service: &GlobalService) -> bool {
    let is_known = |name: &str| mesh.clusters.iter().any(|cluster| cluster.name() == name);
    let mut names = service.clusters.iter().flatten();
    names.any(|name| !is_known(&name.value))
}

fn finding(mesh: &Mesh, service: &GlobalService, cluster: &str) -> Finding {
    let (name, namespace) = (&service.name, &service.namespace);
    let message = format!("the service {namespace}/{name} is in {cluster} only");
    let finding = RULE
        .finding(service.place.key("name"), message)
        .help("name more clusters in `clusters`, or leave it out for all of them")
        .cluster(cluster);
    let namesake = |other: &&GlobalService| other.name == *name && !service.is_twin(other);
    match mesh.services.iter().find(namesake) {
        Some(other) => {
            let label = format!("the same name in the namespace {}", other.namespace);
            finding.related(other.place.key("name"), label)
        }
        None => finding,
    }
}
