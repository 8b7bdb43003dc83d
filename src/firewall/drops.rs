//! The ranges from which a cluster may drop what no rule permits, and the refusal where that would hit its own nodes.

use ipnet::IpNet;

use super::cidr::{outermost, overlapping_pairs};

/// Why drops are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Dropping would hit the cluster's own nodes.
    #[error("drop rules for {cluster} are refused: {}", sentence(.overlaps))]
    Overlap {
        /// The cluster.
        cluster: String,
        /// Every clash.
        overlaps: Vec<Overlap>,
    },
    /// Whether dropping would hit the cluster's own nodes cannot be told, and what they need would be dropped too.
    #[error("drop rules for {cluster} are refused: its own node ranges are not known")]
    Unknown {
        /// The cluster.
        cluster: String,
    },
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

/// What a cluster may drop from: the nodes of the others, by name.
pub(super) fn peers(
    cluster: &str,
    own: &[IpNet],
    others: &[(&str, &[IpNet])],
) -> Result<Vec<IpNet>, Refused> {
    let ranges = others.iter().flat_map(|(_, nodes)| *nodes);
    let ranges: Vec<IpNet> = ranges.copied().collect();
    if own.is_empty() && !ranges.is_empty() {
        return Err(Refused::Unknown {
            cluster: cluster.to_owned(),
        });
    }
    let overlaps = overlaps(own, others);
    if !overlaps.is_empty() {
        return Err(Refused::Overlap {
            cluster: cluster.to_owned(),
            overlaps,
        });
    }
    Ok(outermost(&ranges))
}

/// Peers may overlap each other; they count as one owner.
fn overlaps(own: &[IpNet], others: &[(&str, &[IpNet])]) -> Vec<Overlap> {
    let own = own.iter().map(|net| (*net, None));
    let others = others.iter();
    let others = others.flat_map(|(name, nodes)| nodes.iter().map(|net| (*net, Some(*name))));
    let all: Vec<(IpNet, Option<&str>)> = own.chain(others).collect();
    let owner = |peer: Option<&str>| usize::from(peer.is_some());
    let items: Vec<(IpNet, usize)> = all.iter().map(|(net, peer)| (*net, owner(*peer))).collect();
    let mut overlaps: Vec<Overlap> = overlapping_pairs(&items)
        .into_iter()
        .map(|(ours, theirs)| Overlap {
            own: all[ours].0,
            peer: all[theirs].1.unwrap_or_default().to_owned(),
            range: all[theirs].0,
        })
        .collect();
    overlaps.sort_by_key(|overlap| (overlap.own, overlap.range));
    overlaps
}

/// All clashes in words.
fn sentence(overlaps: &[Overlap]) -> String {
    let clash = |Overlap { own, peer, range }: &Overlap| {
        format!("node range {range} of {peer} overlaps its own {own}")
    };
    overlaps
        .iter()
        .map(clash)
        .collect::<Vec<String>>()
        .join("; ")
}
