//! What is asked of a plan.

use std::collections::BTreeSet;
use std::str::FromStr;

/// How far a cluster's patch goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Nothing can be made yet.
    None,
    /// Own name, ID and apiserver; no peers.
    Bootstrap,
    /// The peers that are known.
    Join,
    /// All peers.
    Mesh,
    /// Out of the mesh.
    Left,
}

impl Phase {
    /// `none`, `bootstrap`, `join`, `mesh` or `left`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bootstrap => "bootstrap",
            Self::Join => "join",
            Self::Mesh => "mesh",
            Self::Left => "left",
        }
    }
}

/// Not one of the phases that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected bootstrap, join or mesh")]
pub struct UnknownPhase;

impl FromStr for Phase {
    type Err = UnknownPhase;

    /// Reads a phase that can be asked for; `none` and `left` are none of them.
    fn from_str(text: &str) -> Result<Self, UnknownPhase> {
        let phases = [Self::Bootstrap, Self::Join, Self::Mesh];
        let found = phases.into_iter().find(|phase| phase.as_str() == text);
        found.ok_or(UnknownPhase)
    }
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To say what is wrong; no patch is made.
    #[default]
    Check,
    /// To show which patches can be made; one that lacks something is not made, and that is no error.
    Show,
    /// To apply the patches: what one needs and lacks is an error.
    Apply,
}

/// What is asked of a plan.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The phase asked for; without one, the highest that the facts allow.
    pub phase: Option<Phase>,
    /// The clusters asked for, by position; without, all.
    pub clusters: Option<BTreeSet<usize>>,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether what is made of a cluster is its whole object, so that nothing can be made without the current one.
    pub whole_object: bool,
    /// Names of clusters that may differ from the lock, or that it is to forget.
    pub unlocked: BTreeSet<String>,
    /// Whether what is made is no patch: then the API server compares no uid, and a wrong cluster takes it.
    pub unguarded: bool,
}

impl Request {
    /// Whether a cluster was asked for.
    pub fn includes(&self, index: usize) -> bool {
        self.clusters
            .as_ref()
            .is_none_or(|asked| asked.contains(&index))
    }
}
