//! From what is known of the clusters to the rules between every two of them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::cidr::{Family, aggregate};
use super::model::{Datapath, Encryption, Member, Protocol, Rule, Tunnel};

/// The rules of a mesh.
///
/// They are made pair by pair on demand: 511 clusters have a quarter of a million pairs, and a caller that writes them
/// one after the other never holds them all.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    pub(super) members: &'a [Member],
    /// The node set of each member.
    pub(super) nodes: Vec<Vec<IpNet>>,
    pub(super) datapath: Datapath,
    services: Vec<Service>,
}

impl<'a> Plan<'a> {
    /// Prepares the rules between `members`, which are listed in this order everywhere.
    pub fn new(members: &'a [Member], datapath: Datapath) -> Self {
        Self {
            members,
            nodes: members.iter().map(node_set).collect(),
            services: services(&datapath),
            datapath,
        }
    }

    /// Every rule: by `from`, then `to`, in the order of the members; then by protocol and port.
    pub fn rules(&self) -> impl Iterator<Item = Rule> + '_ {
        self.pairs().flat_map(|(from, to)| self.between(from, to))
    }

    /// The rules to one member, given by its index, then those from it: all that the firewall of its nodes needs.
    pub fn rules_of(&self, member: usize) -> impl Iterator<Item = Rule> + '_ {
        let inbound = self.peers(member).map(move |peer| (peer, member));
        let outbound = self.peers(member).map(move |peer| (member, peer));
        inbound
            .chain(outbound)
            .flat_map(|(from, to)| self.between(from, to))
    }

    /// The rules of the member of that name, or every rule.
    pub fn rules_for(&self, name: Option<&str>) -> Vec<Rule> {
        let is_named = |member: &Member| Some(member.name.as_str()) == name;
        match self.members.iter().position(is_named) {
            Some(member) => self.rules_of(member).collect(),
            None => self.rules().collect(),
        }
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let ordered = |from| self.peers(from).map(move |to| (from, to));
        (0..self.members.len()).flat_map(ordered)
    }

    fn peers(&self, member: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.members.len()).filter(move |peer| *peer != member)
    }

    pub(super) fn name(&self, member: usize) -> String {
        self.members[member].name.clone()
    }

    /// One rule for each protocol and port.
    fn between(&self, from: usize, to: usize) -> Vec<Rule> {
        let rule = |(key, target)| self.rule((from, to), key, target);
        self.targets(to).into_iter().filter_map(rule).collect()
    }

    /// What every peer must reach in a cluster.
    ///
    /// Needs of the same port become one target. That permits nothing extra, since all needs have the same senders.
    fn targets(&self, to: usize) -> BTreeMap<Key, Target<'a>> {
        let apiserver = &self.members[to].apiserver;
        let mut targets: BTreeMap<Key, Target<'a>> = BTreeMap::new();
        for service in &self.services {
            let target = targets.entry((service.protocol, service.port)).or_default();
            target.add(&self.nodes[to], service.reason.to_owned());
        }
        if let Some(port) = apiserver.node_port {
            let target = targets.entry((Protocol::Tcp, Some(port))).or_default();
            target.add(&self.nodes[to], node_port_reason(&self.members[to]));
        }
        let target = targets
            .entry((Protocol::Tcp, Some(apiserver.port)))
            .or_default();
        target.add_apiserver(&self.members[to]);
        targets
    }

    /// `None` where nothing can be permitted: a side is unknown, or the two have no family in common.
    fn rule(&self, (from, to): (usize, usize), key: Key, target: Target<'_>) -> Option<Rule> {
        let (protocol, port) = key;
        let senders = &self.nodes[from];
        let (mut from_cidrs, to_cidrs) =
            same_families(protocol, senders, &aggregate(&target.cidrs));
        let to_host = target
            .host
            .filter(|_| target.cidrs.is_empty())
            .map(str::to_owned);
        if to_host.is_some() {
            from_cidrs.clone_from(senders);
        }
        (!from_cidrs.is_empty()).then(|| Rule {
            from: self.name(from),
            to: self.name(to),
            from_cidrs,
            to_cidrs,
            to_host,
            protocol,
            port,
            reason: target.reasons.join(" and "),
        })
    }
}

