//! No cluster dials an address of its own service range.

use super::ranges::{self, ClusterRange};
use super::{Context, Rule};
use crate::finding::{Finding, Severity};

/// A cluster whose own service range holds the address looks for one of its own services there. Where only the range
/// of the cluster itself holds it, as with a ClusterIP, peers reach it if something routes that range to them.
pub(super) static RULE: Rule = Rule {
    code: &crate::resolve::codes::ADDRESS_INVALID,
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let services = ranges::services(context.mesh);
    let addresses = ranges::load_balancers(context.mesh);
    let overlaps = ranges::between_lists(&services, &addresses);
    let is_own = |range: &ClusterRange<'_>, address: &ClusterRange<'_>| {
        range.cluster.index == address.cluster.index
    };
    let mut is_said = vec![false; context.mesh.clusters.len()];
    let (own, dialled): (Vec<_>, Vec<_>) = overlaps
        .into_iter()
        .partition(|[range, address]| is_own(range, address));
    // One finding for each cluster that is dialled: the range of a peer first, since that one is an error.
    for [range, address] in dialled.iter().chain(&own) {
        let index = address.cluster.index;
        let is_leaving = address.cluster.is_leaving() || range.cluster.is_leaving();
        if !is_leaving && !std::mem::replace(&mut is_said[index], true) {
            out.push(finding(range, address, is_own(range, address)));
        }
    }
}

fn finding(range: &ClusterRange<'_>, address: &ClusterRange<'_>, is_own: bool) -> Finding {
    let (name, shown) = (address.cluster.name(), address.shown());
    let (severity, message) = if is_own {
        let message = format!(
            "{shown}, where {name} is reached, lies in its own service range {}, which means something inside {name} only",
            range.net
        );
        (Severity::Warning, message)
    } else {
        let message = format!(
            "{shown}, where {name} is reached, lies in the service range {} of {}, which would look for a service of its own there",
            range.net,
            range.cluster.name()
        );
        (Severity::Error, message)
    };
    RULE.finding_as(severity, address.place.clone(), message)
        .label("an address of services")
        .related(range.place.clone(), "services here")
        .help(format!("serve {name} by a Service of type LoadBalancer or NodePort, and give the address that other clusters reach"))
        .cluster(range.cluster.name())
        .cluster(name)
}
