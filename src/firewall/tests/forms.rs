//! The forms for clouds, hosts and other tools, seen whole, and what they are all made from.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use proptest::prelude::*;

use super::brute_force::{any_datapath, any_mesh, universe};
use super::{member, nets};
use crate::firewall::dialect::{DialectOptions, DialectRequest, WriteError};
use crate::firewall::dialect_named;
use crate::firewall::model::{Datapath, Member, Protocol};
use crate::firewall::openings::{inbound, outbound};
use crate::firewall::rules::Reachability;
use crate::model::EncryptionKind;

const FORMS: [&str; 13] = [
    "aerleon",
    "aws",
    "azure",
    "cilium",
    "cloudformation",
    "firewalld",
    "firewalld-ipv4",
    "firewalld-ipv6",
    "gcp",
    "hetzner",
    "kubevirt",
    "kubevirt-datacenter",
    "ufw",
];

/// What a form writes for the first member, and what it remarks.
fn form(
    name: &str,
    members: &[Member],
    datapath: Datapath,
) -> Result<(String, Vec<String>), WriteError> {
    let plan = Reachability::new(members, datapath);
    let request = DialectRequest {
        plan: &plan,
        cluster: Some(0),
        options: DialectOptions::default(),
    };
    let dialect = dialect_named(name).unwrap();
    let mut out = Vec::new();
    dialect.write(&request, &mut out)?;
    Ok((String::from_utf8(out).unwrap(), dialect.remarks(&request)))
}

fn three() -> [Member; 3] {
    let mut members = [member(1), member(2), member(3)];
    members[0].apiserver.node_port = Some(31874);
    members[0].platform.id = Some("abc123".to_owned());
    members
}

#[test]
fn three_clusters() {
    for name in FORMS {
        let (text, remarks) = form(name, &three(), Datapath::default()).unwrap();
        let remarks = remarks.join("\n");
        insta::assert_snapshot!(format!("form.{name}"), format!("{text}---\n{remarks}"));
    }
}

#[test]
fn openstack_takes_the_variables_of_aws() {
    let [openstack, aws] =
        ["openstack", "aws"].map(|name| form(name, &three(), Datapath::default()).unwrap().0);
    assert_eq!(openstack, aws);
}

#[test]
fn the_variables_for_terraform_of_one_cluster_are_those_of_the_modules_too() {
    let [all, aws] = ["tfvars", "aws"].map(|name| {
        let (text, _) = form(name, &three(), Datapath::default()).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    });
    for name in ["cluster_mesh_peers", "cluster_mesh_ingress"] {
        assert!(!aws[name].is_null() && all[name] == aws[name], "{name}");
    }
    assert!(all["cluster_mesh_rules"].is_array());
}

/// XML has no comment that holds two hyphens.
#[test]
fn the_comment_of_firewalld_ends_where_it_should() {
    let mut members = three();
    members[1].apiserver.addresses.clear();
    members[1].apiserver.host = Some("a--b.example.com".to_owned());
    let (text, _) = form("firewalld", &members, Datapath::default()).unwrap();
    let comment = text.split("<!--").nth(1).unwrap();
    assert!(
        comment.split_once("--").unwrap().1.starts_with('>'),
        "{text}"
    );
    assert_eq!(
        text.matches("<rule ").count(),
        text.matches("</rule>").count()
    );
}

#[test]
fn ciliums_host_firewall_has_no_words_for_esp() {
    let datapath = Datapath {
        encryption: EncryptionKind::Ipsec,
        ..Datapath::default()
    };
    let error = form("cilium", &three(), datapath).unwrap_err();
    assert_eq!(error.to_string(), "cilium cannot express [Esp]");
    for name in FORMS.iter().filter(|name| **name != "cilium") {
        assert!(form(name, &three(), datapath).is_ok(), "{name}");
    }
}

