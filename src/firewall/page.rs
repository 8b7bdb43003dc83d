//! What the packet filters have in common: one page per cluster, for the firewall of each of its nodes.
//!
//! A page holds the rules to the cluster and the rules from it, so that hosts with a restrictive output path work as well
//! as those with a restrictive input path. Both directions share one list of lines, since every line names source and
//! destination; where a cluster and its peers use the same ranges, both directions are the same line, and it stands once.
//! Replies are left to the host's own stateful rules: a line permits what opens a conversation, as in `rules.json`.

use std::io;

use ipnet::IpNet;
use serde::Serialize;

use super::cidr::Family;
use super::dialect::{DialectOptions, DialectRequest, Error, PacketFilter, WriteError};
use super::drops;
use super::lines::{self, Filter, RuleLines, Sides, some_of};
use super::model::Protocol;
use super::rules::Reachability;

/// The firewall of a cluster's nodes, as every dialect writes it.
#[derive(Clone, Debug)]
pub(crate) struct Firewall<'p> {
    pub(super) cluster: &'p str,
    /// Its own nodes.
    pub(super) nodes: &'p [IpNet],
    /// The nodes of every other cluster, by name.
    pub(super) others: Vec<(&'p str, &'p [IpNet])>,
    /// Rules whose destination is known by host name only.
    hosts: Vec<String>,
    lines: RuleLines<'p>,
}

impl<'p> Firewall<'p> {
    /// That of a member of a plan.
    pub(crate) fn of(sides: &'p Sides<'p>, member: usize) -> Self {
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

    /// The file for a cluster.
    ///
    /// # Errors
    /// If the dialect lacks the words, drops are refused, or the template fails.
    pub(crate) fn page(
        &self,
        filter: &dyn PacketFilter,
        options: &DialectOptions,
    ) -> Result<String, Error> {
        refuse_inexpressible(filter.name(), &self.lines, |packets| {
            !filter.families().contains(&packets.family) || filter.expresses(packets.protocol)
        })?;
        let mut sets = Vec::new();
        let lists = self.lines.lists.iter();
        let lists: Vec<Vec<String>> = lists
            .map(|list| match list.ranges.first() {
                Some(range) if filter.families().contains(&Family::of(&range.net)) => {
                    written(filter, &list.name, &list.texts(), &mut sets)
                }
                _ => Vec::new(),
            })
            .collect();
        let mut page = PacketFilterPage {
            cluster: self.cluster,
            dialect: filter.name(),
            file: filter.file_name(self.cluster),
            hosts: &self.hosts,
            sets,
            lines: page_lines(&self.lines, &lists, filter.families()),
            peers: Vec::new(),
        };
        if options.drop {
            let peers = drops::peers(self.cluster, self.nodes, &self.others)?;
            for family in filter.families() {
                let ranges: Vec<String> =
                    family.only(&peers).iter().map(IpNet::to_string).collect();
                let ranges: Vec<&str> = ranges.iter().map(String::as_str).collect();
                let name = format!("peer-nodes-{}", super::openings::family(*family));
                let lists = written(filter, &name, &ranges, &mut page.sets);
                page.peers.extend(lists.into_iter().map(|from| PagePeers {
                    family: *family,
                    from,
                }));
            }
        }
        Ok(filter.template().fill(page)?)
    }
}

/// A list as lines name it: its pieces, or, where the language knows sets, the name of the one that holds the same.
fn written(
    filter: &dyn PacketFilter,
    name: &str,
    ranges: &[&str],
    sets: &mut Vec<PageSet>,
) -> Vec<String> {
    if !filter.names_lists() {
        return filter.pieces(ranges);
    }
    let Some(first) = ranges.first() else {
        return Vec::new();
    };
    let family = if first.contains(':') {
        Family::V6
    } else {
        Family::V4
    };
    let ranges = ranges.join(filter.separator());
    if let Some(same) = sets.iter().find(|set| set.ranges == ranges) {
        return vec![same.name.clone()];
    }
    let mut name = name.to_owned();
    while sets.iter().any(|set| set.name == name) {
        // Some peers' nodes have the name already, since their node ports are all that is reached.
        name = format!("all-{name}");
    }
    let place = name.clone();
    sets.push(PageSet {
        name,
        family,
        ranges,
    });
    vec![place]
}

/// Writes the page of a packet filter for the cluster asked for.
pub(super) fn write(
    filter: &dyn PacketFilter,
    request: &DialectRequest<'_>,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let sides = Sides::new(request.plan);
    let firewall = Firewall::of(&sides, request.cluster.unwrap_or_default());
    let text = firewall.page(filter, &request.options)?;
    Ok(out.write_all(text.as_bytes())?)
}

/// The context of a dialect's template.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PacketFilterPage<'a> {
    /// The cluster on whose nodes the file is loaded.
    pub cluster: &'a str,
    /// The dialect's name.
    pub dialect: &'static str,
    /// The name of the file that is made.
    pub file: String,
    /// Rules whose destination is known by host name only, one comment each: an address filter cannot hold them.
    pub hosts: &'a [String],
    /// Lists that have a name; empty where the language has no sets.
    pub sets: Vec<PageSet>,
    /// What is accepted, inbound first; no two are equal.
    pub lines: Vec<PageLine<'a>>,
    /// Other clusters' node ranges, from which the rest is dropped; empty unless that is asked for.
    pub peers: Vec<PagePeers>,
}

/// A list under a name.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageSet {
    /// The name.
    pub name: String,
    /// The family of all ranges.
    pub family: Family,
    /// The ranges.
    pub ranges: String,
}

/// A line that accepts.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageLine<'a> {
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
pub(crate) struct PagePeers {
    /// The family of all ranges.
    pub family: Family,
    /// The ranges.
    pub from: String,
}

/// Gathers over all lines, so that one answer names everything.
fn refuse_inexpressible(
    dialect: &'static str,
    lines: &RuleLines<'_>,
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
    lines: &'a RuleLines<'_>,
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
pub(super) fn hosts(plan: &Reachability<'_>, member: usize) -> Vec<String> {
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
