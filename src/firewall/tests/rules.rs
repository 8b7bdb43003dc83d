//! The rules of small meshes, seen whole.

use super::{member, nets};
use crate::firewall::list::{write_csv, write_json};
use crate::firewall::model::{Datapath, FirewallRule, Member, Protocol};
use crate::firewall::rules::Reachability;
use crate::firewall::unknown_ends::{Destination, UnknownEnd};
use crate::model::{EncryptionKind, TunnelKind};

fn all(members: &[Member], datapath: Datapath) -> Vec<FirewallRule> {
    super::rules(&Reachability::new(members, datapath))
}

/// The rules from the first to the second of two clusters, as "protocol port > destinations".
fn lines(first: Member, second: Member, datapath: Datapath) -> Vec<String> {
    let to = second.name.clone();
    let rules = all(&[first, second], datapath);
    let line = |rule: &FirewallRule| {
        let port = rule.port.map(|port| format!(" {port}")).unwrap_or_default();
        let to: Vec<String> = rule
            .to_cidrs
            .iter()
            .map(ToString::to_string)
            .chain(rule.to_host.clone())
            .collect();
        format!("{}{port} > {}", rule.protocol, to.join(" "))
    };
    rules
        .iter()
        .filter(|rule| rule.to == to)
        .map(line)
        .collect()
}

