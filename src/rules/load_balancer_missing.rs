//! Where the provider has no load balancers, somebody else must have them.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, ServiceType};
use crate::profile::releases::WITHOUT_LOAD_BALANCERS;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "load-balancer-missing", Warning,
        what: "The clustermesh-apiserver is served by a load balancer, on a provider that has none.",
        why: "Helm waits ten minutes for an address that is never assigned, and rolls the release back. Write `apiserver.service.type: NodePort`, or install a load balancer such as MetalLB first and say how it is asked: by `loadBalancerIP`, `loadBalancerClass` or `annotations`. Once the dumped Service has an address this finding is gone.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        if let Some(provider) = &cluster.provider
            && WITHOUT_LOAD_BALANCERS.contains(&provider.value.as_str())
            && cluster.apiserver.service_type == ServiceType::LoadBalancer
            && !somebody_assigns(context, cluster)
        {
            let message = format!(
                "{} asks for a load balancer, and its provider {} has none",
                cluster.name(),
                provider.value
            );
            out.push(
                RULE.finding(provider.place.clone(), message)
                    .label("no load balancers of its own")
                    .help("write `apiserver: {service: {type: NodePort}}`, or with MetalLB or its like say `loadBalancerIP`, `loadBalancerClass` or `annotations` there")
                    .cluster(cluster.name()),
            );
        }
    }
}

/// Whether an address was seen on the Service, or a load balancer is spoken to by name.
fn somebody_assigns(context: &Context<'_>, cluster: &Cluster) -> bool {
    let apiserver = &cluster.apiserver;
    let addresses = apiserver.addresses.iter().map(|address| &address.place);
    let mut places = addresses.chain(apiserver.host.iter().map(|host| &host.place));
    let was_seen = places.any(|place| place.file != context.input.mesh_file);
    let has_annotations = apiserver
        .annotations
        .as_ref()
        .is_some_and(|all| !all.value.is_empty());
    was_seen
        || has_annotations
        || apiserver.load_balancer_ip.is_some()
        || apiserver.load_balancer_class.is_some()
}