/// What a cluster's targets are kept under: one entry per protocol and port, in the order of the output.
type Key = (Protocol, Option<u16>);

/// What is reached under one protocol and port.
#[derive(Default)]
struct Target<'a> {
    cidrs: Vec<IpNet>,
    host: Option<&'a str>,
    reasons: Vec<String>,
}

impl<'a> Target<'a> {
    fn add(&mut self, nets: &[IpNet], reason: String) {
        if !nets.is_empty() {
            self.cidrs.extend(nets);
            self.reasons.push(reason);
        }
    }

    /// The host name counts only where no address is known. Where the node port is dialled by name, the nodes are known
    /// addresses of the same port: the rule then holds those, and the name stands in its reason.
    fn add_apiserver(&mut self, member: &'a Member) {
        let what = format!("clustermesh-apiserver (etcd) of {}", member.name);
        let addresses = address_set(&member.apiserver.addresses);
        match &member.apiserver.host {
            Some(host) if addresses.is_empty() => {
                self.host = Some(host);
                self.reasons.push(format!("{what} as {host}"));
            }
            _ => self.add(&addresses, what),
        }
    }
}

fn node_port_reason(member: &Member) -> String {
    let place = if member.apiserver.load_balancer {
        "behind its load balancer"
    } else {
        "on its nodes"
    };
    format!("clustermesh-apiserver (etcd) of {} {place}", member.name)
}

/// A protocol between all nodes, and what it is for.
#[derive(Clone, Debug)]
struct Service {
    protocol: Protocol,
    port: Option<u16>,
    reason: &'static str,
}

/// What every node says to every node of another cluster. Ports: Cilium's system requirements page.
fn services(datapath: &Datapath) -> Vec<Service> {
    let tunnel = match datapath.tunnel {
        Tunnel::Vxlan => Some((8472, "VXLAN tunnel between nodes")),
        Tunnel::Geneve => Some((6081, "Geneve tunnel between nodes")),
        Tunnel::Native => None,
    };
    let tunnel = tunnel.map(|(port, reason)| {
        (
            Protocol::Udp,
            Some(datapath.tunnel_port.unwrap_or(port)),
            reason,
        )
    });
    let encryption = match datapath.encryption {
        Encryption::None => None,
        Encryption::Wireguard => Some((
            Protocol::Udp,
            Some(51871),
            "WireGuard encryption between nodes",
        )),
        Encryption::Ipsec => Some((Protocol::Esp, None, "IPsec encryption between nodes")),
    };
    let health = [
        (Protocol::Tcp, Some(4240), "Cilium health check"),
        (Protocol::Icmp, None, "Cilium health check (echo)"),
        (Protocol::Icmpv6, None, "Cilium health check (echo)"),
    ];
    let all = tunnel.into_iter().chain(encryption).chain(health);
    all.map(|(protocol, port, reason)| Service {
        protocol,
        port,
        reason,
    })
    .collect()
}

/// A cluster's nodes: its ranges, and the known nodes outside them.
fn node_set(member: &Member) -> Vec<IpNet> {
    let nodes = address_set(&member.nodes);
    aggregate(&[member.node_cidrs.as_slice(), &nodes].concat())
}

pub(super) fn address_set(addresses: &[IpAddr]) -> Vec<IpNet> {
    let nets: Vec<IpNet> = addresses.iter().copied().map(IpNet::from).collect();
    aggregate(&nets)
}

/// Both sides without the families that the other side, or the protocol, lacks.
pub(super) fn same_families(
    protocol: Protocol,
    from: &[IpNet],
    to: &[IpNet],
) -> (Vec<IpNet>, Vec<IpNet>) {
    let mut both = (Vec::new(), Vec::new());
    for family in Family::ALL
        .into_iter()
        .filter(|family| protocol.exists_in(*family))
    {
        let (from, to) = (family.only(from), family.only(to));
        if !from.is_empty() && !to.is_empty() {
            both.0.extend(from);
            both.1.extend(to);
        }
    }
    both
}
