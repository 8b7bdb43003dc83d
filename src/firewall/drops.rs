//! The ranges from which a cluster may drop what no rule permits, and the refusal where that would hit its own nodes.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::Serialize;

use super::cidr::{Family, aggregate, overlapping_pairs};
use super::dialect::Error;
use super::model::Rule;

/// Node ranges of other clusters, of one family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Peers {
    /// The family of all ranges.
    pub family: Family,
    /// The ranges.
    pub from: Vec<IpNet>,
}

/// A range of a peer's nodes that shares addresses with one of the cluster's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The cluster's own range.
    pub own: IpNet,
    /// The peer's name.
    pub peer: String,
    /// The peer's range.
    pub range: IpNet,
}

/// What may be dropped from, in lists of at most `longest`.
///
/// The senders of a rule are always the sender's whole node set, so the rules tell every node range that matters here.
pub(super) fn peers(
    cluster: &str,
    rules: &[&Rule],
    families: &[Family],
    longest: usize,
) -> Result<Vec<Peers>, Error> {
    let others = node_ranges(rules, |rule| rule.to == cluster);
    let own = node_ranges(rules, |rule| rule.from == cluster);
    if own.is_empty() && !others.is_empty() {
        return Err(Error::DropUnknown {
            cluster: cluster.to_owned(),
        });
    }
    let overlaps = overlaps(&own, &others);
    if !overlaps.is_empty() {
        return Err(Error::DropOverlap {
            cluster: cluster.to_owned(),
            overlaps,
        });
    }
    let ranges = aggregate(
        &others
            .iter()
            .map(|(range, _)| *range)
            .collect::<Vec<IpNet>>(),
    );
    let lists = |family: &Family| {
        let of_family = family.only(&ranges);
        let peers = |from: &[IpNet]| Peers {
            family: *family,
            from: from.into(),
        };
        of_family.chunks(longest).map(peers).collect::<Vec<Peers>>()
    };
    Ok(families.iter().flat_map(lists).collect())
}

/// The ranges of the senders of some rules, with their names, each once.
fn node_ranges<'a>(
    rules: &[&'a Rule],
    wanted: impl Fn(&Rule) -> bool,
) -> BTreeSet<(IpNet, &'a str)> {
    let senders = rules.iter().filter(|rule| wanted(rule));
    senders
        .flat_map(|rule| {
            rule.from_cidrs
                .iter()
                .map(|range| (*range, rule.from.as_str()))
        })
        .collect()
}

/// Peers may overlap each other; they count as one owner.
fn overlaps(own: &BTreeSet<(IpNet, &str)>, others: &BTreeSet<(IpNet, &str)>) -> Vec<Overlap> {
    let all: Vec<(IpNet, &str)> = own.iter().chain(others).copied().collect();
    let owner = |index: usize| usize::from(index >= own.len());
    let items: Vec<(IpNet, usize)> = all
        .iter()
        .enumerate()
        .map(|(index, (net, _))| (*net, owner(index)))
        .collect();
    let overlap = |(ours, theirs): (usize, usize)| {
        let ((own, _), (range, peer)) = (all[ours], all[theirs]);
        Overlap {
            own,
            peer: peer.to_owned(),
            range,
        }
    };
    overlapping_pairs(&items).into_iter().map(overlap).collect()
}

/// All clashes in words.
pub(super) fn sentence(overlaps: &[Overlap]) -> String {
    let clash = |Overlap { own, peer, range }: &Overlap| {
        format!("node range {range} of {peer} overlaps its own {own}")
    };
    overlaps
        .iter()
        .map(clash)
        .collect::<Vec<String>>()
        .join("; ")
}
