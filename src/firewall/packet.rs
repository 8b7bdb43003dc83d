//! Which rule lets a packet through.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::cidr::Ranges;
use super::model::{FirewallRule, Protocol};
use super::rules::Reachability;

/// A packet that opens a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    /// Where it comes from.
    pub from: PacketEnd,
    /// Where it goes to.
    pub to: PacketEnd,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its destination port.
    pub port: Option<u16>,
}

/// One end of a packet's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PacketEnd {
    /// An address.
    Address(IpAddr),
    /// The name of a cluster, for any of its addresses, or a host name.
    Name(String),
}

impl FromStr for PacketEnd {
    type Err = PacketError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Address(address.to_canonical()));
        }
        if text.parse::<IpNet>().is_ok() {
            return Err(PacketError::Range(text.to_owned()));
        }
        // As DNS has it: case makes no difference, and a name may end in a dot.
        let name = text.strip_suffix('.').unwrap_or(text);
        Ok(Self::Name(name.to_ascii_lowercase()))
    }
}

impl fmt::Display for PacketEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Why the words of a packet make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PacketError {
    /// No protocol of a rule.
    #[error("`{0}` is no protocol of the rules; they are udp, tcp, icmp, icmpv6 and esp")]
    Protocol(String),
    /// UDP and TCP have ports.
    #[error("{0} needs a port, a number from 1 to 65535")]
    Port(Protocol),
    /// The others have none.
    #[error("{0} has no port")]
    NoPort(Protocol),
    /// A range, of which a part may be permitted.
    #[error("`{0}` is a range: give one address of it")]
    Range(String),
    /// Neither an address, nor a cluster, nor a host name that peers dial.
    #[error(
        "`{0}` is neither an address nor a cluster of the mesh nor a host name that peers dial"
    )]
    End(String),
}

impl Packet {
    /// The packet of `SRC DST PROTO [PORT]`.
    ///
    /// # Errors
    /// If a word makes no sense.
    pub(crate) fn new(
        from: &str,
        to: &str,
        protocol: &str,
        port: Option<&str>,
    ) -> Result<Self, PacketError> {
        let known = match protocol.to_ascii_lowercase().as_str() {
            "udp" => Protocol::Udp,
            "tcp" => Protocol::Tcp,
            "icmp" => Protocol::Icmp,
            "icmpv6" | "ipv6-icmp" => Protocol::Icmpv6,
            "esp" | "50" => Protocol::Esp,
            _ => return Err(PacketError::Protocol(protocol.to_owned())),
        };
        let number = port
            .and_then(|port| port.parse::<u16>().ok())
            .filter(|port| *port > 0);
        let port = match known {
            Protocol::Udp | Protocol::Tcp => Some(number.ok_or(PacketError::Port(known))?),
            _ if port.is_some_and(|port| port != "-") => return Err(PacketError::NoPort(known)),
            _ => None,
        };
        Ok(Self {
            from: from.parse()?,
            to: to.parse()?,
            protocol: known,
            port,
        })
    }

    fn words(&self) -> String {
        format!(
            "{} from {} to {}",
            traffic(self.protocol, self.port),
            self.from,
            self.to
        )
    }
}

fn traffic(protocol: Protocol, port: Option<u16>) -> String {
    match port {
        Some(port) => format!("{protocol} {port}"),
        None => protocol.to_string(),
    }
}

/// Says which rules let the packet through, or that none does.
///
/// # Errors
/// If an end is nothing that the mesh knows.
pub(crate) fn explain(plan: &Reachability<'_>, packet: &Packet) -> Result<String, PacketError> {
    for end in [&packet.from, &packet.to] {
        known(plan, end)?;
    }
    let between = rules_between(plan, packet);
    let is_meant =
        |rule: &&FirewallRule| (rule.protocol, rule.port) == (packet.protocol, packet.port);
    let permitting: Vec<String> = between.iter().filter(is_meant).map(sentence).collect();
    let words = packet.words();
    Ok(match permitting.as_slice() {
        [] => format!(
            "{words}: no rule permits it\n{}",
            why_not(plan, packet, &between)
        ),
        rules => format!("{words}: permitted\n{}", rules.concat()),
    })
}

fn known(plan: &Reachability<'_>, end: &PacketEnd) -> Result<(), PacketError> {
    match end {
        PacketEnd::Name(name)
            if plan.position(name).is_none() && !plan.hosts().any(|host| is_host(host, name)) =>
        {
            Err(PacketError::End(name.clone()))
        }
        _ => Ok(()),
    }
}

/// Whether a host name is the one that was asked about, which has no final dot.
fn is_host(host: &str, name: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host.eq_ignore_ascii_case(name)
}

