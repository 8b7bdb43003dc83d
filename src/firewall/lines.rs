//! From a cluster's rules to the lines of a dialect: one family each, rules that differ on one side only in one line.
//!
//! All rules to one target have the same destination, and all rules from a cluster the same source. So each protocol and
//! port is one line in and one line out, whose other side is all peers: a packet filter looks an address up in a set, where
//! it would walk through a line for each peer.

use std::collections::{BTreeMap, HashSet};

use ipnet::IpNet;

use super::cidr::{Family, outermost_of};
use super::model::Protocol;
use super::rules::{Reachability, Target};

/// What the firewall of a cluster's nodes accepts.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleLines<'s> {
    /// Lists of ranges of one family, no two of them equal; lines name them by their place.
    pub lists: Vec<List<'s>>,
    /// Inbound first; no two accept the same.
    pub lines: Vec<Line>,
}

/// Ranges of one family under a name that no other list of the cluster has.
#[derive(Clone, Debug)]
pub(crate) struct List<'s> {
    /// Whose they are and what: `peer-nodes-ipv4`.
    pub name: String,
    /// The ranges: none lies in another one.
    pub ranges: Vec<&'s TextRange>,
}

impl List<'_> {
    /// The ranges as every dialect writes them.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let ranges = self.ranges.iter();
        ranges.map(|range| range.text.as_str()).collect()
    }

    fn holds(&self, ranges: &[&TextRange]) -> bool {
        let net = |range: &&TextRange| range.net;
        self.ranges.iter().map(net).eq(ranges.iter().map(net))
    }
}

/// A range, and its text: one range stands in the files of all clusters.
#[derive(Clone, Debug)]
pub(crate) struct TextRange {
    /// The range.
    pub net: IpNet,
    /// As every dialect writes it.
    pub text: String,
    /// Whether it is one of its cluster's nodes, rather than an address of its clustermesh-apiserver.
    pub is_node: bool,
}

/// A filter that accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it is for: one comment, or two where both directions are the same packets.
    pub comments: Vec<String>,
    /// What it accepts.
    pub accept: Filter,
}

/// The packets that a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
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

/// Both sides of all rules, prepared once for the whole mesh: a member's lines take of each side what is
/// the member's own, or what is the others'.
pub(crate) struct Sides<'p> {
    pub(super) plan: &'p Reachability<'p>,
    /// Who sends.
    senders: BTreeMap<Family, LinesSide<'p>>,
    /// What is reached.
    reached: BTreeMap<(Protocol, Option<u16>, Family), LinesSide<'p>>,
}

