//! A node port lies in the range that the cluster's API server hands out.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "nodeport-range", Error,
        what: "The node port of a clustermesh-apiserver lies outside the cluster's node-port range.",
        why: "The API server refuses the Service, and with it Helm the whole release. The range is 30000-32767 unless the KKP Cluster says otherwise in `spec.componentsOverride.apiserver.nodePortRange`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let clusters = context.mesh.clusters.iter();
    out.extend(clusters.filter_map(outside));
}

fn outside(cluster: &Cluster) -> Option<Finding> {
    let apiserver = &cluster.apiserver;
    let port = apiserver.served_node_port()?;
    let range = &cluster.node_ports;
    if range.contains(&port) {
        return None;
    }
    let (first, last) = (range.start(), range.end());
    let place = apiserver.node_port_place().unwrap_or(&cluster.place);
    let message = format!(
        "node port {port} of {} is outside its range {first}-{last}",
        cluster.name()
    );
    let finding = RULE
        .finding(place.clone(), message)
        .label("the API server would refuse it")
        .help(format!(
            "write a port from {first} to {last} that no other Service of the cluster has"
        ))
        .cluster(cluster.name());
    Some(finding)
}
