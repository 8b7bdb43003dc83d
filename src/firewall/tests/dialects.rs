//! The files of the dialects, seen whole, and what holds for every one of them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use proptest::prelude::*;

use super::brute_force::{any_datapath, any_mesh, universe};
use super::{filter_named, member, nets};
use crate::firewall::dialect::{DialectOptions, Error};
use crate::firewall::drops::Refused;
use crate::firewall::lines::{List, Sides};
use crate::firewall::model::{Datapath, Member, Protocol};
use crate::firewall::packet_filters;
use crate::firewall::page::Firewall;
use crate::firewall::rules::Reachability;
use crate::model::{EncryptionKind, TunnelKind};

const KEEP: DialectOptions = DialectOptions { drop: false };
const DROP: DialectOptions = DialectOptions { drop: true };

fn render(dialect: &str, members: &[Member], options: &DialectOptions) -> Result<String, Error> {
    let datapath = Datapath {
        encryption: EncryptionKind::Ipsec,
        ..Datapath::default()
    };
    let plan = Reachability::new(members, datapath);
    Firewall::of(&Sides::new(&plan), 0).page(filter_named(dialect), options)
}

#[test]
fn two_clusters() {
    let members = [member(1), member(2)];
    for dialect in packet_filters() {
        let text = render(dialect.name(), &members, &KEEP).unwrap();
        insta::assert_snapshot!(format!("two_clusters.{}", dialect.name()), text);
    }
}

#[test]
fn three_clusters_one_known_by_name_and_drops() {
    let mut members = [member(1), member(2), member(3)];
    members[1].apiserver.addresses.clear();
    members[1].apiserver.host = Some("mesh.example.com".to_owned());
    for dialect in packet_filters() {
        let text = render(dialect.name(), &members, &DROP).unwrap();
        insta::assert_snapshot!(format!("drops.{}", dialect.name()), text);
    }
}

#[test]
fn drops_are_refused_where_they_would_hit_the_clusters_own_nodes() {
    let mut members = [member(1), member(2), member(3)];
    members[1].node_cidrs = nets(&["10.0.0.0/16"]);
    members[2].nodes = vec!["10.0.1.9".parse().unwrap()];
    for dialect in ["nft", "iptables"] {
        assert!(render(dialect, &members, &KEEP).is_ok());
        let error = render(dialect, &members, &DROP).unwrap_err().to_string();
        let expected = "drop rules for cluster-1 are refused: node range 10.0.0.0/16 of cluster-2 overlaps its own \
                        10.0.1.0/24; node range 10.0.1.9/32 of cluster-3 overlaps its own 10.0.1.0/24";
        assert_eq!(error, expected);
    }
}

#[test]
fn drops_are_refused_where_the_clusters_own_nodes_are_unknown() {
    let mut members = [member(1), member(2)];
    members[0].node_cidrs.clear();
    let refused = Error::Drop(Refused::Unknown {
        cluster: "cluster-1".to_owned(),
    });
    assert_eq!(render("nft", &members, &DROP), Err(refused));
    assert!(render("nft", &members[..1], &DROP).is_ok());
}

#[test]
fn a_character_that_could_leave_its_place_is_refused() {
    let mut second = member(2);
    second.apiserver.addresses.clear();
    second.apiserver.host = Some("a\n-F INPUT".to_owned());
    for dialect in packet_filters() {
        let error = render(dialect.name(), &[member(1), second.clone()], &KEEP).unwrap_err();
        assert!(
            error.to_string().starts_with("templates/firewall/"),
            "{error}"
        );
        assert!(!error.to_string().contains("INPUT"), "{error}");
    }
}

#[test]
fn long_lists_become_several_lines() {
    let mut members = [member(1), member(2)];
    members[1].nodes = (0..150)
        .map(|node| format!("10.9.{node}.1").parse().unwrap())
        .collect();
    let text = render("iptables", &members, &DROP).unwrap();
    // 151 ranges in lists of twenty, once as senders and once as destinations.
    let health = text.lines().filter(|line| line.contains("--dport 4240"));
    assert_eq!(health.count(), 16);
    assert!(text.split(' ').all(|word| word.len() < 1024));
}

