//! What the rules about pairs of versions share: clusters that have theirs from one place are told of once.

use std::collections::HashMap;

use super::Context;
use crate::finding::Finding;
use crate::model::{Cluster, Fact};
use crate::profile::{Cilium, Kkp, Resolved, cannot_render};

/// A KKP and a Cilium version, each said at one place, and the clusters that they are said of.
pub(super) struct Pair<'m> {
    pub(super) kkp: &'m Fact<Resolved<Kkp>>,
    pub(super) cilium: &'m Fact<Resolved<Cilium>>,
    clusters: Vec<&'m Cluster>,
}

/// All pairs of the mesh, in file order.
pub(super) fn pairs<'m>(context: &Context<'m>) -> Vec<Pair<'m>> {
    let mut pairs: Vec<Pair<'m>> = Vec::new();
    let mut at = HashMap::new();
    for cluster in &context.mesh.clusters {
        let (Some(kkp), Some(cilium)) = (&cluster.kkp, &cluster.cilium) else {
            continue;
        };
        let index = *at.entry((&kkp.place, &cilium.place)).or_insert(pairs.len());
        match pairs.get_mut(index) {
            Some(pair) => pair.clusters.push(cluster),
            None => pairs.push(Pair {
                kkp,
                cilium,
                clusters: vec![cluster],
            }),
        }
    }
    pairs
}

impl Pair<'_> {
    /// The clusters, for messages.
    pub(super) fn of(&self) -> String {
        match self.clusters.as_slice() {
            [first, _, others @ ..] => format!("{} and {} more", first.name(), others.len() + 1),
            clusters => clusters.iter().map(|cluster| cluster.name()).collect(),
        }
    }

    /// Why the chart cannot be rendered with what KKP writes, if it cannot.
    pub(super) fn cannot_render(&self) -> Option<&'static str> {
        cannot_render(self.kkp.value.profile, self.cilium.value.profile)
    }

    /// Adds what a finding about the pair says in any case.
    pub(super) fn complete(&self, finding: Finding) -> Finding {
        let kkp = &self.kkp.value;
        let finding = finding
            .related(self.kkp.place.clone(), "the KKP version")
            .help(format!(
                "KKP {} offers {}",
                kkp.version,
                kkp.profile.on_offer()
            ));
        let clusters = self.clusters.iter();
        clusters.fold(finding, |finding, cluster| finding.cluster(cluster.name()))
    }
}
