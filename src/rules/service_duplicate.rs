//! A cluster has a service once.

use std::collections::HashMap;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, GlobalService};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-duplicate", Error,
        what: "Two global services of one cluster have the same name and namespace.",
        why: "They are one object in the cluster: whichever is applied last would replace the other.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let names: Vec<&str> = context.mesh.clusters.iter().map(Cluster::name).collect();
    let twins = context.mesh.twins();
    for twins in twins.values().filter(|twins| twins.len() > 1) {
        let mut first_in: HashMap<&str, &GlobalService> = HashMap::new();
        for service in twins {
            let own = names.iter().filter(|name| service.is_in(name));
            let mut found = None;
            for name in own {
                let first = *first_in.entry(name).or_insert(service);
                if !std::ptr::eq(first, *service) {
                    found = found.or(Some((*name, first)));
                }
            }
            out.extend(found.map(|(cluster, first)| finding(service, cluster, first)));
        }
    }
}

fn finding(service: &GlobalService, cluster: &str, first: &GlobalService) -> Finding {
    let message = format!(
        "{cluster} gets the service {}/{} twice",
        service.namespace, service.name
    );
    RULE.finding(service.place.key("name"), message)
        .related(first.place.key("name"), "the first one")
        .help("give one of them another name, or other clusters")
        .cluster(cluster)
}
