//! From what is known of the clusters to the rules between every two of them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::cidr::{Families, Family, Ranges, aggregate};
use super::model::{Datapath, FirewallRule, Member, Protocol};
use crate::model::{EncryptionKind, TunnelKind};

/// The rules of a mesh.
///
/// What a cluster sends from and what it must be reached at is prepared once per cluster. A rule is a pair of these, made
/// on demand: 511 clusters have a quarter of a million pairs, and a caller that writes them never holds them all.
#[derive(Clone, Debug)]
pub(crate) struct Reachability<'a> {
    pub(super) members: &'a [Member],
    /// The node set of each member: from it the member sends.
    pub(super) nodes: Vec<Ranges>,
    /// What must be reached in each member.
    pub(super) targets: Vec<Vec<Target<'a>>>,
    pub(super) datapath: Datapath,
}

/// What every other cluster must reach in a cluster under one protocol and port.
#[derive(Clone, Debug)]
pub(super) struct Target<'a> {
    pub(super) protocol: Protocol,
    pub(super) port: Option<u16>,
    pub(super) ranges: Ranges,
    /// The host name that is reached; known only where no range is.
    pub(super) host: Option<&'a str>,
    /// What it is for, without names: the same words for every cluster.
    pub(super) uses: Vec<&'static str>,
    /// What it is for, in plain words.
    pub(super) reason: String,
}

/// A rule, as the places in a plan where its parts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permit {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) target: usize,
    /// The families that both sides have.
    pub(super) families: Families,
}

impl<'a> Reachability<'a> {
    /// Prepares the rules between `members`, which are listed in this order everywhere.
    pub(crate) fn new(members: &'a [Member], datapath: Datapath) -> Self {
        let services = services(&datapath);
        let nodes: Vec<Ranges> = members.iter().map(node_set).collect();
        let both = members.iter().zip(&nodes);
        Self {
            targets: both
                .map(|(member, nodes)| targets(member, nodes.all(), &services))
                .collect(),
            members,
            nodes,
            datapath,
        }
    }

    /// Every rule: by `from`, then `to`, in the order of the members; then by protocol and port.
    pub(crate) fn permits(&self) -> impl Iterator<Item = Permit> + '_ {
        self.pairs().flat_map(|(from, to)| self.between(from, to))
    }

    /// The rules to one member, given by its index, then those from it: all that the firewall of its nodes needs.
    pub(crate) fn permits_of(&self, member: usize) -> impl Iterator<Item = Permit> + '_ {
        self.permits_to(member).chain(self.permits_from(member))
    }

    pub(super) fn permits_to(&self, member: usize) -> impl Iterator<Item = Permit> + '_ {
        self.peers(member)
            .flat_map(move |peer| self.between(peer, member))
    }

    pub(super) fn permits_from(&self, member: usize) -> impl Iterator<Item = Permit> + '_ {
        self.peers(member)
            .flat_map(move |peer| self.between(member, peer))
    }

    /// The rules to and from the member of that name, or without a name every rule. A cluster that leaves is no member and has none.
    pub(crate) fn permits_for(&self, name: Option<&str>) -> Box<dyn Iterator<Item = Permit> + '_> {
        match name.map(|name| self.position(name)) {
            Some(Some(member)) => Box::new(self.permits_of(member)),
            Some(None) => Box::new(std::iter::empty()),
            None => Box::new(self.permits()),
        }
    }

    /// The names of the members, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// The index of the member of that name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| member.name == name)
    }

    /// A rule with everything in it.
    pub(crate) fn rule(&self, permit: Permit) -> FirewallRule {
        let target = self.target(permit);
        FirewallRule {
            from: self.name(permit.from),
            to: self.name(permit.to),
            from_cidrs: self.nodes[permit.from].of(permit.families).to_vec(),
            to_cidrs: target.ranges.of(permit.families).to_vec(),
            to_host: target.host.map(str::to_owned),
            protocol: target.protocol,
            port: target.port,
            reason: target.reason.clone(),
        }
    }

    /// What is reached by name only.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.targets
            .iter()
            .flatten()
            .filter_map(|target| target.host)
    }

    pub(super) fn target(&self, permit: Permit) -> &Target<'a> {
        &self.targets[permit.to][permit.target]
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

    /// One rule for each target, unless nothing can be permitted: a side is unknown, or the two have no family in common.
    pub(super) fn between(&self, from: usize, to: usize) -> impl Iterator<Item = Permit> + '_ {
        let senders = self.nodes[from].families();
        let targets = self.targets[to].iter().enumerate();
        targets.filter_map(move |(target, reached)| {
            let families = match reached.host {
                Some(_) => senders,
                None => senders.and(reached.ranges.families()),
            };
            (!families.is_empty()).then_some(Permit {
                from,
                to,
                target,
                families,
            })
        })
    }
}

