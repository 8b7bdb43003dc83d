//! The firewall of a cluster's nodes as clouds and hosts see it: what comes in or goes out, and the ranges on the other side.
//!
//! A security group, a policy or a host firewall belongs to the nodes already, so one side of each rule is given. What is
//! left are a few openings, each of one family, whose ranges are those of all peers.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::cidr::{Family, outermost};
use super::dialect::{DialectRequest, Error, WriteError};
use super::model::Protocol;
use super::page;
use super::rules::{Permit, Reachability};

/// What peers may send to the nodes, or the nodes to peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) family: Family,
    pub(super) protocol: Protocol,
    /// The destination port of UDP and TCP.
    pub(super) port: Option<u16>,
    /// The other side: none lies in another one.
    pub(super) ranges: Vec<IpNet>,
    /// What it is for.
    pub(super) reason: String,
}

impl Opening {
    /// A name that no other opening of the direction has: `udp-8472-ipv4`.
    pub(super) fn name(&self) -> String {
        let port = self.port.map(|port| format!("-{port}")).unwrap_or_default();
        format!("{}{port}-{}", self.protocol, family(self.family))
    }
}

/// A family as clouds spell it.
pub(super) fn family(family: Family) -> &'static str {
    match family {
        Family::V4 => "ipv4",
        Family::V6 => "ipv6",
    }
}

/// Ranges as JSON texts.
pub(super) fn texts(ranges: &[IpNet]) -> Vec<String> {
    ranges.iter().map(IpNet::to_string).collect()
}

/// What the nodes of a member let in. Traffic to a load balancer's address is not theirs, unless its node port is known.
pub(super) fn inbound(plan: &Reachability<'_>, member: usize) -> Vec<Opening> {
    let mut openings = Vec::new();
    for target in &plan.targets[member] {
        for family in Family::ALL {
            let own = plan.nodes[member].of_family(family);
            let is_own = |net: &IpNet| {
                own.iter()
                    .any(|node| node.contains(net) || net.contains(node))
            };
            let ranges = peer_nodes(plan, member, family);
            if target.ranges.of_family(family).iter().any(is_own) && !ranges.is_empty() {
                openings.push(Opening {
                    family,
                    protocol: target.protocol,
                    port: target.port,
                    ranges,
                    reason: target.uses.join(" and "),
                });
            }
        }
    }
    openings
}

/// What is reached in the peers under one protocol and port, of one family.
#[derive(Default)]
struct Reached {
    ranges: Vec<IpNet>,
    uses: Vec<&'static str>,
}

