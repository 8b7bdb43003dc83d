//! Ports of a global service that lead to one port of the pods.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, GlobalService, ServicePort};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-target-shared", Warning,
        what: "Two ports of a global service have the same target port, and a cluster that gets it has Cilium 1.18 or 1.19.",
        why: "Agents of these versions keep the remote backends of one of the two ports only: connections to the other reach the pods of the own cluster, or none (cilium/cilium#45109). The patch of 1.19 that cures it is not known to meshgen. Give the pods a port for each, or the service one port.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for service in &context.mesh.services {
        let mut clusters = context.mesh.clusters.iter();
        let affected = clusters.find(|cluster| service.is_in(cluster.name()) && loses(cluster));
        if let (Some(cluster), Some([first, second])) = (affected, twins(service)) {
            out.push(finding(service, cluster, first, second));
        }
    }
}

fn loses(cluster: &Cluster) -> bool {
    let chart = cluster.chart();
    chart.is_some_and(|chart| chart.shared_target_ports_fail)
}

/// The first two ports that lead to one port of the pods.
fn twins(service: &GlobalService) -> Option<[&ServicePort; 2]> {
    // A port that is no number is another fault.
    let ports = service.ports.iter().filter(|port| port.port != 0);
    let ports: Vec<&ServicePort> = ports.collect();
    ports.iter().enumerate().find_map(|(at, port)| {
        let mut before = ports[..at].iter().copied();
        let is_twin = |first: &&ServicePort| {
            first.target_port == port.target_port && first.protocol == port.protocol
        };
        Some([before.find(is_twin)?, port])
    })
}

fn finding(
    service: &GlobalService,
    cluster: &Cluster,
    first: &ServicePort,
    second: &ServicePort,
) -> Finding {
    let message = format!(
        "ports {} and {} of the service {} have one target port, and {} loses the remote backends of one of them",
        first.port,
        second.port,
        service.name,
        cluster.name()
    );
    let mut finding = RULE
        .finding(second.place.clone(), message)
        .label("the same target port")
        .related(first.place.clone(), "first here")
        .help("give each port a target port of its own, or leave one of them out");
    if let Some(cilium) = &cluster.cilium {
        finding = finding.related(cilium.place.clone(), "this version");
    }
    finding.cluster(cluster.name())
}
