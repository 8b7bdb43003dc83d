//! What the packet filters have in common: one page per cluster, for the firewall of each of its nodes.
//!
//! A page holds the rules to the cluster and the rules from it, so that hosts with a restrictive output path work as well
//! as those with a restrictive input path. Both directions share one list of lines, since every line names source and
//! destination; where a cluster and its peers use the same ranges, both directions are the same line, and it stands once.
//! Replies are left to the host's own stateful rules: a line permits what opens a conversation, as in `rules.json`.

use ipnet::IpNet;
use serde::Serialize;

use super::cidr::Family;
use super::dialect::{Dialect, Error, Options};
use super::drops;
use super::lines::{self, Filter, Lines, Sides, some_of};
use super::model::Protocol;
use super::rules::Plan;
use crate::render::Template;

/// A dialect that is loaded on each node of a cluster: what distinguishes it is what it declares here, and the text of its template.
pub trait PacketFilter: Dialect {
    /// The extension of its files.
    fn file_extension(&self) -> &'static str;

    /// The address families that one of its files holds; rules of the other belong to another dialect's file.
    fn families(&self) -> &[Family];

    /// Whether it can permit a protocol. Rules that it cannot express are refused, never left out.
    fn expresses(&self, protocol: Protocol) -> bool;

    /// How many ranges fit into one list of a line; longer lists become several lines.
    fn longest_list(&self) -> usize {
        usize::MAX
    }

    /// What stands between two ranges of a list.
    fn separator(&self) -> &'static str;

    /// A list of ranges in pieces that are short enough.
    fn pieces(&self, ranges: &[&str]) -> Vec<String> {
        let pieces = ranges.chunks(self.longest_list());
        pieces.map(|piece| piece.join(self.separator())).collect()
    }

    /// The name of a cluster's file.
    fn file_name(&self, cluster: &str) -> String {
        format!("{cluster}.{}", self.file_extension())
    }

    /// The template; its context is a [`Page`].
    fn template(&self) -> &'static Template;

    /// The file for a cluster.
    ///
    /// # Errors
    /// If the dialect lacks the words, drops are refused, or the template fails.
    fn render(&self, firewall: &Firewall<'_>, options: &Options) -> Result<String, Error> {
        refuse_inexpressible(self.name(), &firewall.lines, |filter| {
            !self.families().contains(&filter.family) || self.expresses(filter.protocol)
        })?;
        let lists = firewall.lines.lists.iter();
        let lists: Vec<Vec<String>> = lists
            .map(|list| match list.first() {
                Some(range) if self.families().contains(&Family::of(&range.net)) => {
                    let texts: Vec<&str> = list.iter().map(|range| range.text.as_str()).collect();
                    self.pieces(&texts)
                }
                _ => Vec::new(),
            })
            .collect();
        let mut page = Page {
            cluster: firewall.cluster,
            dialect: self.name(),
            file: self.file_name(firewall.cluster),
            hosts: &firewall.hosts,
            lines: page_lines(&firewall.lines, &lists, self.families()),
            peers: Vec::new(),
        };
        if options.drop {
            let peers = drops::peers(firewall)?;
            for family in self.families() {
                let ranges: Vec<String> =
                    family.only(&peers).iter().map(IpNet::to_string).collect();
                let ranges: Vec<&str> = ranges.iter().map(String::as_str).collect();
                let lists = self.pieces(&ranges);
                page.peers.extend(lists.into_iter().map(|from| PagePeers {
                    family: *family,
                    from,
                }));
            }
        }
        Ok(self.template().fill(page)?)
    }
}

/// The firewall of a cluster's nodes, as every dialect writes it.
#[derive(Clone, Debug)]
pub struct Firewall<'p> {
    pub(super) cluster: &'p str,
    /// Its own nodes.
    pub(super) nodes: &'p [IpNet],
    /// The nodes of every other cluster, by name.
    pub(super) others: Vec<(&'p str, &'p [IpNet])>,
    /// Rules whose destination is known by host name only.
    hosts: Vec<String>,
    lines: Lines<'p>,
}

