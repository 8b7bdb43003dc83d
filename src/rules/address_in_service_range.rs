//! An address in a service range exists inside one cluster only.

use std::collections::BTreeSet;

use super::ranges::{self, Range};
use super::{Context, Rule};
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &crate::resolve::codes::ADDRESS_INVALID,
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let services = ranges::services(context.mesh);
    let addresses = ranges::load_balancers(context.mesh);
    let mut told = BTreeSet::new();
    for [service, address] in ranges::between_lists(&services, &addresses) {
        // Service ranges are often the same everywhere, and one of them is enough.
        if told.insert((address.cluster.index, address.net)) {
            out.push(finding(&service, &address));
        }
    }
}

fn finding(service: &Range<'_>, address: &Range<'_>) -> Finding {
    let message = format!(
        "{}, where {} is reached, lies in the service range {} of {}",
        address.shown(),
        address.cluster.name(),
        service.net,
        service.cluster.name()
    );
    RULE.finding(address.place.clone(), message)
        .label("this address")
        .related(service.place.clone(), "services here")
        .help("a ClusterIP exists inside its own cluster only: give the address of the load balancer, or of the nodes with type NodePort")
        .cluster(service.cluster.name())
        .cluster(address.cluster.name())
}
