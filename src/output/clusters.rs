//! The files of the clusters.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::{Access, Output, OutputError, Sink};
use crate::compile::artifacts::{self, ClusterParts};
use crate::compile::cksum::Cksum;
use crate::compile::compiled::Compiled;
use crate::compile::index::{ClusterFile, ClusterIndex, Index};
use crate::compile::patch::PatchError;
use crate::compile::plan::ClusterPlan;
use crate::compile::scripts::{ScriptCluster, Sums};

impl Output<'_, '_> {
    /// The clusters' own files; entries of clusters that were not asked for stay as they were.
    pub(super) fn clusters(
        &self,
        sink: &impl Sink,
        earlier: Option<&Index>,
    ) -> Result<(Vec<ClusterIndex>, Vec<ScriptCluster>), OutputError> {
        let mut kept: Vec<&ClusterIndex> =
            earlier.iter().flat_map(|index| &index.clusters).collect();
        kept.retain(|entry| self.keeps(&entry.name));
        let made = sink.each(&self.plan.clusters, |planned| {
            let is_asked = !self.keeps(planned.cluster.name());
            is_asked.then(|| self.cluster(planned, sink))
        });
        let mut clusters: Vec<ClusterIndex> = Vec::new();
        let mut scripts = Vec::new();
        for (planned, made) in self.plan.clusters.iter().zip(made) {
            match made {
                Some(made) => {
                    let made = made?;
                    clusters.push(made.index);
                    scripts.push(made.script);
                }
                None => {
                    let name = planned.cluster.name();
                    let at = kept.iter().position(|entry| entry.name == name);
                    if let Some(at) = at {
                        clusters.push(self.kept(planned, kept.remove(at))?);
                    }
                }
            }
        }
        clusters.extend(kept.into_iter().map(without_commands));
        Ok((clusters, scripts))
    }

    /// The entry of a cluster that was not asked for. index.json may have been planted: commands that would not be written for
    /// this mesh give way to those that would.
    fn kept(
        &self,
        planned: &ClusterPlan<'_>,
        entry: &ClusterIndex,
    ) -> Result<ClusterIndex, OutputError> {
        let compiled = Compiled::new(self.plan, planned);
        let sum = |_: &str| String::new();
        let files = entry.files.clone();
        let own = self.made(&compiled, files, &sum)?.index;
        let commands = |entry: &ClusterIndex| {
            let steps = entry.steps.iter();
            let steps = steps.map(|step| step.command.clone());
            let missing = entry.missing.iter();
            let missing = missing.map(|missing| missing.command.to_string());
            steps.chain(missing).collect::<BTreeSet<String>>()
        };
        let texts = |entry: &ClusterIndex| {
            let steps = entry.steps.iter();
            steps.map(|step| step.why.clone()).collect::<BTreeSet<_>>()
        };
        let is_own =
            commands(entry).is_subset(&commands(&own)) && texts(entry).is_subset(&texts(&own));
        if is_own {
            return Ok(entry.clone());
        }
        Ok(ClusterIndex {
            steps: own.steps,
            missing: own.missing,
            ..entry.clone()
        })
    }

    /// Makes the files of one cluster and gives its entry in the index, and its part in the scripts.
    ///
    /// # Errors
    /// If a file cannot be made, or the sink fails.
    pub fn cluster(
        &self,
        planned: &ClusterPlan<'_>,
        sink: &impl Sink,
    ) -> Result<ClusterParts, OutputError> {
        let compiled = Compiled::new(self.plan, planned);
        let mut files = Vec::new();
        let mut sums = BTreeMap::new();
        for artifact in artifacts::of_cluster(&compiled, &self.peers, self.options.form)? {
            let access = if artifact.is_private() {
                Access::Private
            } else {
                Access::Public
            };
            let mut sum = Cksum::default();
            let sha256 = sink.add(&artifact.path, access, &mut |out| {
                let mut out = Summed { out, sum: &mut sum };
                Ok(artifact.write(&mut out)?)
            })?;
            sums.insert(artifact.path.clone(), sum.finish());
            files.push(artifact.entry(sha256));
        }
        let sum = |path: &str| sums.get(path).cloned().unwrap_or_default();
        self.made(&compiled, files, &sum)
    }

    fn made(
        &self,
        compiled: &Compiled<'_, '_>,
        files: Vec<ClusterFile>,
        sums: Sums<'_>,
    ) -> Result<ClusterParts, OutputError> {
        let (peers, missing) = (&self.peers, &self.missing);
        let made = artifacts::made(compiled, files, sums, peers, missing, self.run_in());
        Ok(made.map_err(PatchError::from)?)
    }
}

/// The entry of a cluster that mesh.yaml does not know: its files stay its own, and there is nothing to run.
fn without_commands(entry: &ClusterIndex) -> ClusterIndex {
    ClusterIndex {
        steps: Vec::new(),
        missing: Vec::new(),
        ..entry.clone()
    }
}

/// Adds what is written to a sum.
struct Summed<'o> {
    out: &'o mut dyn io::Write,
    sum: &'o mut Cksum,
}

impl io::Write for Summed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.add_bytes(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
