//! Several replicas make the chart ask for session affinity, which not every provider has.

use super::{Context, Rule};
use crate::apiserver_service::{annotations, load_balancer_class, session_affinity};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, ServiceType};
use crate::profile::service::{
    AWS_CONTROLLER_ANNOTATION, AWS_CONTROLLER_CLASS, WITHOUT_SESSION_AFFINITY,
};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "session-affinity-refused", Warning,
        what: "The Service of a clustermesh-apiserver asks for session affinity, on a provider whose load balancers refuse it.",
        why: "From 1.16 on the chart sets `sessionAffinity: ClientIP` where there are several replicas. The cloud controller of AWS then makes no load balancer (cilium/cilium#32646), the Service stays pending, and Helm waits until it rolls back.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let (Some(provider), Some(cause)) = (&cluster.provider, session_affinity(cluster)) else {
            continue;
        };
        if !WITHOUT_SESSION_AFFINITY.contains(&provider.value.as_str())
            || cluster.apiserver.service_type != ServiceType::LoadBalancer
            || has_a_controller_that_knows_it(cluster)
        {
            continue;
        }
        let (name, provider) = (cluster.name(), &provider.value);
        let message = format!(
            "the Service of {name} asks for session affinity, which load balancers of {provider} refuse"
        );
        out.push(
            RULE.finding(cause, message)
                .label("the chart sets `sessionAffinity: ClientIP` for this")
                .help("set `clustermesh.apiserver.service.enableSessionAffinity: Never` in the values, and dump the ApplicationInstallation again")
                .cluster(name),
        );
    }
}

/// Whether the AWS Load Balancer Controller serves the Service.
fn has_a_controller_that_knows_it(cluster: &Cluster) -> bool {
    let class = load_balancer_class(cluster);
    let (key, kinds) = AWS_CONTROLLER_ANNOTATION;
    class.is_some_and(|class| class.value == AWS_CONTROLLER_CLASS)
        || annotations(cluster).iter().any(|annotation| {
            annotation.key == key && annotation.text.is_some_and(|text| kinds.contains(&text))
        })
}