/// The rules of any protocol and port that lead from the one end to the other.
fn rules_between(plan: &Reachability<'_>, packet: &Packet) -> Vec<FirewallRule> {
    let count = plan.members.len();
    let senders: Vec<usize> = (0..count)
        .filter(|member| sends(plan, *member, &packet.from))
        .collect();
    let pairs = senders
        .into_iter()
        .flat_map(|from| (0..count).map(move |to| (from, to)));
    let others = pairs.filter(|(from, to)| from != to);
    let rules = others
        .flat_map(|(from, to)| plan.between(from, to))
        .map(|permit| plan.rule(permit));
    rules.filter(|rule| leads(rule, packet)).collect()
}

fn sends(plan: &Reachability<'_>, member: usize, end: &PacketEnd) -> bool {
    match end {
        PacketEnd::Address(address) => holds(&plan.nodes[member], *address),
        PacketEnd::Name(name) => plan.members[member].name == *name,
    }
}

fn holds(ranges: &Ranges, address: IpAddr) -> bool {
    ranges.all().iter().any(|net| net.contains(&address))
}

fn leads(rule: &FirewallRule, packet: &Packet) -> bool {
    let from = match &packet.from {
        PacketEnd::Address(address) => rule.from_cidrs.iter().any(|net| net.contains(address)),
        PacketEnd::Name(name) => rule.from == *name,
    };
    let to = match &packet.to {
        PacketEnd::Address(address) => rule.to_cidrs.iter().any(|net| net.contains(address)),
        PacketEnd::Name(name) => {
            let host = rule.to_host.as_ref();
            rule.to == *name || host.is_some_and(|host| is_host(host, name))
        }
    };
    let same_family = match (is_v4(&packet.from), is_v4(&packet.to)) {
        (Some(from), Some(to)) => from == to,
        _ => true,
    };
    from && to && same_family
}

fn sentence(rule: &FirewallRule) -> String {
    let nets = |nets: &[IpNet]| {
        let nets: Vec<String> = nets.iter().map(ToString::to_string).collect();
        nets.join(", ")
    };
    let to = rule.to_host.clone().unwrap_or_else(|| nets(&rule.to_cidrs));
    format!(
        "  by the rule from {} ({}) to {} ({}), {}: {}\n",
        rule.from,
        nets(&rule.from_cidrs),
        rule.to,
        to,
        traffic(rule.protocol, rule.port),
        rule.reason
    )
}

/// What each end is, and what else may pass between them.
fn why_not(plan: &Reachability<'_>, packet: &Packet, between: &[FirewallRule]) -> String {
    let mut open: Vec<String> = Vec::new();
    for rule in between {
        let traffic = traffic(rule.protocol, rule.port);
        if !open.contains(&traffic) {
            open.push(traffic);
        }
    }
    let from = format!("  {} is {}\n", packet.from, role(plan, &packet.from));
    let to = format!("  {} is {}\n", packet.to, role(plan, &packet.to));
    let open = match open.as_slice() {
        [] => format!(
            "  nothing is open from the one to the other{}\n",
            reason_for_nothing(plan, packet)
        ),
        open => format!("  open from the one to the other: {}\n", open.join(", ")),
    };
    from + &to + &open
}

/// Why there can be no rule at all, where that is so.
fn reason_for_nothing(plan: &Reachability<'_>, packet: &Packet) -> &'static str {
    if is_v4(&packet.from).is_some_and(|v4| is_v4(&packet.to) == Some(!v4)) {
        return ": they are of different address families";
    }
    let mut members = 0..plan.members.len();
    if members.any(|one| sends(plan, one, &packet.from) && sends(plan, one, &packet.to)) {
        return ": no rule is about traffic inside a cluster";
    }
    ""
}

fn is_v4(end: &PacketEnd) -> Option<bool> {
    match end {
        PacketEnd::Address(address) => Some(address.is_ipv4()),
        PacketEnd::Name(_) => None,
    }
}

fn role(plan: &Reachability<'_>, end: &PacketEnd) -> String {
    let address = match end {
        PacketEnd::Name(name)
            if plan
                .position(name)
                .is_some_and(|at| plan.nodes[at].all().is_empty()) =>
        {
            return "a cluster whose nodes are not known: give `nodeCIDRs` or `nodes`, or dump the nodes"
                .to_owned();
        }
        PacketEnd::Name(name) if plan.position(name).is_some() => return "a cluster".to_owned(),
        PacketEnd::Name(_) => return "a host name that peers dial".to_owned(),
        PacketEnd::Address(address) => *address,
    };
    let members = plan.members.iter().zip(&plan.nodes);
    let roles = members.filter_map(|(member, nodes)| {
        if holds(nodes, address) {
            Some(format!("a node of {}", member.name))
        } else if member.apiserver.addresses.contains(&address) {
            Some(format!("the clustermesh-apiserver of {}", member.name))
        } else {
            None
        }
    });
    match roles.collect::<Vec<String>>().as_slice() {
        [] => "no address of a node or clustermesh-apiserver of the mesh".to_owned(),
        roles => roles.join(" and "),
    }
}
