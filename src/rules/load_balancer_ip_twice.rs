//! MetalLB is asked for an address in one way.

use super::{Context, Rule};
use crate::apiserver_service::{annotations, load_balancer_ip};
use crate::code::code;
use crate::finding::Finding;
use crate::profile::service::METALLB_ADDRESSES;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "load-balancer-ip-twice", Error,
        what: "The Service of a clustermesh-apiserver asks MetalLB for an address by an annotation and by `loadBalancerIP` at once.",
        why: "MetalLB refuses a Service that has both, even where they are equal, so that it gets no address (`getDesiredLbIPs` in metallb/metallb), and Helm waits until it rolls back.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let annotations = annotations(cluster);
        let mut by_annotation = annotations
            .iter()
            .filter(|annotation| METALLB_ADDRESSES.contains(&annotation.key));
        if let (Some(annotation), Some(ip)) = (by_annotation.next(), load_balancer_ip(cluster)) {
            let [later, earlier] = context.later_first(&annotation.place, &ip.place);
            let message = format!(
                "{} asks MetalLB for an address by `{}` and by `loadBalancerIP`, and is given none",
                cluster.name(),
                annotation.key
            );
            out.push(
                RULE.finding(later.clone(), message)
                    .label("one way too many")
                    .related(earlier.clone(), "asked for here too")
                    .help("keep the annotation, and remove `loadBalancerIP`")
                    .cluster(cluster.name()),
            );
        }
    }
}
