//! From rules to the lines of a dialect: one family each, lists of bounded length, equal lines once.

use std::collections::HashMap;

use ipnet::IpNet;
use serde::Serialize;

use super::cidr::Family;
use super::model::{Protocol, Rule};

/// A line of a dialect: a filter that accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it is for, one comment for each rule that it serves; none where a comment above covers several lines.
    pub comments: Vec<String>,
    /// What it accepts.
    pub accept: Filter,
}

/// The packets that a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Filter {
    /// The family of all its ranges.
    pub family: Family,
    /// Source ranges.
    pub from: Vec<IpNet>,
    /// Destination ranges.
    pub to: Vec<IpNet>,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port of UDP and TCP.
    pub port: Option<u16>,
}

/// The lines for `rules`, in their order.
pub(super) fn collect(rules: &[&Rule], families: &[Family], longest: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut places: HashMap<Filter, usize> = HashMap::new();
    for (rule, family) in rules
        .iter()
        .flat_map(|rule| families.iter().map(move |family| (rule, *family)))
    {
        for (number, accept) in filters(rule, family, longest).into_iter().enumerate() {
            let place = *places.entry(accept.clone()).or_insert(lines.len());
            if place == lines.len() {
                lines.push(Line {
                    comments: Vec::new(),
                    accept,
                });
            }
            // A rule has one comment, above the first of its lines.
            lines[place]
                .comments
                .extend((number == 0).then(|| comment(rule, family)));
        }
    }
    lines
}

/// The product of the two lists, in pieces that are short enough; nothing where a side lacks the family.
fn filters(rule: &Rule, family: Family, longest: usize) -> Vec<Filter> {
    let (from, to) = (family.only(&rule.from_cidrs), family.only(&rule.to_cidrs));
    let (protocol, port) = (rule.protocol, rule.port);
    let pairs = from
        .chunks(longest)
        .flat_map(|from| to.chunks(longest).map(move |to| (from, to)));
    let filter = |(from, to): (&[IpNet], &[IpNet])| Filter {
        family,
        from: from.into(),
        to: to.into(),
        protocol,
        port,
    };
    pairs.map(filter).collect()
}

fn comment(rule: &Rule, family: Family) -> String {
    let port = rule.port.map(|port| format!(" {port}")).unwrap_or_default();
    format!(
        "{} to {}, {} {}{port}: {}",
        rule.from,
        rule.to,
        family.title(),
        rule.protocol,
        rule.reason
    )
}
