//! Clusters of a mesh speak the same families.

use std::collections::BTreeSet;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::firewall::cidr::Family;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ip-family-mixed", Warning,
        what: "The pods of one cluster have addresses of a family, IPv4 or IPv6, that those of another cluster lack.",
        why: "Pods reach each other across clusters only in a family that both have, and Cilium asks for the same datapath everywhere. Where two clusters have no family in common this is an error: nothing of theirs can meet. The family of a KKP cluster cannot be changed after creation.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let clusters = context.mesh.members();
    let mut known = clusters.filter(|c| !c.pod_cidrs.is_empty() && !c.is_unusable("podCIDRs"));
    let Some(first) = known.next() else { return };
    let wanted = families(first);
    out.extend(
        known
            .filter(|cluster| families(cluster) != wanted)
            .map(|cluster| finding(first, cluster)),
    );
}

fn families(cluster: &Cluster) -> BTreeSet<Family> {
    let ranges = cluster.pod_cidrs.iter();
    ranges.map(|range| Family::of(&range.value)).collect()
}

fn finding(first: &Cluster, other: &Cluster) -> Finding {
    let (a, b) = (families(first), families(other));
    let (severity, help) = if a.is_disjoint(&b) {
        (
            Severity::Error,
            "they have no family in common: one of the clusters must be created again",
        )
    } else {
        (
            Severity::Warning,
            "pods meet only in the family that both have: do not rely on the other one across clusters",
        )
    };
    let message = format!(
        "pods of {} have {} addresses, those of {} {}",
        first.name(),
        named(&a),
        other.name(),
        named(&b)
    );
    RULE.finding_as(severity, other.pod_cidrs[0].place.clone(), message)
        .label(named(&b))
        .related(first.pod_cidrs[0].place.clone(), named(&a))
        .help(help)
        .cluster(first.name())
        .cluster(other.name())
}

fn named(families: &BTreeSet<Family>) -> String {
    let names: Vec<&str> = families.iter().map(|family| family.title()).collect();
    names.join(" and ")
}
