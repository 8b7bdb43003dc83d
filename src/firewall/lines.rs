//! From a cluster's rules to the lines of a dialect: one family each, rules that differ on one side only in one line.
//!
//! All rules to one target have the same destination, and all rules from a cluster the same source. So each protocol and
//! port is one line in and one line out, whose other side is all peers: a packet filter looks an address up in a set, where
//! it would walk through a line for each peer.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::cidr::{Family, outermost};
use super::model::Protocol;
use super::rules::{Permit, Plan};

/// What the firewall of a cluster's nodes accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Lists of ranges of one family, no two of them equal; lines name them by their place.
    pub lists: Vec<Vec<IpNet>>,
    /// Inbound first; no two accept the same.
    pub lines: Vec<Line>,
}

/// A filter that accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is for: one comment, or two where both directions are the same packets.
    pub comments: Vec<String>,
    /// What it accepts.
    pub accept: Filter,
}

/// The packets that a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The family of all its ranges.
    pub family: Family,
    /// The list of source ranges.
    pub from: usize,
    /// The list of destination ranges.
    pub to: usize,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port of UDP and TCP.
    pub port: Option<u16>,
}

/// The lines for a member of a plan.
pub(super) fn collect(plan: &Plan<'_>, member: usize) -> Lines {
    let mut lines = Lines::default();
    lines.direction(plan, member, Direction::In);
    lines.direction(plan, member, Direction::Out);
    lines
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
}

/// The peers' side of all rules of one direction, protocol, port and family.
#[derive(Default)]
struct Peers<'p> {
    names: Vec<&'p str>,
    ranges: Vec<IpNet>,
    /// The member's own side, the same in all rules.
    own: &'p [IpNet],
    uses: Vec<&'static str>,
}

impl Lines {
    fn direction(&mut self, plan: &Plan<'_>, member: usize, direction: Direction) {
        let own = plan.members[member].name.as_str();
        let mut groups = BTreeMap::new();
        match direction {
            Direction::In => group(plan, plan.permits_to(member), direction, &mut groups),
            Direction::Out => group(plan, plan.permits_from(member), direction, &mut groups),
        }
        for ((protocol, port, family), peers) in groups {
            let names = some_of(&peers.names);
            let (from, to) = match direction {
                Direction::In => (names.as_str(), own),
                Direction::Out => (own, names.as_str()),
            };
            let number = port.map(|port| format!(" {port}")).unwrap_or_default();
            let comment = format!(
                "{from} to {to}, {} {protocol}{number}: {}",
                family.title(),
                peers.uses.join(" and ")
            );
            let (peers, own) = (
                self.list(outermost(&peers.ranges)),
                self.list(peers.own.to_vec()),
            );
            let (from, to) = match direction {
                Direction::In => (peers, own),
                Direction::Out => (own, peers),
            };
            self.add(
                comment,
                Filter {
                    family,
                    from,
                    to,
                    protocol,
                    port,
                },
            );
        }
    }

    fn list(&mut self, ranges: Vec<IpNet>) -> usize {
        let known = self.lists.iter().position(|list| *list == ranges);
        known.unwrap_or_else(|| {
            self.lists.push(ranges);
            self.lists.len() - 1
        })
    }

    fn add(&mut self, comment: String, accept: Filter) {
        match self.lines.iter_mut().find(|line| line.accept == accept) {
            Some(line) => line.comments.push(comment),
            None => self.lines.push(Line {
                comments: vec![comment],
                accept,
            }),
        }
    }
}

type Key = (Protocol, Option<u16>, Family);

fn group<'p>(
    plan: &'p Plan<'_>,
    permits: impl Iterator<Item = Permit>,
    direction: Direction,
    groups: &mut BTreeMap<Key, Peers<'p>>,
) {
    for permit in permits {
        let target = plan.target(permit);
        let families = Family::ALL.into_iter();
        for family in families
            .filter(|family| target.ranges.families().has(*family) && permit.families.has(*family))
        {
            let key = (target.protocol, target.port, family);
            let nodes = plan.nodes[permit.from].of_family(family);
            let reached = target.ranges.of_family(family);
            let (peer, peers, own) = match direction {
                Direction::In => (permit.from, nodes, reached),
                Direction::Out => (permit.to, reached, nodes),
            };
            let group = groups.entry(key).or_default();
            group.names.push(&plan.members[peer].name);
            group.ranges.extend(peers);
            group.own = own;
            let new = target.uses.iter().filter(|what| !group.uses.contains(what));
            let new: Vec<&'static str> = new.copied().collect();
            group.uses.extend(new);
        }
    }
}

/// Names as far as a comment should be long.
pub(super) fn some_of(names: &[&str]) -> String {
    match names.len() {
        0..=5 => names.join(", "),
        many => format!("{many} clusters"),
    }
}
