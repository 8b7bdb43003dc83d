//! A pod address that is a service address elsewhere is not reached from there.

use super::ranges::{self, ClusterRange};
use super::{Context, Rule};
use crate::code::code;
use crate::finding::{Finding, Severity};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "pod-service-overlap", Warning,
        what: "The pod range of a cluster overlaps the service range of a cluster.",
        why: "Service addresses mean something inside their own cluster only, so equal service ranges are fine. But a node of that cluster translates them before it routes: a pod of a peer whose address is also a service there cannot be reached from there. In one and the same cluster this is an error, since pods are then given the addresses of its services; KKP does not refuse it.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let pods = ranges::pods(context.mesh);
    let services = ranges::services(context.mesh);
    for [pod, service] in ranges::between_lists(&pods, &services) {
        out.push(finding(context, &pod, &service));
    }
}

fn finding(context: &Context<'_>, pod: &ClusterRange<'_>, service: &ClusterRange<'_>) -> Finding {
    let [later, earlier] = context.later_first(pod.place, service.place);
    let label = |place| {
        if place == pod.place {
            "pods here"
        } else {
            "services here"
        }
    };
    let (owner, of) = (pod.cluster.name(), service.cluster.name());
    let (severity, message, help) = if pod.cluster.index == service.cluster.index {
        (
            Severity::Error,
            format!(
                "the pod range {} of {owner} overlaps its own service range {}",
                pod.net, service.net
            ),
            format!(
                "pods would be given the addresses of services: create {owner} again with ranges that differ"
            ),
        )
    } else {
        (
            Severity::Warning,
            format!(
                "the pod range {} of {owner} overlaps the service range {} of {of}",
                pod.net, service.net
            ),
            format!(
                "a pod whose address is a service in {of} is not reached from there: choose another pod range before {owner} is created, or another service range for {of}"
            ),
        )
    };
    RULE.finding_as(severity, later.clone(), message)
        .label(label(later))
        .related(earlier.clone(), label(earlier))
        .help(help)
        .cluster(owner)
        .cluster(of)
}
