//! The rules as groups of addresses: a full mesh has few rules and many addresses, and firewalls know sets.
//!
//! Whoever sends reaches every other cluster's targets, so for each protocol and port one rule from the group of all
//! senders to the group of all that is reached permits what the pairs permit. It also permits a cluster's own nodes to
//! reach themselves and their own apiserver, which harms nothing there: such a rule is `inner`.

mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use ipnet::IpNet;
use serde::Serialize;

use super::cidr::Family;
use super::model::Protocol;
use super::rules::{PortKey, Reachability, Target};

/// Groups and the rules between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    /// The groups by name.
    pub groups: BTreeMap<String, Group>,
    /// The rules, by protocol and port.
    pub rules: Vec<GroupRule>,
}

/// Addresses under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Group {
    /// Ranges, as they stand in `rules.json`, sorted.
    pub cidrs: Vec<IpNet>,
    /// Host names, where no address is known.
    pub hosts: Vec<String>,
    /// The clusters whose addresses these are.
    pub clusters: Vec<String>,
}

/// A permission from every address of a group to every address of the same family in another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct GroupRule {
    /// The group whose nodes send.
    pub from: String,
    /// The group that is reached.
    pub to: String,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port of UDP and TCP.
    pub port: Option<u16>,
    /// What it is for, in plain words.
    pub reason: String,
    /// Whether it also permits what a cluster's nodes say to themselves or to their own apiserver.
    pub inner: bool,
}

/// Which rules are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of the mesh.
    Mesh,
    /// Those to and from the member of this index.
    Cluster(usize),
}

/// Members that send, and members that are reached.
struct GroupSide {
    senders: BTreeSet<usize>,
    receivers: BTreeSet<usize>,
}

impl Scope {
    fn sides(self, members: usize) -> Vec<GroupSide> {
        let all = || (0..members).collect::<BTreeSet<usize>>();
        match self {
            Self::Mesh => vec![GroupSide {
                senders: all(),
                receivers: all(),
            }],
            Self::Cluster(own) => {
                let others: BTreeSet<usize> = all().into_iter().filter(|one| *one != own).collect();
                let own = BTreeSet::from([own]);
                vec![
                    GroupSide {
                        senders: others.clone(),
                        receivers: own.clone(),
                    },
                    GroupSide {
                        senders: own,
                        receivers: others,
                    },
                ]
            }
        }
    }
}

impl Groups {
    /// The rules of a plan, grouped.
    pub(crate) fn new(plan: &Reachability<'_>, scope: Scope) -> Self {
        let mut groups = names::Named::new(plan, scope);
        let mut rules = Vec::new();
        for side in scope.sides(plan.members.len()) {
            let from = senders(plan, &side);
            let mut name = None;
            for ((protocol, port), to) in reached(plan, &side) {
                rules.push(GroupRule {
                    inner: from.shares_a_member_with(&to),
                    from: name.get_or_insert_with(|| groups.name(&from, None)).clone(),
                    to: groups.name(&to, port),
                    protocol,
                    port,
                    reason: to.uses.join(" and "),
                });
            }
        }
        // Those to a cluster stay before those from it.
        rules.sort_by_key(|rule| (rule.protocol, rule.port));
        Self {
            groups: groups.into_groups(),
            rules,
        }
    }

    /// Writes `groups.json`: a group and a rule on each line, with a final newline.
    ///
    /// # Errors
    /// If `out` fails.
    pub(crate) fn write_json(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let groups: Vec<String> = self
            .groups
            .iter()
            .map(|(name, group)| Ok(format!("{}: {}", json(name)?, json(group)?)))
            .collect::<io::Result<_>>()?;
        let rules: Vec<String> = self.rules.iter().map(json).collect::<io::Result<_>>()?;
        writeln!(
            out,
            "{{\"version\": 1,\n \"groups\": {{{}}},\n \"rules\": [{}]}}",
            lines(&groups),
            lines(&rules)
        )
    }
}