/// What members have on one side of the rules of a family, or of a protocol, port and family.
#[derive(Default)]
struct LinesSide<'p> {
    /// Those that have anything, in their order.
    members: Vec<(usize, &'p str)>,
    /// Their ranges, sorted, and whose each is.
    ranges: Vec<(TextRange, usize)>,
    /// What they are reached for, and by that whose.
    uses: Vec<(&'static str, Vec<usize>)>,
}

impl<'p> Sides<'p> {
    /// Those of a plan.
    pub(crate) fn new(plan: &'p Reachability<'p>) -> Self {
        let mut sides = Self {
            plan,
            senders: BTreeMap::new(),
            reached: BTreeMap::new(),
        };
        for (index, member) in plan.members.iter().enumerate() {
            for family in Family::ALL {
                let nodes = plan.nodes[index].of_family(family);
                let senders = sides.senders.entry(family).or_default();
                let known: HashSet<IpNet> = nodes.iter().copied().collect();
                senders.add((index, &member.name), nodes, &known);
                for target in &plan.targets[index] {
                    sides.reach((index, &member.name), target, family, &known);
                }
            }
        }
        let all = sides.senders.values_mut();
        for side in all.chain(sides.reached.values_mut()) {
            side.ranges.sort_unstable_by_key(|(range, _)| range.net);
        }
        sides
    }

    fn reach(
        &mut self,
        member: (usize, &'p str),
        target: &Target<'_>,
        family: Family,
        nodes: &HashSet<IpNet>,
    ) {
        let key = (target.protocol, target.port, family);
        let ranges = target.ranges.of_family(family);
        if !ranges.is_empty() {
            let side = self.reached.entry(key).or_default();
            side.add(member, ranges, nodes);
            side.used(member.0, &target.uses);
        }
    }

    /// The lines for a member.
    pub(super) fn lines(&self, member: usize) -> RuleLines<'_> {
        let mut lines = RuleLines::default();
        lines.direction(self, member, Direction::In);
        lines.direction(self, member, Direction::Out);
        lines
    }
}

impl<'p> LinesSide<'p> {
    fn add(&mut self, member: (usize, &'p str), ranges: &[IpNet], nodes: &HashSet<IpNet>) {
        if !ranges.is_empty() {
            self.members.push(member);
        }
        let ranges = ranges.iter().map(|net| TextRange {
            net: *net,
            text: net.to_string(),
            is_node: nodes.contains(net),
        });
        self.ranges.extend(ranges.map(|range| (range, member.0)));
    }

    fn used(&mut self, member: usize, uses: &[&'static str]) {
        for what in uses {
            match self.uses.iter_mut().find(|(known, _)| known == what) {
                Some((_, members)) => members.push(member),
                None => self.uses.push((what, vec![member])),
            }
        }
    }

    /// A member's own ranges.
    fn of(&self, member: usize) -> Vec<&TextRange> {
        let own = self.ranges.iter().filter(|(_, of)| *of == member);
        own.map(|(range, _)| range).collect()
    }

    /// The ranges of all others, those left out that lie in another one.
    fn of_others(&self, member: usize) -> Vec<&TextRange> {
        let others = self.ranges.iter().filter(|(_, of)| *of != member);
        outermost_of(others.map(|(range, _)| range), |range| range.net)
    }

    fn names_of_others(&self, member: usize) -> impl Iterator<Item = &'p str> + Clone {
        let others = self.members.iter().filter(move |(of, _)| *of != member);
        others.map(|(_, name)| *name)
    }

    /// What the members are reached for of which `counts` is true.
    fn uses(&self, counts: impl Fn(usize) -> bool) -> String {
        let uses = self.uses.iter();
        let uses = uses.filter(|(_, members)| members.iter().any(|member| counts(*member)));
        let words: Vec<&str> = uses.map(|(what, _)| *what).collect();
        words.join(" and ")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
}

impl<'s> RuleLines<'s> {
    fn direction(&mut self, sides: &'s Sides<'_>, member: usize, direction: Direction) {
        let name = sides.plan.members[member].name.as_str();
        for ((protocol, port, family), reached) in &sides.reached {
            let senders = &sides.senders[family];
            let (own, others) = match direction {
                Direction::In => (reached, senders),
                Direction::Out => (senders, reached),
            };
            let (ranges, peers) = (own.of(member), others.of_others(member));
            if ranges.is_empty() || peers.is_empty() {
                continue;
            }
            let names = some_of(others.names_of_others(member));
            let uses = reached.uses(|of| (of == member) == (direction == Direction::In));
            let own = self.list("own", *family, *port, ranges);
            let peers = self.list("peer", *family, *port, peers);
            let ((from, to), (sender, receiver)) = match direction {
                Direction::In => ((peers, own), (names.as_str(), name)),
                Direction::Out => ((own, peers), (name, names.as_str())),
            };
            let number = port.map(|port| format!(" {port}")).unwrap_or_default();
            let comment = format!(
                "{sender} to {receiver}, {} {protocol}{number}: {uses}",
                family.title()
            );
            self.add(
                comment,
                Filter {
                    family: *family,
                    from,
                    to,
                    protocol: *protocol,
                    port: *port,
                },
            );
        }
    }

    fn list(
        &mut self,
        whose: &str,
        family: Family,
        port: Option<u16>,
        ranges: Vec<&'s TextRange>,
    ) -> usize {
        let same = |list: &List<'_>| list.holds(&ranges);
        self.lists.iter().position(same).unwrap_or_else(|| {
            let name = self.free_name(whose, family, port, &ranges);
            self.lists.push(List { name, ranges });
            self.lists.len() - 1
        })
    }

    /// A name as those of groups are: the port tells lists apart that hold the same kind of ranges.
    fn free_name(
        &self,
        whose: &str,
        family: Family,
        port: Option<u16>,
        ranges: &[&TextRange],
    ) -> String {
        let nodes = ranges.iter().filter(|range| range.is_node).count();
        let what = match nodes {
            0 => "apiservers",
            all if all == ranges.len() => "nodes",
            _ => "nodes-and-apiservers",
        };
        let plain = format!("{whose}-{what}-{}", super::openings::family(family));
        let with_port = port.map(|port| format!("{plain}-{port}"));
        let numbered = (2..).map(|number| format!("{plain}-number-{number}"));
        let mut names = std::iter::once(plain.clone())
            .chain(with_port)
            .chain(numbered);
        let is_taken = |name: &String| self.lists.iter().any(|list| list.name == *name);
        names.find(|name| !is_taken(name)).unwrap_or(plain)
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

/// Names as far as a comment should be long.
pub(super) fn some_of<'n>(names: impl Iterator<Item = &'n str> + Clone) -> String {
    match names.clone().count() {
        0..=5 => names.collect::<Vec<&str>>().join(", "),
        many => format!("{many} clusters"),
    }
}
