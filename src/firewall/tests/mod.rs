//! Tests of more than one file of this module, and what they share.

mod brute_force;
mod conformance;
mod dialects;
mod forms;
mod groups;
mod rules;

use ipnet::IpNet;

use super::dialect::PacketFilter;
use super::model::{ApiserverEndpoint, FirewallRule, IngressIsolation, Member};
use super::packet_filters;
use super::rules::Reachability;

fn nets(text: &[&str]) -> Vec<IpNet> {
    text.iter().map(|net| net.parse().unwrap()).collect()
}

/// The packet filter of a name.
fn filter_named(name: &str) -> &'static dyn PacketFilter {
    packet_filters()
        .find(|filter| filter.name() == name)
        .unwrap()
}

fn rules(plan: &Reachability<'_>) -> Vec<FirewallRule> {
    plan.permits().map(|permit| plan.rule(permit)).collect()
}

/// A dual-stack cluster behind a load balancer; `number` tells its addresses from those of the others.
fn member(number: u8) -> Member {
    Member {
        name: format!("cluster-{number}"),
        node_cidrs: nets(&[
            &format!("10.0.{number}.0/24"),
            &format!("fd00:{number}::/64"),
        ]),
        nodes: Vec::new(),
        pod_cidrs: nets(&[&format!("172.{number}.0.0/16")]),
        apiserver: ApiserverEndpoint {
            addresses: vec![format!("203.0.113.{number}").parse().unwrap()],
            host: None,
            port: 2379,
            node_port: None,
            load_balancer: true,
        },
        platform: IngressIsolation::default(),
    }
}
