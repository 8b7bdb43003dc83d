//! Clusters whose Cilium versions are too far apart.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::model::{Cluster, Fact};
use crate::profile::{Cilium, ResolvedVersion};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "version-skew", Warning,
        what: "Two clusters of the mesh are more than one Cilium minor version apart.",
        why: "Cilium tests a mesh with neighbouring minor versions, as they meet while one cluster after the other is upgraded. What clusters exchange changes between versions, and versions further apart are not tested. Upgrade the older ones, one minor version at a time. Where the two can never connect this is an error: agents from 1.16 on wait for a cluster configuration that Cilium 1.13 does not serve (cilium/cilium#32505).",
    ),
    check,
};

/// A cluster of known version.
type KnownVersion<'m> = (&'m Cluster, &'m Fact<ResolvedVersion<Cilium>>);

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let clusters = context.mesh.members();
    let known: Vec<KnownVersion<'_>> = clusters
        .filter_map(|cluster| Some((cluster, cluster.cilium.as_ref()?)))
        .collect();
    // Of equal versions the first cluster in the file is named.
    let version = |known: &&KnownVersion<'_>| known.1.value.version;
    let oldest = known.iter().min_by_key(version);
    let newest = known.iter().reduce(|best, next| {
        if version(&next) > version(&best) {
            next
        } else {
            best
        }
    });
    let (Some(oldest), Some(newest)) = (oldest, newest) else {
        return;
    };
    if !oldest.1.value.profile.serves_configuration && newest.1.value.profile.demands_configuration
    {
        out.push(never_connect(*oldest, *newest));
        return;
    }
    let minors = version(&newest).minors_after(version(&oldest));
    if minors.is_some_and(|minors| minors > 1) {
        out.push(far_apart(*oldest, *newest));
    }
}

fn far_apart(oldest: KnownVersion<'_>, newest: KnownVersion<'_>) -> Finding {
    let message = format!(
        "{}: more than one minor version apart",
        both(oldest, newest)
    );
    finding(RULE.code.severity, oldest, newest, message).help(format!(
        "upgrade {} first, one minor version at a time",
        oldest.0.name()
    ))
}

fn never_connect(oldest: KnownVersion<'_>, newest: KnownVersion<'_>) -> Finding {
    let message = format!(
        "{}: agents of the newer wait for a configuration that the older does not serve, and never connect",
        both(oldest, newest)
    );
    finding(Severity::Error, oldest, newest, message).help(format!(
        "upgrade {} to 1.14 or newer first, one minor version at a time",
        oldest.0.name()
    ))
}

fn both(oldest: KnownVersion<'_>, newest: KnownVersion<'_>) -> String {
    format!(
        "{} has Cilium {}, {} has {}",
        oldest.0.name(),
        oldest.1.value.version,
        newest.0.name(),
        newest.1.value.version
    )
}

fn finding(
    severity: Severity,
    oldest: KnownVersion<'_>,
    newest: KnownVersion<'_>,
    message: String,
) -> Finding {
    RULE.finding_as(severity, oldest.1.place.clone(), message)
        .label("the oldest")
        .related(newest.1.place.clone(), "the newest")
        .cluster(oldest.0.name())
        .cluster(newest.0.name())
}
