//! No cluster dials an address of its own service range.

use super::ranges::{self, ClusterRange};
use super::{Context, Rule};
use crate::finding::{Finding, Severity};
use crate::model::{Cluster, ServiceType};

/// A cluster whose own service range holds the address looks for one of its own services there. Where only the range
/// of the cluster itself holds it, as with a ClusterIP, peers reach it if something routes that range to them.
pub(super) static RULE: Rule = Rule {
    code: &crate::resolve::codes::ADDRESS_INVALID,
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let services = ranges::services_and_their_addresses(context.mesh);
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
    let other = range.cluster.name();
    let is_one = range.net.prefix_len() == range.net.max_prefix_len();
    let of_whom = match (is_own, is_one) {
        (true, true) => "is the ClusterIP of its own Service".to_owned(),
        (true, false) => format!("lies in its own service range {}", range.net),
        (false, true) => format!("is the ClusterIP of a Service of {other}"),
        (false, false) => format!("lies in the service range {} of {other}", range.net),
    };
    let (severity, consequence) = if is_own {
        (
            Severity::Warning,
            format!("which means something inside {name} only"),
        )
    } else {
        (
            Severity::Error,
            "which would look for a service of its own there".to_owned(),
        )
    };
    let message = format!("{shown}, where {name} is reached, {of_whom}, {consequence}");
    RULE.finding_as(severity, address.place.clone(), message)
        .label("an address of services")
        .related(
            range.place.clone(),
            if is_one {
                "its ClusterIP"
            } else {
                "services here"
            },
        )
        .help(help(address.cluster))
        .cluster(range.cluster.name())
        .cluster(name)
}

fn help(cluster: &Cluster) -> String {
    let name = cluster.name();
    let give = "give the address that other clusters reach";
    match cluster.apiserver.service_type {
        ServiceType::ClusterIp => {
            format!("serve {name} by a Service of type LoadBalancer or NodePort, and {give}")
        }
        ServiceType::LoadBalancer => format!(
            "{give}: the one that its load balancer got (EXTERNAL-IP in kubectl), not its ClusterIP"
        ),
        ServiceType::NodePort => format!("{give}: those of the nodes of {name}"),
    }
}
