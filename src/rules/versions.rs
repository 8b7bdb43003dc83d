//! What the rules about pairs of versions share: clusters are grouped by the place where their version is declared.

use std::collections::HashMap;

use super::Context;
use crate::finding::Finding;
use crate::model::{Cluster, Fact};
use crate::profile::releases::Offer;
use crate::profile::{Cilium, Kkp, ResolvedVersion, Version, cannot_render, cilium_version};

/// A KKP and a Cilium version, each declared at one place, and the clusters that have them.
pub(super) struct VersionPair<'m> {
    pub(super) kkp: &'m Fact<ResolvedVersion<Kkp>>,
    pub(super) cilium: &'m Fact<ResolvedVersion<Cilium>>,
    clusters: Vec<&'m Cluster>,
}

/// All pairs of the mesh, in file order.
pub(super) fn pairs<'m>(context: &Context<'m>) -> Vec<VersionPair<'m>> {
    let mut pairs: Vec<VersionPair<'m>> = Vec::new();
    let mut at = HashMap::new();
    for cluster in &context.mesh.clusters {
        let (Some(kkp), Some(cilium)) = (&cluster.kkp, &cluster.cilium) else {
            continue;
        };
        let index = *at.entry((&kkp.place, &cilium.place)).or_insert(pairs.len());
        match pairs.get_mut(index) {
            Some(pair) => pair.clusters.push(cluster),
            None => pairs.push(VersionPair {
                kkp,
                cilium,
                clusters: vec![cluster],
            }),
        }
    }
    pairs
}

impl VersionPair<'_> {
    /// The clusters, for messages.
    pub(super) fn of(&self) -> String {
        match self.clusters.as_slice() {
            [first, _, others @ ..] => format!("{} and {} more", first.name(), others.len() + 1),
            clusters => clusters.iter().map(|cluster| cluster.name()).collect(),
        }
    }

    /// Whether one of the clusters does not exist yet, and is to be made.
    pub(super) fn is_unborn(&self, context: &Context<'_>) -> bool {
        let mut clusters = self.clusters.iter();
        clusters.any(|cluster| context.request.is_unborn(cluster.index))
    }

    /// Why the chart cannot be rendered with what KKP writes, if it cannot with any KKP that is meant.
    pub(super) fn cannot_render(&self) -> Option<&'static str> {
        let with = |kkp| cannot_render(kkp, self.cilium.value.profile);
        with(self.kkp.value.oldest).and(with(self.kkp.value.profile))
    }

    /// What KKP says of the Cilium version; unknown where a release line alone is written and its
    /// versions differ.
    pub(super) fn offer(&self) -> Option<Offer> {
        let by = |kkp: &Kkp| kkp.offer(self.cilium.value.version);
        let (oldest, newest) = (by(self.kkp.value.oldest), by(self.kkp.value.profile));
        let same = std::mem::discriminant(&oldest) == std::mem::discriminant(&newest);
        same.then_some(newest)
    }

    /// Adds what a finding about the pair says in any case.
    pub(super) fn complete(&self, finding: Finding) -> Finding {
        let kkp = &self.kkp.value;
        // KKP offers some that it cannot render.
        let mut offered = kkp.profile.on_offer();
        offered.retain(|version| is_rendered(kkp.profile, *version));
        let offered: Vec<String> = offered.iter().map(Version::to_string).collect();
        let finding = finding
            .related(self.kkp.place.clone(), "the KKP version")
            .help(format!("KKP {} offers {}", kkp.version, offered.join(", ")));
        let clusters = self.clusters.iter();
        clusters.fold(finding, |finding, cluster| finding.cluster(cluster.name()))
    }
}

/// Whether the chart of a Cilium version can be rendered with what KKP writes.
fn is_rendered(kkp: &Kkp, cilium: Version) -> bool {
    let chart = cilium_version(&cilium.to_string());
    chart.is_ok_and(|chart| cannot_render(kkp, chart.profile).is_none())
}