/// Cilium and aclgen refuse a policy without rules, and a NetworkPolicy without any closes the direction.
#[test]
fn without_any_rule_there_is_no_policy() {
    let alone = &three()[..1];
    for name in [
        "aerleon",
        "azure",
        "cilium",
        "cloudformation",
        "gcp",
        "hetzner",
        "kubevirt",
        "kubevirt-datacenter",
    ] {
        let error = form(name, alone, Datapath::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{name}: no rule concerns cluster-1, so there is nothing to open")
        );
    }
    for name in ["aws", "firewalld", "ufw"] {
        assert!(form(name, alone, Datapath::default()).is_ok(), "{name}");
    }
}

#[test]
fn a_peer_that_is_known_by_name_is_said_where_the_way_out_is_closed() {
    let mut members = three();
    members[1].apiserver.addresses.clear();
    members[1].apiserver.host = Some("mesh.example.com".to_owned());
    let said = "note: no rule leads to the host mesh.example.com: no address is known";
    let has = |members: &[Member]| {
        let (_, remarks) = form("kubevirt", members, Datapath::default()).unwrap();
        remarks.iter().any(|remark| remark == said)
    };
    assert!(has(&members));
    members[0].platform.isolates_ingress = true;
    assert!(!has(&members));
}

#[test]
fn a_peer_that_is_known_by_name_is_said_in_the_files_for_hosts() {
    let mut members = three();
    members[1].apiserver.addresses.clear();
    members[1].apiserver.host = Some("mesh.example.com".to_owned());
    for name in ["ufw", "firewalld", "cilium"] {
        let (text, remarks) = form(name, &members, Datapath::default()).unwrap();
        let said = "Not in this file, since no address is known: cluster-1 to cluster-2, tcp 2379 to the host mesh.example.com";
        assert!(text.contains(said), "{name}: {text}");
        let note = "note: no rule leads to the host mesh.example.com: no address is known";
        assert!(
            remarks.iter().any(|remark| remark == note),
            "{name}: {remarks:?}"
        );
    }
    members[1].apiserver.host = Some("a'\n$(id) --><rule/>".to_owned());
    for name in ["ufw", "firewalld", "cilium"] {
        let (text, _) = form(name, &members, Datapath::default()).unwrap();
        assert!(
            text.contains("to the host a????id? --??rule??"),
            "{name}: {text}"
        );
    }
}

#[test]
fn a_firewall_of_hetzner_takes_fifty_rules() {
    let mut members = three();
    members[1].nodes = (0..1500_u16)
        .map(|node| {
            format!("10.9.{}.{}", node / 120, node % 120 * 2)
                .parse()
                .unwrap()
        })
        .collect();
    let (_, remarks) = form("hetzner", &members, Datapath::default()).unwrap();
    // 16 lists for each of four openings of IPv4, and one for each of four of IPv6.
    let warning = remarks
        .iter()
        .find(|remark| remark.starts_with("warning[capacity]"));
    assert!(warning.unwrap().contains("need 68 rules"), "{remarks:?}");
}

#[test]
fn on_kkp_2_22_the_policy_of_kubevirt_opens_the_way_in() {
    let mut members = three();
    members[0].platform.isolates_ingress = true;
    let (text, _) = form("kubevirt", &members, Datapath::default()).unwrap();
    assert!(
        text.contains("ingress:") && !text.contains("gress:\n  - to"),
        "{text}"
    );
    assert!(!text.contains("Egress"), "{text}");
}

#[test]
fn without_health_checks_a_policy_names_its_ports() {
    let datapath = Datapath {
        no_health_checks: true,
        ..Datapath::default()
    };
    let (text, remarks) = form("kubevirt", &three(), datapath).unwrap();
    assert!(
        text.contains("port: 8472") && !text.contains("4240"),
        "{text}"
    );
    assert!(!remarks.iter().any(|remark| remark.contains("ICMP")));
}

