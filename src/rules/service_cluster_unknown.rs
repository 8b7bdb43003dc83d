//! The clusters of a service are clusters of the mesh.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::structure::closest;
use crate::model::Cluster;
use crate::source::quoted;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-cluster-unknown", Error,
        what: "A service names a cluster that is not in the mesh.",
        why: "The cluster that was meant would not get the service. Names must be equal to the letter.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let names: Vec<&str> = context.mesh.clusters.iter().map(Cluster::name).collect();
    let services = context.mesh.services.iter();
    let named = services.flat_map(|service| {
        service
            .clusters
            .iter()
            .flatten()
            .map(move |name| (service, name))
    });
    for (service, name) in named.filter(|(_, name)| !names.contains(&name.value.as_str())) {
        let message = format!(
            "the service {} names {}, which is no cluster of the mesh",
            service.name,
            quoted(&name.value)
        );
        let finding = RULE.finding(name.place.clone(), message);
        out.push(match closest(&name.value, &names) {
            Some(near) => finding.help(format!("write `{near}`")),
            None => finding.help("write the name of a cluster of this file"),
        });
    }
}
