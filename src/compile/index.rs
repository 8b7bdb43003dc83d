//! index.json: what was made, for machines. STEPS.md is written from the same data.

use serde::{Deserialize, Serialize};

use super::plan::Phase;

/// The whole of index.json.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Index {
    /// Form of this file: 1.
    pub version: u32,
    /// Name of the mesh.
    pub mesh: String,
    /// The clusters, as they stand in mesh.yaml.
    pub clusters: Vec<ClusterIndex>,
    /// Files that belong to no single cluster.
    pub files: Vec<MeshFile>,
}

/// One cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClusterIndex {
    /// Name in the mesh.
    pub name: String,
    /// ID in the mesh.
    pub id: i64,
    /// KKP version.
    pub kkp: String,
    /// Cilium version.
    pub cilium: String,
    /// How far its patch goes.
    pub phase: Phase,
    /// `values` or `valuesBlock`.
    pub form: String,
    /// `sharedCA`, `inline` or `bundle`.
    pub trust: String,
    /// What is missing for more.
    pub missing: Vec<MissingFact>,
    /// Files, in the order of application.
    pub files: Vec<ClusterFile>,
    /// Commands, in order.
    pub steps: Vec<Step>,
}

/// A missing fact and how to get it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MissingFact {
    /// `address`, `remoteCert`, `ca` or `current`.
    pub fact: String,
    /// The cluster whose fact it is.
    pub of: String,
    /// The kubectl command that gets it.
    pub command: String,
}

/// A file of a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterFile {
    /// Path in the output folder.
    pub path: String,
    /// `secret`, `patch` or `services`; instead of `patch`, by `--as`, `values`, `manifest` or `fragment`.
    pub kind: String,
    /// `merge` or `json` for a patch.
    pub patch_type: Option<String>,
    /// Whether it holds, or may hold, key material.
    pub secret: bool,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// A file of the whole mesh.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MeshFile {
    /// Path in the output folder.
    pub path: String,
    /// `steps`, `rules` or `dialect`.
    pub kind: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Creates or replaces an object from a file.
    Apply,
    /// Changes the ApplicationInstallation.
    Patch,
    /// Waits until something has come about.
    Wait,
    /// Restarts a workload.
    Restart,
    /// Saves an object, for the next round or as a copy.
    Dump,
    /// Looks whether the mesh works.
    Check,
}

impl Action {
    /// As people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Patch => "patch",
            Self::Wait => "wait",
            Self::Restart => "restart",
            Self::Dump => "dump",
            Self::Check => "check",
        }
    }
}

/// One command to run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// The file that it uses, if any.
    pub file: Option<String>,
    /// The command, to paste into a shell in the output folder.
    pub command: String,
    /// Why.
    pub why: String,
}