impl<'p> Firewall<'p> {
    /// That of a member of a plan.
    pub fn of(sides: &'p Sides<'p>, member: usize) -> Self {
        let plan = sides.plan;
        let members = plan.members.iter().zip(&plan.nodes).enumerate();
        let others = members.filter(|(other, _)| *other != member);
        Self {
            cluster: &plan.members[member].name,
            nodes: plan.nodes[member].all(),
            others: others
                .map(|(_, (other, nodes))| (other.name.as_str(), nodes.all()))
                .collect(),
            hosts: hosts(plan, member),
            lines: sides.lines(member),
        }
    }
}

/// The context of a dialect's template.
#[derive(Clone, Debug, Serialize)]
pub struct Page<'a> {
    /// The cluster on whose nodes the file is loaded.
    pub cluster: &'a str,
    /// The dialect's name.
    pub dialect: &'static str,
    /// The name of the file that is made.
    pub file: String,
    /// Rules whose destination is known by host name only, one comment each: an address filter cannot hold them.
    pub hosts: &'a [String],
    /// What is accepted, inbound first; no two are equal.
    pub lines: Vec<PageLine<'a>>,
    /// Other clusters' node ranges, from which the rest is dropped; empty unless that is asked for.
    pub peers: Vec<PagePeers>,
}

/// A line that accepts.
#[derive(Clone, Debug, Serialize)]
pub struct PageLine<'a> {
    /// What it is for; none where a comment above covers several lines.
    pub comments: &'a [String],
    /// The family of all its ranges.
    pub family: Family,
    /// Source ranges.
    pub from: &'a str,
    /// Destination ranges.
    pub to: &'a str,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port of UDP and TCP.
    pub port: Option<u16>,
}

/// Node ranges of other clusters.
#[derive(Clone, Debug, Serialize)]
pub struct PagePeers {
    /// The family of all ranges.
    pub family: Family,
    /// The ranges.
    pub from: String,
}

/// Gathers over all lines, so that one answer names everything.
fn refuse_inexpressible(
    dialect: &'static str,
    lines: &Lines<'_>,
    expresses: impl Fn(&Filter) -> bool,
) -> Result<(), Error> {
    let missing = lines.lines.iter().filter(|line| !expresses(&line.accept));
    let mut protocols: Vec<Protocol> = missing.map(|line| line.accept.protocol).collect();
    protocols.sort_unstable();
    protocols.dedup();
    if protocols.is_empty() {
        Ok(())
    } else {
        Err(Error::Inexpressible { dialect, protocols })
    }
}

/// Every piece of the sources with every piece of the destinations; the comments stand above the first.
fn page_lines<'a>(
    lines: &'a Lines<'_>,
    lists: &'a [Vec<String>],
    families: &[Family],
) -> Vec<PageLine<'a>> {
    let mut page = Vec::new();
    let wanted = |line: &&lines::Line| families.contains(&line.accept.family);
    for line in lines.lines.iter().filter(wanted) {
        let accept = line.accept;
        let pairs = lists[accept.from]
            .iter()
            .flat_map(|from| lists[accept.to].iter().map(move |to| (from, to)));
        let pieces = pairs.enumerate().map(|(number, (from, to))| PageLine {
            comments: if number == 0 { &line.comments } else { &[] },
            family: accept.family,
            from,
            to,
            protocol: accept.protocol,
            port: accept.port,
        });
        page.extend(pieces);
    }
    page
}

/// One comment for each destination that is known by name only.
fn hosts(plan: &Plan<'_>, member: usize) -> Vec<String> {
    if plan.hosts().next().is_none() {
        return Vec::new();
    }
    let own = plan.members[member].name.as_str();
    let inbound: Vec<_> = plan
        .permits_to(member)
        .filter_map(|permit| Some((permit, plan.target(permit).host?)))
        .collect();
    let senders = inbound.iter();
    let senders = senders.map(|(permit, _)| plan.members[permit.from].name.as_str());
    let first = inbound.first().copied();
    let to_own = first.map(|(permit, host)| (some_of(senders), own, permit, host));
    let outbound = plan.permits_from(member).filter_map(|permit| {
        let host = plan.target(permit).host?;
        Some((
            own.to_owned(),
            plan.members[permit.to].name.as_str(),
            permit,
            host,
        ))
    });
    to_own
        .into_iter()
        .chain(outbound)
        .map(|(from, to, permit, host)| {
            let target = plan.target(permit);
            let port = target
                .port
                .map(|port| format!(" {port}"))
                .unwrap_or_default();
            format!(
                "{from} to {to}, {}{port} to the host {host}",
                target.protocol
            )
        })
        .collect()
}
