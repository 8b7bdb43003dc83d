//! The rule list permits exactly what a naive reading of the facts permits, address by address.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use proptest::prelude::*;

use crate::firewall::groups::{Groups, Scope};
use crate::firewall::list::{write_csv, write_json};
use crate::firewall::model::{
    ApiserverEndpoint, Datapath, FirewallRule, IngressIsolation, Member, Protocol,
};
use crate::firewall::rules::Reachability;
use crate::model::{EncryptionKind, TunnelKind};

/// Sixteen addresses of each family; every range of a test lies in them.
pub(super) fn universe() -> impl Iterator<Item = IpAddr> {
    let text = |n: u8| [format!("10.0.0.{n}"), format!("fd00::{n:x}")];
    (0..16)
        .flat_map(text)
        .map(|address| address.parse().unwrap())
}

fn any_address() -> impl Strategy<Value = IpAddr> {
    (0..32usize).prop_map(|index| universe().nth(index).unwrap())
}

fn any_net() -> impl Strategy<Value = IpNet> {
    (any_address(), 1..=4u8).prop_map(|(address, narrower)| {
        let bits = if address.is_ipv4() { 28 } else { 124 };
        IpNet::new(address, bits + narrower).unwrap()
    })
}

fn any_apiserver() -> impl Strategy<Value = ApiserverEndpoint> {
    let addresses = prop::collection::vec(any_address(), 0..3);
    let host = prop::option::of(Just("mesh.example.com".to_owned()));
    let port = prop::sample::select(vec![2379, 4240, 32379]);
    let node_port = prop::option::of(prop::sample::select(vec![2379, 32379]));
    (addresses, host, port, node_port, any::<bool>()).prop_map(
        |(addresses, host, port, node_port, load_balancer)| ApiserverEndpoint {
            addresses,
            host,
            port,
            node_port,
            load_balancer,
        },
    )
}

pub(super) fn any_mesh() -> impl Strategy<Value = Vec<Member>> {
    let nodes = prop::collection::vec(any_address(), 0..3);
    let member = (
        prop::collection::vec(any_net(), 0..3),
        nodes,
        any_apiserver(),
    );
    prop::collection::vec(member, 1..4).prop_map(|members| {
        let named = |(number, (node_cidrs, nodes, apiserver))| {
            let name = format!("cluster-{number}");
            Member {
                name,
                node_cidrs,
                nodes,
                pod_cidrs: Vec::new(),
                apiserver,
                platform: IngressIsolation::default(),
            }
        };
        members.into_iter().enumerate().map(named).collect()
    })
}

pub(super) fn any_datapath() -> impl Strategy<Value = Datapath> {
    let tunnel = prop::sample::select(vec![
        TunnelKind::Vxlan,
        TunnelKind::Geneve,
        TunnelKind::Native,
    ]);
    let tunnel_port = prop::option::of(prop::sample::select(vec![7000, 51871]));
    let encryption = prop::sample::select(vec![
        EncryptionKind::None,
        EncryptionKind::Wireguard,
        EncryptionKind::Ipsec,
    ]);
    (tunnel, tunnel_port, encryption).prop_map(|(tunnel, tunnel_port, encryption)| Datapath {
        tunnel,
        tunnel_port,
        encryption,
        no_health_checks: false,
    })
}

/// A packet that starts a conversation between two clusters.
type Packet = (String, String, IpAddr, IpAddr, Protocol, Option<u16>);

/// What a reader of the list lets through: same family, source in one list, destination in the other.
fn permitted(rules: &[FirewallRule]) -> BTreeSet<Packet> {
    let within = |nets: &[IpNet], address: &IpAddr| nets.iter().any(|net| net.contains(address));
    let mut packets = BTreeSet::new();
    for rule in rules {
        for source in universe().filter(|source| within(&rule.from_cidrs, source)) {
            let same = |to: &IpAddr| to.is_ipv4() == source.is_ipv4() && within(&rule.to_cidrs, to);
            for to in universe().filter(same) {
                packets.insert((
                    rule.from.clone(),
                    rule.to.clone(),
                    source,
                    to,
                    rule.protocol,
                    rule.port,
                ));
            }
        }
    }
    packets
}

