//! The ports of a service are ports.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{GlobalService, ServicePort, TargetPort};
use crate::source::{Place, quoted};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "service-port-invalid", Error,
        what: "A global service has ports that the API server refuses.",
        why: "A service needs at least one port from 1 to 65535 with the protocol TCP, UDP or SCTP, no port and protocol twice, and a name of its own for each port where there are several.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for service in &context.mesh.services {
        if service.ports.is_empty() && is_given(context, &service.place.key("ports")) {
            out.push(
                invalid(
                    service.place.key("ports"),
                    format!("the service {} has no port", service.name),
                )
                .help("add a port: `ports: [{port: 80}]`"),
            );
        }
        let given = |port: &&ServicePort| is_given(context, &port.place.key("port"));
        let ports: Vec<&ServicePort> = service.ports.iter().filter(given).collect();
        for (at, port) in ports.iter().enumerate() {
            check_port(service, &ports[..at], port, out);
        }
    }
}

fn check_port(
    service: &GlobalService,
    before: &[&ServicePort],
    port: &ServicePort,
    out: &mut Vec<Finding>,
) {
    let number = port.port;
    if !is_port(number) {
        out.push(
            invalid(
                port.place.key("port"),
                format!("{number} is no port number"),
            )
            .help("write a port from 1 to 65535"),
        );
    }
    // The target is the port itself where no other is given.
    if let TargetPort::Number(target) = port.target_port
        && target != number
        && !is_port(target)
    {
        out.push(
            invalid(
                port.place.key("targetPort"),
                format!("{target} is no port number"),
            )
            .help("write a port from 1 to 65535"),
        );
    }
    if let TargetPort::Name(target) = &port.target_port
        && !is_port_name(target)
    {
        out.push(
            invalid(
                port.place.key("targetPort"),
                format!("{} is no name of a port", quoted(target)),
            )
            .help("write the name of a container's port, or a number without quotes"),
        );
    }
    if !["TCP", "UDP", "SCTP"].contains(&port.protocol.as_str()) {
        out.push(
            invalid(
                port.place.key("protocol"),
                format!("{} is no protocol of a service", quoted(&port.protocol)),
            )
            .help("write TCP, UDP or SCTP"),
        );
    }
    if let Some(first) = before
        .iter()
        .find(|first| (first.port, &first.protocol) == (number, &port.protocol))
    {
        let message = format!(
            "the service {} has port {number} {} twice",
            service.name, port.protocol
        );
        out.push(
            invalid(port.place.key("port"), message)
                .related(first.place.key("port"), "the first one")
                .help("leave one of them out"),
        );
    }
    let is_named_alike = |first: &&&ServicePort| first.name == port.name;
    match before.iter().find(is_named_alike) {
        _ if service.ports.len() < 2 => {}
        None if port.name.is_some() => {}
        first => {
            let message = format!(
                "port {number} of the service {} needs a name of its own",
                service.name
            );
            let finding = invalid(port.place.key("name"), message).help("give each port a `name`");
            out.push(match first.filter(|first| first.name.is_some()) {
                Some(first) => finding.related(first.place.key("name"), "the same name"),
                None => finding,
            });
        }
    }
}

/// What is missing is the finding of another code.
fn is_given(context: &Context<'_>, place: &Place) -> bool {
    context.input.sources.node(place).is_some()
}

fn invalid(place: Place, message: String) -> Finding {
    RULE.finding(place, message)
}

fn is_port(number: i64) -> bool {
    (1..=65535).contains(&number)
}

/// 1 to 15 of a-z, 0-9 and hyphen with a letter among them, no hyphen at an end or beside another.
fn is_port_name(name: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=15).contains(&name.len())
        && name.chars().all(known)
        && name.chars().any(|c| c.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}
