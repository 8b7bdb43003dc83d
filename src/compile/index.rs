//! index.json: what was made, for machines. STEPS.md is written from the same data.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::gaps::FactName;
use super::plan::Phase;
use crate::model::Trust;
use crate::profile::releases::ValuesField;

/// The whole of index.json.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Index {
    /// Form of this file: [`VERSION`].
    pub version: u32,
    /// Name of the mesh.
    pub mesh: String,
    /// The clusters, as they stand in mesh.yaml.
    pub clusters: Vec<ClusterIndex>,
    /// Files that belong to no single cluster.
    pub files: Vec<MeshWideFile>,
}

/// The form of index.json that this meshgen writes and reads.
pub(crate) const VERSION: u32 = 1;

impl Index {
    /// Reads index.json. Another version may mean other things by the same words, so it is not read as one of ours.
    pub fn read(text: &str) -> Option<Self> {
        let index: Self = serde_json::from_str(text).ok()?;
        (index.version == VERSION).then_some(index)
    }

    /// The paths of all files that it names, each with its digest.
    pub fn digests(&self) -> impl Iterator<Item = (&str, &str)> {
        let clusters = self.clusters.iter().flat_map(|cluster| &cluster.files);
        let clusters = clusters.map(|file| (file.path.as_str(), file.sha256.as_str()));
        let own = self.files.iter();
        clusters.chain(own.map(|file| (file.path.as_str(), file.sha256.as_str())))
    }
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
    /// Where its values stand.
    pub form: ValuesField,
    /// Whether applying the patch or the Secret would change anything; null where no dump tells.
    #[serde(default)]
    pub changed: Option<bool>,
    /// How it comes to trust the others.
    #[serde(serialize_with = "as_written")]
    pub trust: Trust,
    /// What is missing for more.
    pub missing: Vec<MissingFact>,
    /// Files, in the order of application.
    pub files: Vec<ClusterFile>,
    /// Commands, in order.
    pub steps: Vec<Step>,
}

/// As mesh.yaml has it. `Trust` itself has no `Serialize`: its schema would then show a default of `null`.
fn as_written<S: Serializer>(trust: &Trust, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(trust.as_str())
}

/// A missing fact and how to get it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MissingFact {
    /// The fact.
    pub fact: FactName,
    /// The cluster whose fact it is.
    #[serde(with = "shared")]
    pub of: Arc<str>,
    /// The kubectl command that gets it. In a mesh of N clusters a fact may be missing N times.
    #[serde(with = "shared")]
    pub command: Arc<str>,
}

/// A text that several entries share, each written out. Serde's own feature for it would be on for every type.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        text: &Arc<str>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Into::into)
    }
}

/// A file of a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterFile {
    /// Path in the output folder.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// How a patch is applied.
    pub patch_type: Option<PatchType>,
    /// Whether it holds, or may hold, key material.
    pub secret: bool,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// A file of the whole mesh.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MeshWideFile {
    /// Path in the output folder.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// The Secret `cilium-ca`.
    Secret,
    /// A merge patch or JSON Patch.
    Patch,
    /// Helm values, by `--as values`.
    Values,
    /// The whole ApplicationInstallation, by `--as manifest`.
    Manifest,
    /// What is pasted into KKP's dashboard, by `--as fragment`.
    Fragment,
    /// The value of KKP's annotation for a new cluster, by `--as initial-values`.
    InitialValues,
    /// Global services.
    Services,
    /// STEPS.md.
    Steps,
    /// dump.sh and steps.sh.
    Script,
    /// A list of firewall rules.
    Rules,
    /// The same in groups of addresses.
    Groups,
    /// Firewall rules for the nodes of one cluster, in a dialect.
    Dialect,
    /// The page about the mesh.
    Report,
}

/// How kubectl applies a patch: its `--type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatchType {
    /// RFC 7396.
    Merge,
    /// RFC 6902.
    Json,
}

impl PatchType {
    /// As kubectl's `--type` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Json => "json",
        }
    }
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