#[test]
fn drops_name_all_peers_where_a_set_of_some_has_the_name() {
    let mut members = [member(1), member(2), member(3)];
    for member in &mut members {
        member.apiserver.addresses = vec!["203.0.113.1".parse().unwrap()];
    }
    members[1].apiserver.node_port = Some(32379);
    let datapath = Datapath {
        tunnel: TunnelKind::Native,
        no_health_checks: true,
        ..Datapath::default()
    };
    let plan = Reachability::new(&members, datapath);
    let text = Firewall::of(&Sides::new(&plan), 0)
        .page(filter_named("nft"), &DROP)
        .unwrap();
    let dropped = text
        .lines()
        .find(|line| line.contains("ip6 saddr") && line.ends_with("drop"));
    assert_eq!(
        dropped.map(str::trim),
        Some("ip6 saddr @all-peer-nodes-ipv6 drop")
    );
    let set = text.split("set all-peer-nodes-ipv6 {").nth(1).unwrap();
    let elements = set.lines().find(|line| line.contains("elements"));
    assert_eq!(
        elements.map(str::trim),
        Some("elements = { fd00:2::/64, fd00:3::/64 }")
    );
}

#[test]
fn a_file_with_sets_names_each_range_of_the_peers_once_for_each_side() {
    let members: Vec<Member> = (1..=40).map(member).collect();
    let text = render("nft", &members, &DROP).unwrap();
    for peer in 2..=40 {
        let range = format!("10.0.{peer}.0/24");
        assert_eq!(text.matches(&range).count(), 1, "{range}");
        assert_eq!(text.matches(&format!("fd00:{peer}::/64")).count(), 1);
    }
    // One more peer is three more ranges: its nodes in both families, and its apiserver.
    let fewer = render("nft", &members[..39], &DROP).unwrap();
    assert!(
        text.len() - fewer.len() < 80,
        "{}",
        text.len() - fewer.len()
    );
}

/// What packets some rules permit, in words that rules and lines share.
type Packets = BTreeSet<(IpAddr, IpAddr, Protocol, Option<u16>)>;

fn packets(
    from: &[ipnet::IpNet],
    to: &[ipnet::IpNet],
    protocol: Protocol,
    port: Option<u16>,
) -> Packets {
    let within =
        |nets: &[ipnet::IpNet], address: &IpAddr| nets.iter().any(|net| net.contains(address));
    let sources = universe().filter(|source| within(from, source));
    let pairs = sources.flat_map(|source| universe().map(move |target| (source, target)));
    let wanted = pairs.filter(|(a, b)| a.is_ipv4() == b.is_ipv4() && within(to, b));
    wanted
        .map(|(source, target)| (source, target, protocol, port))
        .collect()
}

fn list_nets(list: &List<'_>) -> Vec<IpNet> {
    list.ranges.iter().map(|range| range.net).collect()
}

proptest! {
    #[test]
    fn lines_permit_what_the_rules_permit_once(mesh in any_mesh(), datapath in any_datapath()) {
        let plan = Reachability::new(&mesh, datapath);
        let sides = Sides::new(&plan);
        for member in 0..mesh.len() {
            let found = sides.lines(member);
            let of_lines: Packets = found
                .lines
                .iter()
                .map(|line| line.accept)
                .flat_map(|accept| packets(&list_nets(&found.lists[accept.from]), &list_nets(&found.lists[accept.to]), accept.protocol, accept.port))
                .collect();
            let of_rules: Packets = plan
                .permits_of(member)
                .map(|permit| plan.rule(permit))
                .flat_map(|rule| packets(&rule.from_cidrs, &rule.to_cidrs, rule.protocol, rule.port))
                .collect();
            prop_assert_eq!(of_lines, of_rules);
            for (place, line) in found.lines.iter().enumerate() {
                prop_assert!(found.lines[..place].iter().all(|other| other.accept != line.accept));
            }
        }
    }

    #[test]
    fn no_file_holds_a_line_twice(mesh in any_mesh(), datapath in any_datapath()) {
        let plan = Reachability::new(&mesh, datapath);
        for dialect in packet_filters() {
            let text = Firewall::of(&Sides::new(&plan), 0).page(dialect, &KEEP).unwrap();
            let accepts: Vec<&str> = text.lines().filter(|line| line.to_lowercase().ends_with("accept")).collect();
            let once: BTreeSet<&str> = accepts.iter().copied().collect();
            prop_assert_eq!(accepts.len(), once.len(), "{}", text);
        }
    }
}