fn lines(items: &[String]) -> String {
    let lines: Vec<String> = items.iter().map(|item| format!("\n  {item}")).collect();
    lines.join(",")
}

fn json(value: &(impl Serialize + ?Sized)) -> io::Result<String> {
    Ok(serde_json::to_string(value)?)
}

/// What a group holds, by member.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupContents {
    /// Ranges of each member, and what they are.
    members: BTreeMap<usize, Share>,
    /// What they are reached for.
    uses: Vec<&'static str>,
}

/// What a member has in a group.
#[derive(Clone, Debug, Default)]
struct Share {
    cidrs: Vec<IpNet>,
    host: Option<String>,
}

impl GroupContents {
    /// Whether a member's addresses on one side could reach its own on the other.
    fn shares_a_member_with(&self, other: &Self) -> bool {
        let both = self.members.iter();
        both.filter_map(|(member, own)| Some((own, other.members.get(member)?)))
            .any(|(own, other)| {
                let family = |net: &IpNet| Family::of(net);
                let meets = |net: &IpNet| other.cidrs.iter().any(|to| family(to) == family(net));
                other.host.is_some() || own.cidrs.iter().any(meets)
            })
    }
}

/// How many of `members` have a family, to ask whether any but one has.
struct Counts([usize; 2]);

impl Counts {
    fn of(members: &BTreeSet<usize>, has: impl Fn(usize, Family) -> bool) -> Self {
        Self(Family::ALL.map(|family| members.iter().filter(|one| has(**one, family)).count()))
    }

    /// Whether a member other than this one has the family.
    fn any_but(&self, own: bool, family: Family) -> bool {
        self.0[family as usize] > usize::from(own)
    }
}

/// The nodes that send anything, those families only in which something can be reached.
fn senders(plan: &Reachability<'_>, side: &GroupSide) -> GroupContents {
    let has = |member: usize, family: Family| {
        let mut targets = plan.targets[member].iter();
        targets.any(|target| target.host.is_some() || target.ranges.families().has(family))
    };
    let counts = Counts::of(&side.receivers, has);
    let mut contents = GroupContents::default();
    for &member in &side.senders {
        let mut cidrs = plan.nodes[member].all().to_vec();
        cidrs.retain(|net| {
            let family = Family::of(net);
            let own = side.receivers.contains(&member) && has(member, family);
            counts.any_but(own, family)
        });
        if !cidrs.is_empty() {
            contents.members.insert(member, Share { cidrs, host: None });
        }
    }
    contents
}

/// What anybody else reaches, by protocol and port.
fn reached(plan: &Reachability<'_>, side: &GroupSide) -> BTreeMap<PortKey, GroupContents> {
    let has = |member: usize, family: Family| plan.nodes[member].families().has(family);
    let counts = Counts::of(&side.senders, has);
    let mut all: BTreeMap<PortKey, GroupContents> = BTreeMap::new();
    for &member in &side.receivers {
        let is_reached = |family: Family| {
            let own = side.senders.contains(&member) && has(member, family);
            counts.any_but(own, family)
        };
        for target in &plan.targets[member] {
            let share = share(target, is_reached);
            if share.cidrs.is_empty() && share.host.is_none() {
                continue;
            }
            let contents = all.entry((target.protocol, target.port)).or_default();
            contents.members.insert(member, share);
            for what in &target.uses {
                if !contents.uses.contains(what) {
                    contents.uses.push(what);
                }
            }
        }
    }
    all
}

fn share(target: &Target<'_>, is_reached: impl Fn(Family) -> bool) -> Share {
    let ranges = target.ranges.all().iter();
    Share {
        cidrs: ranges
            .filter(|net| is_reached(Family::of(net)))
            .copied()
            .collect(),
        host: target
            .host
            .filter(|_| Family::ALL.into_iter().any(&is_reached))
            .map(str::to_owned),
    }
}
