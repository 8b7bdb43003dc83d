//! The command that comes next for each cause.

use super::asked::Asked;
use crate::compile::kubectl::{self, quoted};
use crate::model::Cluster;

/// Saves what all agents of a cluster see, with every probe.
pub(super) fn save_health(asked: &Asked<'_>, from: &Cluster) -> String {
    let folder = quoted(&asked.folder.join(from.name()).display().to_string());
    let pods = kubectl::kube(from, "get pods -l k8s-app=cilium -o name");
    let exec = kubectl::kube(
        from,
        "exec \"$pod\" -c cilium-agent -- cilium-health status --verbose",
    );
    format!("mkdir -p {folder} && for pod in $({pods}); do {exec}; done > {folder}/health.txt")
}

/// What the agents say of their peers.
pub(super) fn agent_status(from: &Cluster) -> String {
    let command = from
        .chart()
        .map_or("cilium-dbg", |chart| chart.agent_command);
    kubectl::kube(
        from,
        &format!("exec ds/cilium -c cilium-agent -- {command} status --all-clusters"),
    )
}

/// The Service that peers dial, and who serves it.
pub(super) fn service(to: &Cluster) -> String {
    kubectl::kube(
        to,
        "get service,endpoints,pods -l k8s-app=clustermesh-apiserver -o wide",
    )
}

/// Name and ID as the agents have them.
pub(super) fn name_and_id(to: &Cluster) -> String {
    let field = "-o jsonpath='{.data.cluster-name} {.data.cluster-id}'";
    kubectl::kube(to, &format!("get configmap cilium-config {field}"))
}

/// Certificates anew, and proven.
pub(super) fn certificates(asked: &Asked<'_>) -> String {
    format!("meshgen validate {}", mesh_file(asked))
}

/// What is to be done before the clusters are connected.
pub(super) fn plan(asked: &Asked<'_>) -> String {
    format!("meshgen plan {}", mesh_file(asked))
}

/// The nodes as Cilium knows them.
pub(super) fn nodes(to: &Cluster) -> String {
    kubectl::kube(to, "get ciliumnodes -o wide")
}

/// What the firewall of a cluster must permit.
pub(super) fn firewall(asked: &Asked<'_>, to: &Cluster) -> String {
    format!(
        "meshgen firewall {} --format csv --cluster {}",
        mesh_file(asked),
        quoted(to.name())
    )
}

/// Which workloads own the pods.
pub(super) fn restart(from: &Cluster, namespace: &str) -> String {
    format!(
        "{} -n {} get deployments,statefulsets,daemonsets  # then: rollout restart of those that own these pods",
        kubectl::kubectl(&from.target),
        quoted(namespace)
    )
}

fn mesh_file(asked: &Asked<'_>) -> String {
    quoted(&asked.mesh_file.display().to_string())
}
