//! With `externalTrafficPolicy: Local` only nodes that run a clustermesh-apiserver answer at the node port.

use super::{Context, Rule};
use crate::apiserver_service::local_traffic_policy;
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, ServiceType};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "traffic-policy-local", Warning,
        what: "A clustermesh-apiserver is served at node ports with `externalTrafficPolicy: Local`, and peers are not told all nodes.",
        why: "A node without a clustermesh-apiserver pod drops what comes to the node port. The pod may run on any node, and moves, so peers that know only some of the nodes lose the cluster sooner or later.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let Some(policy) = local_traffic_policy(cluster) else {
            continue;
        };
        let apiserver = &cluster.apiserver;
        if apiserver.service_type != ServiceType::NodePort
            || !apiserver.is_known()
            || dials_every_node(cluster)
        {
            continue;
        }
        let name = cluster.name();
        let message = format!(
            "peers dial some nodes of {name}, and only those that run its clustermesh-apiserver answer"
        );
        let finding = RULE
            .finding(policy, message)
            .label("other nodes drop the connection")
            .help(format!("set `clustermesh.apiserver.service.externalTrafficPolicy: Cluster` in the values, or give all nodes of {name} in `apiserver.ips`"))
            .cluster(name);
        out.push(match apiserver.addresses.first() {
            Some(address) => finding.related(address.place.clone(), "dialled here"),
            None => finding,
        });
    }
}

fn dials_every_node(cluster: &Cluster) -> bool {
    let dialled = &cluster.apiserver.addresses;
    let is_dialled = |node| dialled.iter().any(|address| address.value == node);
    !cluster.nodes.is_empty() && cluster.nodes.iter().all(|node| is_dialled(node.value))
}
