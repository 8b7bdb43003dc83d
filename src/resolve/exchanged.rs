//! Two clusters whose dumps lie in each other's folders, as only their ranges show: then mesh.yaml is right, and so are the dumps.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Finding;
use crate::model::Cluster;

/// A list of one cluster of which mesh.yaml and its dumps differ.
pub(super) struct Difference {
    /// Position of the cluster.
    pub(super) cluster: usize,
    /// The key of mesh.yaml.
    pub(super) key: &'static str,
    pub(super) typed: BTreeSet<String>,
    pub(super) dumped: BTreeSet<String>,
    /// Position of the finding that says so.
    pub(super) finding: usize,
}

/// Where each of two clusters has in its dumps what mesh.yaml says of the other, their findings say that, and not to write it down.
pub(super) fn explain(differences: &[Difference], clusters: &[Cluster], findings: &mut [Finding]) {
    let typed: BTreeMap<_, _> = differences
        .iter()
        .map(|one| ((one.key, &one.typed, &one.dumped), one.cluster))
        .collect();
    for one in differences {
        let other = typed.get(&(one.key, &one.dumped, &one.typed));
        if let (Some(other), Some(finding)) = (other, findings.get_mut(one.finding)) {
            let (name, other) = (clusters[one.cluster].name(), clusters[*other].name());
            finding.help = Some(format!(
                "the dumps of {name} and {other} look exchanged: each has the {key} that mesh.yaml gives to the other. Dump both again, each by its own context, or move the files to each other's folder; leave {key} as they are",
                key = one.key
            ));
        }
    }
}
