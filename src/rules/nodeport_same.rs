//! With kube-proxy replacement, charts up to 1.18 mistake a peer's node port for the cluster's own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "nodeport-same", Warning,
        what: "Clusters serve their clustermesh-apiserver at the same node port, and one of them replaces kube-proxy on Cilium 1.13 to 1.18.",
        why: "There Cilium takes a packet to a node of a peer at that port for one to its own Service, and hands it to its own clustermesh-apiserver: the clusters never connect, or a cluster reads its own state as its peer's. Give each cluster a node port of its own in `apiserver.service.nodePort`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut by_port: BTreeMap<i64, Vec<&Cluster>> = BTreeMap::new();
    for cluster in context.mesh.members() {
        if let Some(port) = cluster.apiserver.served_node_port() {
            by_port.entry(port).or_default().push(cluster);
        }
    }
    for (port, clusters) in by_port {
        let misled = clusters.iter().find(|cluster| is_misled(cluster));
        if let (Some(misled), true) = (misled, clusters.len() > 1) {
            out.push(finding(port, &clusters, misled));
        }
    }
}

/// Whether a cluster takes a peer's node port for its own.
fn is_misled(cluster: &Cluster) -> bool {
    let chart = cluster.chart();
    chart.is_some_and(|chart| chart.same_node_port_clashes) && replaces_kube_proxy(cluster)
}

fn replaces_kube_proxy(cluster: &Cluster) -> bool {
    match (
        &cluster.proxy_mode,
        cluster.current_value("kubeProxyReplacement"),
    ) {
        (Some(mode), _) => mode.value == "ebpf",
        (None, Some(Value::Bool(on))) => *on,
        (None, Some(Value::String(mode))) => mode == "true" || mode == "strict",
        (None, _) => false,
    }
}

fn finding(port: i64, clusters: &[&Cluster], misled: &Cluster) -> Finding {
    let place = |cluster: &Cluster| {
        let said = cluster.apiserver.node_port_place();
        said.unwrap_or(&cluster.place).clone()
    };
    let (first, second) = (clusters[0], clusters[1]);
    let names = match clusters.len() {
        2 => format!("{} and {}", first.name(), second.name()),
        all => format!("{}, {} and {} more", first.name(), second.name(), all - 2),
    };
    let message = format!(
        "{names} have the same node port {port}, which {} would take for its own",
        misled.name(),
    );
    let mut finding = RULE
        .finding(place(second), message)
        .label("the same port")
        .help("give each cluster a node port of its own in `apiserver.service.nodePort`");
    if place(first) != place(second) {
        finding = finding.related(place(first), "first here");
    }
    clusters
        .iter()
        .fold(finding, |finding, cluster| finding.cluster(cluster.name()))
}
