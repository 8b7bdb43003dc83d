//! A cluster has a service once.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-duplicate", Error,
        what: "Two global services of one cluster have the same name and namespace.",
        why: "They are one object in the cluster: whichever is applied last would replace the other.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let services = &context.mesh.services;
    for (at, service) in services.iter().enumerate() {
        let mut names = context.mesh.clusters.iter().map(|cluster| cluster.name());
        let twins = || services[..at].iter().filter(|first| service.is_twin(first));
        let found = names.find_map(|name| {
            let first = twins().find(|first| first.is_in(name) && service.is_in(name))?;
            Some((name, first))
        });
        if let Some((cluster, first)) = found {
            let message = format!(
                "{cluster} gets the service {}/{} twice",
                service.namespace, service.name
            );
            out.push(
                RULE.finding(service.place.key("name"), message)
                    .related(first.place.key("name"), "the first one")
                    .help("give one of them another name, or other clusters")
                    .cluster(cluster),
            );
        }
    }
}
