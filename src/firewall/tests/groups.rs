//! Groups permit exactly what the list of pairs permits, and what is `inner`: a cluster's nodes to themselves and to its own
//! apiserver.

use std::collections::BTreeSet;
use std::net::IpAddr;

use proptest::prelude::*;

use super::brute_force::{any_datapath, any_mesh, universe};
use super::{member, rules};
use crate::firewall::groups::{Groups, Scope};
use crate::firewall::model::{Datapath, FirewallRule, Member};
use crate::firewall::rules::Reachability;

fn has(cidrs: &[ipnet::IpNet], address: IpAddr) -> bool {
    cidrs.iter().any(|cidr| cidr.contains(&address))
}

/// Whether both addresses are a cluster's own.
fn is_inner(members: &[Member], clusters: &[String], from: IpAddr, to: IpAddr) -> bool {
    let mut own = members
        .iter()
        .filter(|member| clusters.contains(&member.name));
    own.any(|member| {
        let is_node = |address| has(&member.node_cidrs, address) || member.nodes.contains(&address);
        is_node(from) && (is_node(to) || member.apiserver.addresses.contains(&to))
    })
}

fn check(members: &[Member], datapath: Datapath) -> Result<(), TestCaseError> {
    let plan = Reachability::new(members, datapath);
    let (pairs, groups) = (rules(&plan), Groups::new(&plan, Scope::Mesh));
    for rule in &groups.rules {
        let (from, to) = (&groups.groups[&rule.from], &groups.groups[&rule.to]);
        let same = |pair: &&FirewallRule| (pair.protocol, pair.port) == (rule.protocol, rule.port);
        let pairs: Vec<&FirewallRule> = pairs.iter().filter(same).collect();
        for source in universe() {
            for target in universe().filter(|target| target.is_ipv4() == source.is_ipv4()) {
                let grouped = has(&from.cidrs, source) && has(&to.cidrs, target);
                let listed = pairs
                    .iter()
                    .any(|pair| has(&pair.from_cidrs, source) && has(&pair.to_cidrs, target));
                let both: Vec<String> = from
                    .clusters
                    .iter()
                    .filter(|name| to.clusters.contains(name))
                    .cloned()
                    .collect();
                let inner = rule.inner && is_inner(members, &both, source, target);
                prop_assert!(!listed || grouped, "{source} -> {target} is lost: {rule:?}");
                prop_assert!(
                    !grouped || listed || inner,
                    "{source} -> {target} is too much: {rule:?}"
                );
            }
        }
    }
    for pair in &pairs {
        let same = groups
            .rules
            .iter()
            .filter(|rule| (rule.protocol, rule.port) == (pair.protocol, pair.port));
        prop_assert!(same.count() > 0, "no rule for {pair:?}");
    }
    check_hosts(members, &pairs, &groups)
}

/// The same of what is known by name only: which ranges of senders lead to which name.
fn check_hosts(
    members: &[Member],
    pairs: &[FirewallRule],
    groups: &Groups,
) -> Result<(), TestCaseError> {
    let mut listed = BTreeSet::new();
    for pair in pairs {
        let host = pair.to_host.iter();
        let ways = host.flat_map(|host| pair.from_cidrs.iter().map(move |net| (net, host)));
        listed.extend(ways.map(|(net, host)| (pair.protocol, pair.port, *net, host.clone())));
    }
    let mut grouped = BTreeSet::new();
    for rule in &groups.rules {
        let (from, to) = (&groups.groups[&rule.from], &groups.groups[&rule.to]);
        for (net, host) in from
            .cidrs
            .iter()
            .flat_map(|net| to.hosts.iter().map(move |host| (net, host)))
        {
            let way = (rule.protocol, rule.port, *net, host.clone());
            let mut owners = members
                .iter()
                .filter(|member| member.apiserver.host.as_ref() == Some(host));
            let is_inner = rule.inner
                && owners.any(|owner| {
                    has(&owner.node_cidrs, net.addr()) || owner.nodes.contains(&net.addr())
                });
            prop_assert!(listed.contains(&way) || is_inner, "{way:?} is too much");
            grouped.insert(way);
        }
    }
    prop_assert!(listed.is_subset(&grouped), "{listed:?} of {grouped:?}");
    Ok(())
}

proptest! {
    #[test]
    fn groups_permit_what_pairs_permit(members in any_mesh(), datapath in any_datapath()) {
        check(&members, datapath)?;
    }
}

#[test]
fn a_full_mesh_has_few_rules_whatever_its_size() {
    let sizes = [2, 20, 60].map(|count| {
        let members: Vec<Member> = (1..=count).map(member).collect();
        let plan = Reachability::new(&members, Datapath::default());
        let groups = Groups::new(&plan, Scope::Mesh);
        let mut text = Vec::new();
        groups.write_json(&mut text).unwrap();
        (groups.rules.len(), text.len() / usize::from(count))
    });
    assert_eq!(sizes[0].0, sizes[2].0, "rules");
    assert!(sizes[2].1 <= sizes[0].1, "bytes for each cluster");
}