/// What every peer must reach in a cluster, by protocol and port.
///
/// Needs of the same port become one target. That permits nothing extra, since all needs have the same senders.
fn targets<'a>(member: &'a Member, nodes: &[IpNet], services: &[PortUse]) -> Vec<Target<'a>> {
    let apiserver = &member.apiserver;
    let mut needs: BTreeMap<PortKey, Needs<'a>> = BTreeMap::new();
    for service in services {
        let need = needs.entry((service.protocol, service.port)).or_default();
        need.add(nodes, service.reason, service.reason.to_owned());
    }
    if let Some(port) = apiserver.node_port {
        let need = needs.entry((Protocol::Tcp, Some(port))).or_default();
        need.add(nodes, APISERVER, node_port_reason(member));
    }
    let need = needs
        .entry((Protocol::Tcp, Some(apiserver.port)))
        .or_default();
    need.add_apiserver(member);
    let targets = needs.into_iter().map(|(key, needs)| needs.target(key));
    targets.collect()
}

/// What a cluster's targets are kept under: one entry per protocol and port, in the order of the output.
pub(super) type PortKey = (Protocol, Option<u16>);

const APISERVER: &str = "clustermesh-apiserver (etcd)";

/// What is reached under one protocol and port.
#[derive(Default)]
struct Needs<'a> {
    cidrs: Vec<IpNet>,
    host: Option<&'a str>,
    uses: Vec<&'static str>,
    reasons: Vec<String>,
}

impl<'a> Needs<'a> {
    fn add(&mut self, nets: &[IpNet], what: &'static str, reason: String) {
        if !nets.is_empty() {
            self.cidrs.extend(nets);
            self.because(what, reason);
        }
    }

    fn because(&mut self, what: &'static str, reason: String) {
        if !self.uses.contains(&what) {
            self.uses.push(what);
        }
        self.reasons.push(reason);
    }

    /// The host name counts only where no address is known. Where the node port is dialled by name, the nodes are known
    /// addresses of the same port: the rule then holds those, and the name stands in its reason.
    fn add_apiserver(&mut self, member: &'a Member) {
        let what = format!("{APISERVER} of {}", member.name);
        let addresses = address_set(&member.apiserver.addresses);
        match &member.apiserver.host {
            Some(host) if addresses.is_empty() => {
                self.host = Some(host);
                self.because(APISERVER, format!("{what} as {host}"));
            }
            _ => self.add(&addresses, APISERVER, what),
        }
    }

    fn target(self, (protocol, port): PortKey) -> Target<'a> {
        let exists = |net: &IpNet| protocol.exists_in(Family::of(net));
        let mut cidrs = aggregate(&self.cidrs);
        cidrs.retain(exists);
        Target {
            protocol,
            port,
            host: self.host.filter(|_| self.cidrs.is_empty()),
            ranges: Ranges::new(&cidrs),
            uses: self.uses,
            reason: self.reasons.join(" and "),
        }
    }
}

fn node_port_reason(member: &Member) -> String {
    let place = if member.apiserver.load_balancer {
        "behind its load balancer"
    } else {
        "on its nodes"
    };
    format!("{APISERVER} of {} {place}", member.name)
}

/// A protocol between all nodes, and what it is for.
#[derive(Clone, Debug)]
struct PortUse {
    protocol: Protocol,
    port: Option<u16>,
    reason: &'static str,
}

/// What every node says to every node of another cluster. Ports: Cilium's system requirements page.
fn services(datapath: &Datapath) -> Vec<PortUse> {
    let tunnel = match datapath.tunnel {
        TunnelKind::Vxlan => Some((8472, "VXLAN tunnel between nodes")),
        TunnelKind::Geneve => Some((6081, "Geneve tunnel between nodes")),
        TunnelKind::Native => None,
    };
    let tunnel = tunnel.map(|(port, reason)| {
        (
            Protocol::Udp,
            Some(datapath.tunnel_port.unwrap_or(port)),
            reason,
        )
    });
    let encryption = match datapath.encryption {
        EncryptionKind::None => None,
        EncryptionKind::Wireguard => Some((
            Protocol::Udp,
            Some(51871),
            "WireGuard encryption between nodes",
        )),
        EncryptionKind::Ipsec => Some((Protocol::Esp, None, "IPsec encryption between nodes")),
    };
    let health = [
        (Protocol::Tcp, Some(4240), "Cilium health check"),
        (Protocol::Icmp, None, "Cilium health check (echo)"),
        (Protocol::Icmpv6, None, "Cilium health check (echo)"),
    ];
    let health = health.into_iter().filter(|_| !datapath.no_health_checks);
    let all = tunnel.into_iter().chain(encryption).chain(health);
    all.map(|(protocol, port, reason)| PortUse {
        protocol,
        port,
        reason,
    })
    .collect()
}

/// A cluster's nodes: its ranges, and the known nodes outside them.
fn node_set(member: &Member) -> Ranges {
    let nodes = address_set(&member.nodes);
    Ranges::new(&aggregate(&[member.node_cidrs.as_slice(), &nodes].concat()))
}

pub(super) fn address_set(addresses: &[IpAddr]) -> Vec<IpNet> {
    let nets: Vec<IpNet> = addresses.iter().copied().map(IpNet::from).collect();
    aggregate(&nets)
}

/// Both sides without the families that the other side lacks.
pub(super) fn same_families(from: &Ranges, to: &Ranges) -> (Vec<IpNet>, Vec<IpNet>) {
    let both = from.families().and(to.families());
    (from.of(both).to_vec(), to.of(both).to_vec())
}
