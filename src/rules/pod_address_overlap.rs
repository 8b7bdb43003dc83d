//! No pod address may be that of a load balancer which other clusters dial.

use super::ranges::{self, ClusterRange};
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "pod-address-overlap", Error,
        what: "The address of a clustermesh-apiserver lies in the pod range of a cluster.",
        why: "Every node of the mesh routes a pod range into the tunnel, so the nodes of that cluster and of its peers would look for the load balancer among the pods, and the clusters never connect. Give the load balancer an address outside all pod ranges; pod ranges cannot be changed after creation.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let pods = ranges::pods(context.mesh);
    let addresses = ranges::load_balancers(context.mesh);
    for [pod, address] in ranges::between_lists(&pods, &addresses) {
        out.push(finding(context, &pod, &address));
    }
}

fn finding(context: &Context<'_>, pod: &ClusterRange<'_>, address: &ClusterRange<'_>) -> Finding {
    let [later, earlier] = context.later_first(pod.place, address.place);
    let label = |place| {
        if place == pod.place {
            "pods here"
        } else {
            "this address"
        }
    };
    let message = format!(
        "{}, where {} is reached, lies in the pod range {} of {}",
        address.shown(),
        address.cluster.name(),
        pod.net,
        pod.cluster.name()
    );
    RULE.finding(later.clone(), message)
        .label(label(later))
        .related(earlier.clone(), label(earlier))
        .help(format!(
            "nodes would look for it among the pods: give the load balancer of {} another address",
            address.cluster.name()
        ))
        .cluster(pod.cluster.name())
        .cluster(address.cluster.name())
}
