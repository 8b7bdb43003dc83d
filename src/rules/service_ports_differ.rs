//! The ports of a service agree between the clusters.

use std::collections::BTreeSet;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::GlobalService;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-ports-differ", Error,
        what: "A global service has other ports in one cluster than in another.",
        why: "Cilium joins the backends of each port by its name and number: where they differ, the port has no backends in the other cluster. Only the port of the pods may differ.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for twins in context.mesh.twins().values() {
        let first = twins[0];
        let first_ports = ports(first);
        let mut differing: Option<&GlobalService> = None;
        for service in &twins[1..] {
            let differs = ports(service) != first_ports;
            // The earliest whose ports are not this one's: the first of all, or the first that differs from that.
            let other = if differs { Some(first) } else { differing };
            out.extend(other.map(|other| finding(service, other)));
            differing = differing.or(differs.then_some(service));
        }
    }
}

fn finding(service: &GlobalService, other: &GlobalService) -> Finding {
    let message = format!(
        "the service {}/{} has not the same ports in all its clusters",
        service.namespace, service.name
    );
    RULE.finding(service.place.key("ports"), message)
        .related(other.place.key("ports"), "other ports here")
        .help("write the same port, protocol and name of each port in both; targetPort may differ")
}

fn ports(service: &GlobalService) -> BTreeSet<(Option<&str>, i64, &str)> {
    let ports = service.ports.iter();
    ports
        .map(|port| (port.name.as_deref(), port.port, port.protocol.as_str()))
        .collect()
}
