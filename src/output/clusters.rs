//! The files of the clusters.

use super::{Access, Output, OutputError, Sink};
use crate::compile::artifacts;
use crate::compile::compiled::Compiled;
use crate::compile::index::{ClusterIndex, Index};
use crate::compile::plan::ClusterPlan;

impl Output<'_, '_> {
    /// The clusters' own files; entries of clusters that were not asked for stay as they were.
    pub(super) fn clusters(
        &self,
        sink: &impl Sink,
        earlier: Option<&Index>,
    ) -> Result<Vec<ClusterIndex>, OutputError> {
        let mut kept: Vec<&ClusterIndex> =
            earlier.iter().flat_map(|index| &index.clusters).collect();
        kept.retain(|entry| self.keeps(&entry.name));
        let made = sink.each(&self.plan.clusters, |planned| {
            let is_asked = !self.keeps(planned.cluster.name());
            is_asked.then(|| self.cluster(planned, sink))
        });
        let mut clusters: Vec<ClusterIndex> = Vec::new();
        for (planned, made) in self.plan.clusters.iter().zip(made) {
            match made {
                Some(made) => clusters.push(made?),
                None => {
                    let name = planned.cluster.name();
                    let at = kept.iter().position(|entry| entry.name == name);
                    clusters.extend(at.map(|at| kept.remove(at).clone()));
                }
            }
        }
        clusters.extend(kept.into_iter().cloned());
        Ok(clusters)
    }

    /// Makes the files of one cluster and gives its entry in the index.
    ///
    /// # Errors
    /// If a file cannot be made, or the sink fails.
    pub fn cluster(
        &self,
        planned: &ClusterPlan<'_>,
        sink: &impl Sink,
    ) -> Result<ClusterIndex, OutputError> {
        let compiled = Compiled::new(self.plan, planned);
        let mut files = Vec::new();
        for artifact in artifacts::of_cluster(&compiled, &self.peers, self.options.form)? {
            let access = if artifact.is_private() {
                Access::Private
            } else {
                Access::Public
            };
            let sha256 = sink.add(&artifact.path, access, &mut |out| Ok(artifact.write(out)?))?;
            files.push(artifact.entry(sha256));
        }
        Ok(artifacts::index_entry(&compiled, files))
    }
}
