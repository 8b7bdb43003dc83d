//! A Service of type ClusterIP is for its own cluster.

use super::{Context, Rule, ranges};
use crate::code::code;
use crate::finding::Finding;
use crate::model::ServiceType;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-not-reachable", Warning,
        what: "The Service of a clustermesh-apiserver is of type ClusterIP.",
        why: "Such a Service has an address inside its own cluster alone, so no peer reaches it unless something else leads there, such as a gateway or a route for the service range (cilium/cilium-cli#1247).",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let services = ranges::services_and_their_addresses(context.mesh);
    for cluster in context.mesh.members() {
        let apiserver = &cluster.apiserver;
        let Some(place) = &apiserver.service_type_place else {
            continue;
        };
        // That its address is one of services is the finding of another rule.
        let mut addresses = apiserver.addresses.iter();
        let is_said = addresses.any(|address| {
            services
                .iter()
                .any(|range| range.net.contains(&address.value))
        });
        if apiserver.service_type == ServiceType::ClusterIp
            && !is_said
            && context.mesh.clusters.len() > 1
        {
            let name = cluster.name();
            let message = format!(
                "the clustermesh-apiserver of {name} is served by a ClusterIP, which no peer reaches by itself"
            );
            out.push(
                RULE.finding(place.clone(), message)
                    .label("inside its own cluster only")
                    .help("write `apiserver: {service: {type: LoadBalancer}}` or NodePort, or accept this with `ignore` where something else leads to it")
                    .cluster(name),
            );
        }
    }
}
