//! Names of groups: by what they hold, and whose it is.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::{Group, GroupContents, Scope};
use crate::firewall::cidr::{Families, Family, Ranges};
use crate::firewall::rules::Reachability;

/// Groups with a name each; equal groups have one name.
pub(super) struct Named<'p> {
    plan: &'p Reachability<'p>,
    scope: Scope,
    groups: BTreeMap<String, Group>,
}

impl<'p> Named<'p> {
    pub(super) fn new(plan: &'p Reachability<'p>, scope: Scope) -> Self {
        Self {
            plan,
            scope,
            groups: BTreeMap::new(),
        }
    }

    pub(super) fn into_groups(self) -> BTreeMap<String, Group> {
        self.groups
    }

    /// The name of the group that holds this. The port tells apart groups of some clusters.
    pub(super) fn name(&mut self, contents: &GroupContents, port: Option<u16>) -> String {
        let group = self.group(contents);
        if let Some((name, _)) = self.groups.iter().find(|(_, known)| **known == group) {
            return name.clone();
        }
        let wanted = self.wanted(contents, port);
        let mut name = wanted.clone();
        for number in 2.. {
            if !self.groups.contains_key(&name) {
                break;
            }
            name = format!("{wanted}-{number}");
        }
        self.groups.insert(name.clone(), group);
        name
    }

    fn group(&self, contents: &GroupContents) -> Group {
        let shares = contents.members.values();
        let cidrs: BTreeSet<IpNet> = shares
            .clone()
            .flat_map(|share| share.cidrs.clone())
            .collect();
        let hosts: BTreeSet<String> = shares.filter_map(|share| share.host.clone()).collect();
        let members = contents.members.keys();
        Group {
            cidrs: cidrs.into_iter().collect(),
            hosts: hosts.into_iter().collect(),
            clusters: members.map(|member| self.plan.name(*member)).collect(),
        }
    }

    fn wanted(&self, contents: &GroupContents, port: Option<u16>) -> String {
        let kind = self.kind(contents);
        let family = self.family(contents, kind);
        let members: Vec<usize> = contents.members.keys().copied().collect();
        let everybody: Vec<usize> = (0..self.plan.members.len())
            .filter(|member| self.has(*member, kind))
            .collect();
        let is_peers = match self.scope {
            Scope::Mesh => false,
            Scope::Cluster(own) => members == without(&everybody, own),
        };
        match members.as_slice() {
            _ if is_peers => format!("peer-{kind}{family}"),
            all if self.scope == Scope::Mesh && all == everybody => format!("{kind}{family}"),
            [one] => format!("{kind}-of-{}{family}", self.plan.name(*one)),
            _ => match port {
                Some(port) => format!("{kind}-{port}{family}"),
                None => format!("some-{kind}{family}"),
            },
        }
    }

    /// Whether its ranges are nodes, addresses of a clustermesh-apiserver, or both.
    fn kind(&self, contents: &GroupContents) -> &'static str {
        let (mut nodes, mut others) = (false, false);
        for (member, share) in &contents.members {
            let own = self.plan.nodes[*member].all();
            let is_node = |net: &&IpNet| own.contains(net);
            nodes |= share.cidrs.iter().any(|net| is_node(&net));
            others |= share.host.is_some() || !share.cidrs.iter().all(|net| is_node(&net));
        }
        match (nodes, others) {
            (true, true) => "nodes-and-apiservers",
            (false, true) => "apiservers",
            _ => "nodes",
        }
    }

    fn has(&self, member: usize, kind: &str) -> bool {
        let known = &self.plan.members[member];
        let nodes = !self.plan.nodes[member].all().is_empty();
        let apiserver = !known.apiserver.addresses.is_empty() || known.apiserver.host.is_some();
        match kind {
            "nodes" => nodes,
            "apiservers" => apiserver,
            _ => nodes || apiserver,
        }
    }

    /// The family, where the nodes have another one that is not in the group.
    fn family(&self, contents: &GroupContents, kind: &str) -> &'static str {
        let shares = contents.members.iter();
        let held: Vec<IpNet> = shares
            .clone()
            .flat_map(|(_, share)| share.cidrs.clone())
            .collect();
        let all = shares.flat_map(|(member, _)| self.plan.nodes[*member].all());
        let all: Vec<IpNet> = all.copied().collect();
        let families = |nets: &[IpNet]| -> Families { Ranges::new(nets).families() };
        match families(&held) {
            _ if kind != "nodes" || families(&held) == families(&all) => "",
            held if held.has(Family::V4) => "-ipv4",
            _ => "-ipv6",
        }
    }
}

fn without(members: &[usize], own: usize) -> Vec<usize> {
    let others = members.iter().filter(|member| **member != own);
    others.copied().collect()
}
