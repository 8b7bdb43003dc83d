//! No pod address may be a node's.

use super::ranges::{self, ClusterRange};
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "pod-node-overlap", Error,
        what: "The pod range of a cluster overlaps the node range, or holds a node, of a cluster, its own or another one.",
        why: "Every node of the mesh routes the pod range into the tunnel; a node whose address lies in it is no longer reached, and the tunnel itself ends there. Choose ranges that differ; KKP cannot change either after creation.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let (pods, nodes) = (ranges::pods(context.mesh), ranges::nodes(context.mesh));
    for [pod, node] in ranges::between_lists(&pods, &nodes) {
        out.push(finding(context, &pod, &node));
    }
}

fn finding(context: &Context<'_>, pod: &ClusterRange<'_>, node: &ClusterRange<'_>) -> Finding {
    let [later, earlier] = context.later_first(pod.place, node.place);
    let label = |place| {
        if place == pod.place {
            "pods here"
        } else {
            "nodes here"
        }
    };
    let (verb, what) = if node.net.prefix_len() == node.net.max_prefix_len() {
        ("holds", "node")
    } else {
        ("overlaps", "node range")
    };
    let message = format!(
        "the pod range {} of {} {verb} the {what} {} of {}",
        pod.net,
        pod.cluster.name(),
        node.shown(),
        node.cluster.name()
    );
    RULE.finding(later.clone(), message)
        .label(label(later))
        .related(earlier.clone(), label(earlier))
        .help("nodes of the mesh would take node addresses for pods: the ranges must differ")
        .cluster(pod.cluster.name())
        .cluster(node.cluster.name())
}
