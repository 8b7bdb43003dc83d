//! A pod range must hold a share for each node.

use ipnet::IpNet;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::firewall::cidr::Family;
use crate::model::{Cluster, Fact};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "node-mask", Warning,
        what: "A pod range is too small for the share of it that each node takes.",
        why: "Each node takes a block of the size of the node mask: /24, and /64 of IPv6, unless the KKP Cluster says otherwise in `nodeCidrMaskSizeIPv4` or `nodeCidrMaskSizeIPv6`. Once the range is used up, new nodes get no pod addresses, and neither the range nor the mask can be changed after creation; KKP refuses a range that is no wider than the mask. A /16 gives 256 nodes.",
    ),
    check,
};

/// Fewer nodes than this leave no room for an update, which adds a node before it takes one away.
const FEW: u128 = 4;

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in &context.mesh.clusters {
        let ranges = cluster.pod_cidrs.iter();
        out.extend(ranges.filter_map(|range| too_small(cluster, range)));
    }
}

fn too_small(cluster: &Cluster, range: &Fact<IpNet>) -> Option<Finding> {
    let (said, default) = match Family::of(&range.value) {
        Family::V4 => (&cluster.node_masks[0], 24),
        Family::V6 => (&cluster.node_masks[1], 64),
    };
    let mask = said.as_ref().map_or(default, |mask| mask.value);
    let nodes = cluster.nodes.iter();
    let known = nodes.filter(|node| Family::of(&node.value.into()) == Family::of(&range.value));
    let known = known.count() as u128;
    let room = room(range.value.prefix_len(), mask);
    if room >= FEW.max(known) {
        return None;
    }
    let has = if known > room {
        format!(", and {} has {known}", cluster.name())
    } else {
        String::new()
    };
    let finding = RULE
        .finding(
            range.place.clone(),
            format!(
                "the pod range {} of {} is enough for {}{has}",
                range.value,
                cluster.name(),
                counted(room)
            ),
        )
        .label(format!("each node takes a /{mask}"))
        .help(format!(
            "create the cluster again with a wider range, such as a /{}, or a longer node mask",
            mask.saturating_sub(8)
        ))
        .cluster(cluster.name());
    Some(match said {
        Some(mask) => finding.related(mask.place.clone(), "the node mask"),
        None => finding,
    })
}

/// How many nodes a range has room for.
fn room(prefix: u8, mask: u8) -> u128 {
    match mask.checked_sub(prefix) {
        Some(bits) => 1u128.checked_shl(bits.into()).unwrap_or(u128::MAX),
        None => 0,
    }
}

fn counted(room: u128) -> String {
    match room {
        0 => "no node".to_owned(),
        1 => "one node".to_owned(),
        _ => format!("{room} nodes"),
    }
}