fn is_node(member: &Member, address: IpAddr) -> bool {
    member.nodes.contains(&address) || member.node_cidrs.iter().any(|net| net.contains(&address))
}

/// Every protocol and port that one address may need at another, said as conditions and without any list of ranges.
fn needs(member: &Member, datapath: &Datapath, to: IpAddr) -> Vec<(Protocol, Option<u16>)> {
    let apiserver = &member.apiserver;
    let mut needs = Vec::new();
    if is_node(member, to) {
        needs.push((Protocol::Tcp, Some(4240)));
        needs.push((
            if to.is_ipv4() {
                Protocol::Icmp
            } else {
                Protocol::Icmpv6
            },
            None,
        ));
        needs.extend(apiserver.node_port.map(|port| (Protocol::Tcp, Some(port))));
        match datapath.tunnel {
            TunnelKind::Vxlan => needs.push((Protocol::Udp, datapath.tunnel_port.or(Some(8472)))),
            TunnelKind::Geneve => needs.push((Protocol::Udp, datapath.tunnel_port.or(Some(6081)))),
            TunnelKind::Native => {}
        }
        match datapath.encryption {
            EncryptionKind::None => {}
            EncryptionKind::Wireguard => needs.push((Protocol::Udp, Some(51871))),
            EncryptionKind::Ipsec => needs.push((Protocol::Esp, None)),
        }
    }
    if apiserver.addresses.contains(&to) {
        needs.push((Protocol::Tcp, Some(apiserver.port)));
    }
    needs
}

fn brute_force(mesh: &[Member], datapath: &Datapath) -> BTreeSet<Packet> {
    let mut packets = BTreeSet::new();
    for (source, to) in universe().flat_map(|source| universe().map(move |to| (source, to))) {
        for (from, target) in mesh
            .iter()
            .flat_map(|from| mesh.iter().map(move |target| (from, target)))
        {
            if source.is_ipv4() == to.is_ipv4() && from.name != target.name && is_node(from, source)
            {
                let packet = |(protocol, port)| {
                    (
                        from.name.clone(),
                        target.name.clone(),
                        source,
                        to,
                        protocol,
                        port,
                    )
                };
                packets.extend(needs(target, datapath, to).into_iter().map(packet));
            }
        }
    }
    packets
}

/// A packet without the names of the clusters: which address may reach which, how.
type Flow = (IpAddr, IpAddr, Protocol, Option<u16>);

/// What groups let through, rule by rule: whether it is inner, and the flows.
fn flows(groups: &Groups) -> Vec<(bool, BTreeSet<Flow>)> {
    let within = |nets: &[IpNet], address: &IpAddr| nets.iter().any(|net| net.contains(address));
    let of_rule = |rule: &crate::firewall::groups::GroupRule| {
        let (from, to) = (&groups.groups[&rule.from], &groups.groups[&rule.to]);
        let pairs = universe().flat_map(|source| universe().map(move |target| (source, target)));
        let permitted = pairs.filter(|(source, target)| {
            source.is_ipv4() == target.is_ipv4()
                && within(&from.cidrs, source)
                && within(&to.cidrs, target)
        });
        let flow = |(source, target)| (source, target, rule.protocol, rule.port);
        (rule.inner, permitted.map(flow).collect())
    };
    groups.rules.iter().map(of_rule).collect()
}

/// What a cluster's own nodes would say to themselves and to their own apiserver.
fn inner(mesh: &[Member], datapath: &Datapath) -> BTreeSet<Flow> {
    let mut all = BTreeSet::new();
    for member in mesh {
        for source in universe().filter(|source| is_node(member, *source)) {
            for to in universe().filter(|to| to.is_ipv4() == source.is_ipv4()) {
                let needed = needs(member, datapath, to).into_iter();
                all.extend(needed.map(|(protocol, port)| (source, to, protocol, port)));
            }
        }
    }
    all
}

