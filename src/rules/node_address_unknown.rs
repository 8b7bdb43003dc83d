//! A dumped Node without an address that Cilium could use.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "node-address-unknown", Warning,
        what: "A dumped Node lists neither an InternalIP nor an ExternalIP.",
        why: "Cilium tells the peers one address of each family of every node: the first InternalIP, else an ExternalIP. No peer reaches a node that has none, and no firewall rule is made for it. The address may be missing because the Node was dumped before its cloud controller had set it.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        let nodes = cluster.dumped_nodes.iter();
        for node in nodes.filter(|node| node.addresses.is_empty()) {
            let message = format!(
                "the dumped node `{}` of {} has no address that its peers could reach",
                node.name.value,
                cluster.name()
            );
            out.push(
                RULE.finding(node.name.place.clone(), message)
                    .label("no InternalIP and no ExternalIP in its status")
                    .help("dump the nodes again once it has one, or remove the node")
                    .cluster(cluster.name()),
            );
        }
    }
}
