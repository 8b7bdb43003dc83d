//! Entries of `missing` in index.json, each made once: in a mesh of N clusters the same fact may be missing for N-1 of them.

use std::sync::OnceLock;

use super::gaps::FactName;
use super::index::MissingFact;
use super::kubectl::RunIn;
use super::plan::{Missing, Plan};

/// The entries made so far. Clusters whose files are made side by side share their texts.
pub(crate) struct MissingFacts {
    /// By the position of the cluster whose fact it is, then by the fact.
    made: Vec<[OnceLock<MissingFact>; 4]>,
}

impl MissingFacts {
    /// None yet, for a mesh of so many clusters.
    pub(crate) fn new(clusters: usize) -> Self {
        let made = std::iter::repeat_with(Default::default);
        Self {
            made: made.take(clusters).collect(),
        }
    }

    /// The entry of a missing fact, with the command as it is run in a folder.
    pub(super) fn entry(&self, plan: &Plan<'_>, missing: &Missing, at: RunIn<'_>) -> MissingFact {
        let place = match missing.fact {
            FactName::Current => 0,
            FactName::Ca => 1,
            FactName::Address => 2,
            FactName::RemoteCert => 3,
        };
        let made = self.made[missing.of][place].get_or_init(|| {
            let of = &plan.mesh.clusters[missing.of];
            MissingFact {
                fact: missing.fact,
                of: of.name().into(),
                command: at.dump(of, missing.fact.dump(of)).into(),
            }
        });
        made.clone()
    }
}