proptest! {
    #[test]
    fn the_list_permits_exactly_what_brute_force_says(mesh in any_mesh(), datapath in any_datapath()) {
        let rules = super::rules(&Reachability::new(&mesh, datapath));
        prop_assert_eq!(permitted(&rules), brute_force(&mesh, &datapath));
    }

    #[test]
    fn groups_permit_exactly_what_brute_force_says_and_inner_pairs(mesh in any_mesh(), datapath in any_datapath()) {
        let plan = Reachability::new(&mesh, datapath);
        let wanted = brute_force(&mesh, &datapath);
        let flow = |(_, _, source, to, protocol, port): &Packet| (*source, *to, *protocol, *port);
        let wanted: BTreeSet<Flow> = wanted.iter().map(flow).collect();
        let inner = inner(&mesh, &datapath);
        let groups = Groups::new(&plan, Scope::Mesh);
        let found = flows(&groups);
        let all: BTreeSet<Flow> = found.iter().flat_map(|(_, flows)| flows.clone()).collect();
        prop_assert!(wanted.is_subset(&all), "{:?}", groups);
        prop_assert!(all.difference(&wanted).all(|flow| inner.contains(flow)), "{:?}", groups);
        for (is_inner, flows) in &found {
            prop_assert!(*is_inner || flows.is_subset(&wanted), "{:?}", groups);
        }
        let keys: BTreeSet<_> = groups.rules.iter().map(|rule| (rule.protocol, rule.port)).collect();
        prop_assert_eq!(keys.len(), groups.rules.len());
        let rules = super::rules(&plan);
        for rule in &groups.rules {
            let same = || rules.iter().filter(|pair| (pair.protocol, pair.port) == (rule.protocol, rule.port));
            let (from, to) = (&groups.groups[&rule.from], &groups.groups[&rule.to]);
            prop_assert!(to.cidrs.is_sorted() && to.cidrs.iter().all(|net| same().any(|pair| pair.to_cidrs.contains(net))));
            prop_assert!(from.cidrs.iter().all(|net| rules.iter().any(|pair| pair.from_cidrs.contains(net))));
            prop_assert!(to.hosts.iter().all(|host| same().any(|pair| pair.to_host.as_ref() == Some(host))));
        }
        for member in 0..mesh.len() {
            let of_member = Groups::new(&plan, Scope::Cluster(member));
            let name = &mesh[member].name;
            let wanted = brute_force(&mesh, &datapath);
            let wanted: BTreeSet<Flow> = wanted.iter().filter(|packet| packet.0 == *name || packet.1 == *name).map(flow).collect();
            let found: BTreeSet<Flow> = flows(&of_member).into_iter().flat_map(|(_, flows)| flows).collect();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn one_entry_per_ordered_pair_and_port_in_order(mesh in any_mesh(), datapath in any_datapath()) {
        let plan = Reachability::new(&mesh, datapath);
        let rules = super::rules(&plan);
        let keys: Vec<_> = rules.iter().map(|rule| (&rule.from, &rule.to, rule.protocol, rule.port)).collect();
        prop_assert!(keys.is_sorted_by(|a, b| a < b), "{:?}", keys);
        for rule in &rules {
            prop_assert_eq!(rule.to_host.is_some(), rule.to_cidrs.is_empty());
            prop_assert!(!rule.from_cidrs.is_empty());
        }
        let parts = (0..mesh.len()).flat_map(|member| plan.permits_of(member));
        let mut parts: Vec<FirewallRule> = parts.map(|permit| plan.rule(permit)).collect();
        parts.sort_by(|a, b| (&a.from, &a.to, a.protocol, a.port).cmp(&(&b.from, &b.to, b.protocol, b.port)));
        parts.dedup();
        prop_assert_eq!(parts, rules);
    }

    #[test]
    fn the_lists_hold_the_rules(mesh in any_mesh(), datapath in any_datapath()) {
        let plan = Reachability::new(&mesh, datapath);
        let rules = super::rules(&plan);
        let mut json = Vec::new();
        write_json(&plan, plan.permits(), &mut json).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&json).unwrap();
        prop_assert_eq!(read, serde_json::to_value(&rules).unwrap());
        let mut csv = Vec::new();
        write_csv(&plan, plan.permits(), &mut csv).unwrap();
        prop_assert_eq!(csv.iter().filter(|byte| **byte == b'\n').count(), rules.len() + 1);
    }
}