impl Reached {
    fn add(&mut self, ranges: &[IpNet], uses: &[&'static str]) {
        self.ranges.extend(ranges);
        for what in uses {
            if !self.uses.contains(what) {
                self.uses.push(what);
            }
        }
    }
}

/// What they send, the clustermesh-apiservers of the peers included; what is known by name only is left out.
pub(super) fn outbound(plan: &Reachability<'_>, member: usize) -> Vec<Opening> {
    let mut all: BTreeMap<(Protocol, Option<u16>, Family), Reached> = BTreeMap::new();
    let others = plan.targets.iter().enumerate();
    let others = others.filter(|(other, _)| *other != member);
    for target in others.flat_map(|(_, targets)| targets) {
        for family in Family::ALL {
            let ranges = target.ranges.of_family(family);
            if !ranges.is_empty() && !plan.nodes[member].of_family(family).is_empty() {
                let key = (target.protocol, target.port, family);
                all.entry(key).or_default().add(ranges, &target.uses);
            }
        }
    }
    all.into_iter()
        .map(|((protocol, port, family), reached)| Opening {
            family,
            protocol,
            port,
            ranges: outermost(&reached.ranges),
            reason: reached.uses.join(" and "),
        })
        .collect()
}

/// The nodes of all others, of one family.
pub(super) fn peer_nodes(plan: &Reachability<'_>, member: usize, family: Family) -> Vec<IpNet> {
    let others = plan.nodes.iter().enumerate();
    let others = others.filter(|(other, _)| *other != member);
    let ranges = others.flat_map(|(_, nodes)| nodes.of_family(family));
    outermost(&ranges.copied().collect::<Vec<IpNet>>())
}

/// The member that a request is about.
pub(super) fn member(request: &DialectRequest<'_>) -> usize {
    request.cluster.unwrap_or_default()
}

/// JSON as people read it, with a final newline.
pub(super) fn pretty(value: &Value) -> std::io::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Said of every form for clouds: an address filter on nodes is no filter for load balancers.
pub(super) fn load_balancer_remark(request: &DialectRequest<'_>) -> Option<String> {
    let known = request.plan.members.get(member(request))?;
    let is_hidden = known.apiserver.load_balancer && known.apiserver.node_port.is_none();
    is_hidden.then(|| {
        format!(
            "note: peers reach the clustermesh-apiserver of {} through its load balancer, whose own rules are not in this form",
            known.name
        )
    })
}

/// The refusal of a form that is wrong or harmful without any rule.
pub(super) fn nothing(dialect: &'static str, request: &DialectRequest<'_>) -> WriteError {
    let cluster = match request.cluster {
        Some(_) => request.cluster_name().to_owned(),
        None => "the mesh".to_owned(),
    };
    WriteError::Dialect(Error::Nothing { dialect, cluster })
}

/// From how many rules on a filter without sets is slow.
const MANY_RULES: usize = 5_000;

/// Said of filters without sets, where every pair of a sender's range and a reached one is a rule of its own.
pub(super) fn many_rules_remark(
    plan: &Reachability<'_>,
    permits: impl Iterator<Item = Permit>,
    families: &[Family],
) -> Option<String> {
    let pairs = |permit: Permit| -> usize {
        let target = plan.target(permit);
        let of = |family: &Family| {
            let senders = plan.nodes[permit.from].of_family(*family).len();
            senders * target.ranges.of_family(*family).len()
        };
        let exists = |family: &&Family| target.protocol.exists_in(**family);
        families.iter().filter(exists).map(of).sum()
    };
    let rules: usize = permits.map(pairs).sum();
    (rules > MANY_RULES).then(|| {
        format!("note: {rules} single rules, one for each pair of ranges, which a packet is compared with one by one: give fewer and wider `nodeCIDRs`, or use nft, which has sets")
    })
}

/// Where peers are reached by name only: no range holds that.
pub(super) fn peer_hosts<'r>(request: &'r DialectRequest<'_>) -> impl Iterator<Item = &'r str> {
    let own = member(request);
    let targets = request.plan.targets.iter().enumerate();
    let others = targets.filter(move |(other, _)| *other != own);
    others.flat_map(|(_, targets)| targets.iter().filter_map(|target| target.host))
}

/// What the file of a host's firewall says of rules to what is known by name only, in characters that any file takes.
pub(super) fn left_out(request: &DialectRequest<'_>) -> Vec<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ,.:_-".contains(c);
    let hosts = page::hosts(request.plan, member(request)).into_iter();
    let plain = hosts.map(|text| {
        let chars = text.chars();
        chars.map(|c| if is_plain(c) { c } else { '?' }).collect()
    });
    plain
        .map(|text: String| format!("Not in this file, since no address is known: {text}"))
        .collect()
}

/// The same on standard error, and what a load balancer hides.
pub(super) fn host_remarks(request: &DialectRequest<'_>) -> Vec<String> {
    let hosts = peer_hosts(request).map(host_remark);
    hosts.chain(load_balancer_remark(request)).collect()
}

/// Said of a destination that an address filter cannot hold.
pub(super) fn host_remark(host: &str) -> String {
    format!("note: no rule leads to the host {host}: no address is known")
}

/// The protocol number, where a cloud takes no name.
pub(super) fn number(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Udp => "17",
        Protocol::Tcp => "6",
        Protocol::Icmp => "1",
        Protocol::Icmpv6 => "58",
        Protocol::Esp => "50",
    }
}

/// The port as JSON text, which many APIs want.
pub(super) fn port_text(port: Option<u16>, none: &Value) -> Value {
    port.map_or_else(|| none.clone(), |port| json!(port.to_string()))
}