#[test]
fn the_default_datapath() {
    let lines = lines(member(1), member(2), Datapath::default());
    let expected = [
        "udp 8472 > 10.0.2.0/24 fd00:2::/64",
        "tcp 2379 > 203.0.113.2/32",
        "tcp 4240 > 10.0.2.0/24 fd00:2::/64",
        "icmp > 10.0.2.0/24",
        "icmpv6 > fd00:2::/64",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn tunnel_and_encryption_decide_the_ports() {
    let ports = |tunnel, tunnel_port, encryption| {
        let rules = all(
            &[member(1), member(2)],
            Datapath {
                tunnel,
                tunnel_port,
                encryption,
                no_health_checks: false,
            },
        );
        let apart = |rule: &&FirewallRule| {
            rule.from == "cluster-1" && matches!(rule.protocol, Protocol::Udp | Protocol::Esp)
        };
        rules
            .iter()
            .filter(apart)
            .map(|rule| (rule.protocol, rule.port))
            .collect::<Vec<_>>()
    };
    use Protocol::{Esp, Udp};
    assert_eq!(
        ports(TunnelKind::Vxlan, None, EncryptionKind::Wireguard),
        [(Udp, Some(8472)), (Udp, Some(51871))]
    );
    assert_eq!(
        ports(TunnelKind::Geneve, None, EncryptionKind::Ipsec),
        [(Udp, Some(6081)), (Esp, None)]
    );
    assert_eq!(
        ports(TunnelKind::Geneve, Some(7000), EncryptionKind::None),
        [(Udp, Some(7000))]
    );
    assert_eq!(
        ports(TunnelKind::Native, Some(7000), EncryptionKind::None),
        []
    );
}

#[test]
fn a_node_port_is_open_on_the_nodes_and_at_the_addresses_dialled() {
    let mut second = member(2);
    second.apiserver.port = 32379;
    second.apiserver.node_port = Some(32379);
    second.apiserver.load_balancer = false;
    let expected = "tcp 32379 > 10.0.2.0/24 203.0.113.2/32 fd00:2::/64";
    assert_eq!(lines(member(1), second, Datapath::default())[2], expected);
}

#[test]
fn a_load_balancer_may_forward_to_a_node_port() {
    let mut second = member(2);
    second.apiserver.node_port = Some(31000);
    let rules = all(&[member(1), second], Datapath::default());
    let reasons: Vec<&str> = rules
        .iter()
        .filter(|r| r.protocol == Protocol::Tcp && r.from == "cluster-1")
        .map(|r| &*r.reason)
        .collect();
    let expected = [
        "clustermesh-apiserver (etcd) of cluster-2",
        "Cilium health check",
        "clustermesh-apiserver (etcd) of cluster-2 behind its load balancer",
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn a_host_name_stands_alone_where_no_address_is_known() {
    let mut second = member(2);
    second.apiserver.host = Some("mesh.example.com".to_owned());
    assert_eq!(
        lines(member(1), second.clone(), Datapath::default())[1],
        "tcp 2379 > 203.0.113.2/32"
    );
    second.apiserver.addresses.clear();
    assert_eq!(
        lines(member(1), second, Datapath::default())[1],
        "tcp 2379 > mesh.example.com"
    );
}

#[test]
fn the_node_port_dialled_by_name_keeps_the_name_in_the_reason() {
    let mut second = member(2);
    second.apiserver.addresses.clear();
    second.apiserver.host = Some("mesh.example.com".to_owned());
    second.apiserver.node_port = Some(2379);
    let rules = all(&[member(1), second], Datapath::default());
    let rule = rules.iter().find(|rule| rule.port == Some(2379)).unwrap();
    assert_eq!(
        (&rule.to_host, &*rule.to_cidrs),
        (&None, &*nets(&["10.0.2.0/24", "fd00:2::/64"]))
    );
    assert!(
        rule.reason
            .ends_with("(etcd) of cluster-2 as mesh.example.com"),
        "{}",
        rule.reason
    );
}

#[test]
fn nodes_outside_the_ranges_are_added_and_a_missing_family_drops_out() {
    let (mut first, mut second) = (member(1), member(2));
    first.nodes = ["10.0.1.7", "10.9.0.2", "10.9.0.3"]
        .map(|node| node.parse().unwrap())
        .into();
    second.node_cidrs = nets(&["10.0.2.0/24"]);
    let rules = all(&[first, second], Datapath::default());
    assert_eq!(rules[0].from_cidrs, nets(&["10.0.1.0/24", "10.9.0.2/31"]));
    assert_eq!(rules[0].to_cidrs, nets(&["10.0.2.0/24"]));
}

#[test]
fn what_is_not_known_is_said() {
    let (mut first, mut second, mut third) = (member(1), member(2), member(3));
    first.node_cidrs.clear();
    second.node_cidrs = nets(&["10.0.2.0/24"]);
    second.apiserver.addresses.clear();
    third.node_cidrs = nets(&["fd00:3::/64"]);
    let name = |number: u8| format!("cluster-{number}");
    let apart = |from, to, what| UnknownEnd::Family {
        from: name(from),
        to: name(to),
        what,
    };
    let expected = [
        UnknownEnd::Nodes { cluster: name(1) },
        UnknownEnd::Apiserver { cluster: name(2) },
        apart(2, 3, Destination::Nodes),
        apart(3, 1, Destination::Apiserver),
        apart(3, 2, Destination::Nodes),
    ];
    assert_eq!(
        Reachability::new(&[first.clone(), second, third], Datapath::default()).unknown(),
        expected
    );
    assert_eq!(
        Reachability::new(&[first], Datapath::default()).unknown(),
        []
    );
}

#[test]
fn pod_traffic_is_told_with_native_routing_only() {
    let members = [member(1), member(2)];
    let native = Datapath {
        tunnel: TunnelKind::Native,
        ..Datapath::default()
    };
    let pairs: Vec<_> = Reachability::new(&members, native)
        .pod_traffic()
        .map(|pods| (pods.from_cidrs, pods.to_cidrs))
        .collect();
    let (one, two) = (nets(&["172.1.0.0/16"]), nets(&["172.2.0.0/16"]));
    assert_eq!(pairs, [(one.clone(), two.clone()), (two, one)]);
    assert_eq!(
        Reachability::new(&members, Datapath::default())
            .pod_traffic()
            .count(),
        0
    );
}

#[test]
fn the_lists_have_the_shape_of_the_contract() {
    let mut second = member(2);
    second.apiserver.addresses.clear();
    second.apiserver.host = Some("a,\"b".to_owned());
    let members = [member(1), second];
    let plan = Reachability::new(&members, Datapath::default());
    let mut text = Vec::new();
    write_json(&plan, plan.permits().take(2), &mut text).unwrap();
    write_csv(&plan, plan.permits().take(3), &mut text).unwrap();
    insta::assert_snapshot!(String::from_utf8(text).unwrap());
    let mut none = Vec::new();
    write_json(&plan, std::iter::empty(), &mut none).unwrap();
    assert_eq!(none, b"[]\n");
}
