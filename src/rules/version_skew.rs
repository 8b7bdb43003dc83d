//! Clusters whose Cilium versions are too far apart.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "version-skew", Warning,
        what: "Two clusters of the mesh are more than one Cilium minor version apart.",
        why: "Cilium tests a mesh with neighbouring minor versions, as they meet while one cluster after the other is upgraded. What clusters tell each other changes between versions, and further apart nobody has tried. Upgrade the older ones, one minor version at a time.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let versions = context.mesh.clusters.iter().filter_map(|cluster| {
        let cilium = cluster.cilium.as_ref()?;
        Some((cilium.value.version, cluster, cilium))
    });
    // Of equal versions the first cluster in the file is named.
    let oldest = versions.clone().min_by_key(|(version, ..)| *version);
    let newest = versions.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let (Some(oldest), Some(newest)) = (oldest, newest) else {
        return;
    };
    if newest
        .0
        .minors_after(oldest.0)
        .is_none_or(|minors| minors <= 1)
    {
        return;
    }
    let message = format!(
        "{} has Cilium {}, {} has {}: more than one minor version apart",
        oldest.1.name(),
        oldest.0,
        newest.1.name(),
        newest.0
    );
    out.push(
        RULE.finding(oldest.2.place.clone(), message)
            .label("the oldest")
            .related(newest.2.place.clone(), "the newest")
            .help(format!(
                "upgrade {} first, one minor version at a time",
                oldest.1.name()
            ))
            .cluster(oldest.1.name())
            .cluster(newest.1.name()),
    );
}
