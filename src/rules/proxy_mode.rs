//! Global services where kube-proxy answers.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "proxy-mode", Warning,
        what: "Global services are declared, and a cluster that gets them does not run with proxy mode `ebpf`.",
        why: "Where kube-proxy answers, pods still reach the backends of other clusters, but traffic from nodes, to node ports and through load balancers does not: that needs Cilium's kube-proxy replacement. KKP fixes the proxy mode when a cluster is created and chooses `ebpf` only when asked to.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    for cluster in mesh.members() {
        let Some(mode) = cluster
            .proxy_mode
            .as_ref()
            .filter(|mode| mode.value != "ebpf")
        else {
            continue;
        };
        let mut services = mesh.services.iter();
        let Some(service) = services.find(|service| service.is_in(cluster.name())) else {
            continue;
        };
        let shown: String = mode.value.chars().take(20).collect();
        let message = format!(
            "{} runs with proxy mode {shown}: global services are reached from its pods only",
            cluster.name()
        );
        let finding = RULE.finding(mode.place.clone(), message)
            .related(service.place.clone(), "a global service that it gets")
            .help("create the cluster with proxy mode ebpf if nodes or clients outside are to reach these services; else ignore this")
            .cluster(cluster.name());
        out.push(finding);
    }
}
