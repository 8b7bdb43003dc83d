//! The class of a load balancer cannot change while the Service lives.

use super::{Context, Rule};
use crate::apiserver_service::load_balancer_class;
use crate::code::code;
use crate::finding::Finding;
use crate::model::ServiceType;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "load-balancer-class-changed", Error,
        what: "The Service of a clustermesh-apiserver is to get another `loadBalancerClass` than it has, or one where it has none.",
        why: "The API server refuses this for a Service of type LoadBalancer (`validateLoadBalancerClassField` in Kubernetes), so Helm's upgrade fails after the patch and KKP rolls it back. The Service must be deleted before the patch; then it gets a new address, which the peers have to be told.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let (Some(wanted), Some(live)) = (load_balancer_class(cluster), &cluster.apiserver.live)
        else {
            continue;
        };
        if live.kind != ServiceType::LoadBalancer || live.class.value == wanted.value {
            continue;
        }
        let has = match live.class.value.as_str() {
            "" => "has none".to_owned(),
            class => format!("has `{class}`"),
        };
        let name = cluster.name();
        let message = format!(
            "the load balancer of {name} is to have the class `{}`, and its Service {has}",
            wanted.value
        );
        out.push(
            RULE.finding(wanted.place, message)
                .label("the API server refuses another class")
                .related(live.class.place.clone(), format!("{has} today"))
                .help(format!("leave the class as it is, or delete the Service clustermesh-apiserver of {name} first, then dump it again: its address changes"))
                .cluster(name),
        );
    }
}