#[test]
fn a_quota_that_is_exceeded_is_said() {
    let mut members = three();
    members[1].nodes = (0..30)
        .map(|node| format!("10.9.{node}.1").parse().unwrap())
        .collect();
    let warned = |name: &str| {
        let (_, remarks) = form(name, &members, Datapath::default()).unwrap();
        let warning = remarks
            .into_iter()
            .find(|remark| remark.starts_with("warning[capacity]"));
        warning.unwrap_or_default()
    };
    // 32 ranges of IPv4, for the tunnel, 4240, the node port and ICMP.
    assert!(
        warned("aws").contains("need 128 inbound rules"),
        "{}",
        warned("aws")
    );
    // And two of IPv6.
    assert!(
        warned("openstack").contains("need 136 inbound rules"),
        "{}",
        warned("openstack")
    );
    assert_eq!(warned("gcp"), "");
}

#[test]
fn so_many_ranges_that_a_filter_without_sets_is_slow_are_said() {
    let mut members = three();
    let said = |members: &[Member], name: &str| {
        let (_, remarks) = form(name, members, Datapath::default()).unwrap();
        let many = remarks.into_iter();
        many.filter(|remark| remark.contains("single rules"))
            .collect::<Vec<String>>()
    };
    for name in ["iptables", "ufw"] {
        assert_eq!(said(&members, name), [""; 0], "{name}");
    }
    for (at, member) in members.iter_mut().enumerate() {
        let node = |node: u8| format!("10.9.{node}.{at}").parse().unwrap();
        member.nodes = (0..40).map(node).collect();
    }
    // Of each two peers 41 ranges, to 41 own ones, for the tunnel, 4240 and ICMP; from 41 nodes to one address for etcd.
    for name in ["iptables", "ufw"] {
        let said = said(&members, name);
        assert_eq!(said.len(), 1, "{name}: {said:?}");
    }
    for name in ["nft", "ip6tables", "firewalld"] {
        assert_eq!(said(&members, name), [""; 0], "{name}");
    }
}

#[test]
fn long_lists_are_rules_of_their_own_where_a_cloud_wants_that() {
    let mut members = three();
    members[1].node_cidrs = nets(&["10.0.2.0/24"]);
    members[1].nodes = (0..150)
        .map(|node| format!("10.9.{node}.1").parse().unwrap())
        .collect();
    let (text, _) = form("hetzner", &members, Datapath::default()).unwrap();
    let rules: serde_json::Value = serde_json::from_str(&text).unwrap();
    for rule in rules.as_array().unwrap() {
        assert!(rule["source_ips"].as_array().unwrap().len() <= 100);
    }
}

fn within(nets: &[IpNet], address: &IpAddr) -> bool {
    nets.iter().any(|net| net.contains(address))
}

type Half = BTreeSet<(IpAddr, Protocol, Option<u16>)>;

proptest! {
    #[test]
    fn openings_are_what_the_rules_let_in_and_out(mesh in any_mesh(), datapath in any_datapath()) {
        let plan = Reachability::new(&mesh, datapath);
        for own in 0..mesh.len() {
            let nodes = plan.nodes[own].all();
            let mut let_in = Half::new();
            for permit in plan.permits_to(own) {
                let rule = plan.rule(permit);
                let reaches = |source: &IpAddr| universe().any(|to| {
                    to.is_ipv4() == source.is_ipv4() && within(&rule.to_cidrs, &to) && within(nodes, &to)
                });
                let sources = universe().filter(|source| within(&rule.from_cidrs, source) && reaches(source));
                let_in.extend(sources.map(|source| (source, rule.protocol, rule.port)));
            }
            let mut let_out = Half::new();
            for permit in plan.permits_from(own) {
                let rule = plan.rule(permit);
                let targets = universe().filter(|to| within(&rule.to_cidrs, to));
                let_out.extend(targets.map(|to| (to, rule.protocol, rule.port)));
            }
            for (openings, expected) in [(inbound(&plan, own), let_in), (outbound(&plan, own), let_out)] {
                let mut found = Half::new();
                for opening in &openings {
                    let others = universe().filter(|address| within(&opening.ranges, address));
                    found.extend(others.map(|address| (address, opening.protocol, opening.port)));
                }
                prop_assert_eq!(found, expected);
                let names: BTreeSet<String> = openings.iter().map(|opening| opening.name()).collect();
                prop_assert_eq!(names.len(), openings.len());
            }
        }
    }
}
