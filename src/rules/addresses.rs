//! Addresses: of nodes, and of clustermesh-apiservers.

use std::collections::BTreeMap;

use super::Context;
use crate::finding::Finding;

pub(super) fn check_nodes(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        for node in &cluster.nodes {
            let first = *seen.entry(node.value).or_insert((cluster, node));
            if first.0.index != cluster.index {
                out.push(
                    Finding::error(
                        "node-duplicate",
                        node.place.clone(),
                        format!(
                            "{} is a node of {} and of {}",
                            node.value,
                            first.0.name(),
                            cluster.name()
                        ),
                    )
                    .related(first.1.place.clone(), "the first one")
                    .help("each node needs an InternalIP that every other node of the mesh reaches")
                    .cluster(first.0.name())
                    .cluster(cluster.name()),
                );
            }
        }
    }
}

pub(super) fn check_endpoints(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        for address in &cluster.apiserver.addresses {
            let key = (address.value, cluster.apiserver.port);
            let first = *seen.entry(key).or_insert((cluster, address));
            if first.0.index != cluster.index {
                out.push(
                    Finding::error(
                        "address-duplicate",
                        address.place.clone(),
                        format!(
                            "{} and {} are both reached at {} port {}",
                            first.0.name(),
                            cluster.name(),
                            key.0,
                            key.1
                        ),
                    )
                    .related(first.1.place.clone(), "the first one")
                    .help("give each cluster the address of its own clustermesh-apiserver")
                    .cluster(first.0.name())
                    .cluster(cluster.name()),
                );
            }
        }
    }
}

pub(super) fn check_server_names(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        let (Some(chart), Some(name)) = (cluster.chart(), cluster.apiserver.extra_server_name())
        else {
            continue;
        };
        if chart.extra_dns_names.is_none() {
            out.push(
                Finding::error(
                    "address-unverifiable",
                    name.place.clone(),
                    format!("the server certificate of {} cannot carry the name `{}`: its chart's certificate Job reads no extra names", cluster.name(), name.value),
                )
                .label("peers would refuse the certificate")
                .help("give `apiserver.ips` instead: peers then dial a name that the certificate always covers")
                .cluster(cluster.name()),
            );
        }
    }
}
