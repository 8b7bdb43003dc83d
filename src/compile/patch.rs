//! A cluster's patch as text: a merge patch of `spec.values`, or a JSON Patch of `spec.valuesBlock`.

use std::io;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::compiled::Compiled;
use super::index::PatchType;
use super::owned;
use super::paths::PEERS_WAY;
use super::peers::{Layout, PeerEntries};
use super::plan::{ClusterPlan, Plan};
use super::values::{self, PeerList};
use crate::profile::releases::ValuesField;
use crate::render::{self, FillError, Quoting, Spliced, TemplateError};
use crate::yaml;

/// Why a patch could not be made: a fault of meshgen's, in either case.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// A template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The whole object was asked for, and is not known.
    #[error(
        "the manifest of {cluster} is its object as it is now, with other values; run: {command}"
    )]
    Unknown {
        /// The cluster.
        cluster: String,
        /// The kubectl command that gets the object.
        command: String,
    },
    /// The values of a new cluster were asked for, and the cluster exists.
    #[error(
        "{cluster} exists: {file} is its ApplicationInstallation. Initial values are for a cluster that does not exist yet; leave `--as initial-values` out"
    )]
    Born {
        /// The cluster.
        cluster: String,
        /// The dump.
        file: String,
    },
    /// Initial values that no annotation can hold.
    #[error(
        "the initial values of {cluster} are {bytes} bytes, and KKP's annotation has room for {room}: create it with fewer peers (`--phase bootstrap`) and patch it afterwards"
    )]
    TooLarge {
        /// The cluster.
        cluster: String,
        /// Their size.
        bytes: usize,
        /// What there is room for.
        room: usize,
    },
    /// The merged values would lose or change something that meshgen does not own.
    #[error(
        "the patch for {cluster} would change `{path}`, which meshgen does not own; nothing was written, please report this"
    )]
    NotOwned {
        /// The cluster.
        cluster: String,
        /// The path.
        path: String,
    },
}

/// A patch, put together while it is written.
pub struct Patch {
    context: PatchContext,
    /// Whether it holds key material, or repeats what is not known to hold none.
    pub secret: bool,
}

enum PatchContext {
    Merge(MergePatch),
    Json(JsonPatch),
}

/// Context of `templates/patch.merge.yaml.j2`.
#[derive(Serialize)]
struct MergePatch {
    /// `metadata.uid`, so that the patch fits no other cluster.
    uid: Option<String>,
    /// The values, written as YAML at their indentation.
    values: minijinja::Value,
}

/// Context of `templates/patch.json.j2`.
#[derive(Serialize)]
struct JsonPatch {
    /// `metadata.uid`, tested first.
    uid: Option<String>,
    /// The block as dumped, tested next.
    current: String,
    /// The block that replaces it.
    block: minijinja::Value,
}

impl Patch {
    /// `merge` or `json`.
    pub fn patch_type(&self) -> PatchType {
        match self.context {
            PatchContext::Merge(_) => PatchType::Merge,
            PatchContext::Json(_) => PatchType::Json,
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// If a template fails, or `out`.
    pub fn write(&self, out: &mut dyn io::Write) -> Result<(), FillError> {
        match &self.context {
            PatchContext::Merge(context) => render::MERGE_PATCH.fill_to(context, out),
            PatchContext::Json(context) => render::JSON_PATCH.fill_to(context, out),
        }
    }
}

/// Makes the patch of a cluster.
///
/// # Errors
/// If a template fails or the patch would touch what it must not.
pub(crate) fn patch(
    compiled: &Compiled<'_, '_>,
    entries: &PeerEntries,
) -> Result<Patch, PatchError> {
    let (cluster, owned) = (compiled.cluster, &compiled.owned);
    let current = cluster.cluster.current.as_ref();
    let uid = current.and_then(|current| current.uid.clone());
    Ok(match cluster.form {
        ValuesField::Values => {
            if let Some(current) = current {
                merged(cluster, Some(current.values()), &owned.patch)?;
            }
            let values = with_peers(compiled, owned.patch.clone(), entries, Layout::MergePatch)?;
            let values = values.spliced(Quoting::Plain);
            Patch {
                context: PatchContext::Merge(MergePatch { uid, values }),
                secret: compiled.may_hold_keys(),
            }
        }
        ValuesField::Block => {
            let before = current.map(|current| current.values());
            let values = merged(cluster, before, &owned.patch)?;
            let current = current.and_then(|current| current.block.clone());
            let context = JsonPatch {
                uid,
                current: current.unwrap_or_default(),
                block: with_peers(compiled, values, entries, Layout::JsonPatch)?
                    .spliced(Quoting::Json),
            };
            Patch {
                context: PatchContext::Json(context),
                secret: true,
            }
        }
    })
}

/// The values with the peer list in them, in three parts.
pub(super) struct WithPeers {
    /// What stands before the peers and behind them.
    pub around: [String; 2],
    /// The peers, from entries that all clusters share.
    pub items: Vec<Arc<str>>,
}

/// The values with the peer list in them. Planned peers are not in the tree: the writer leaves room for them, and they are
/// written there.
pub(super) fn with_peers(
    compiled: &Compiled<'_, '_>,
    mut values: Value,
    entries: &PeerEntries,
    layout: Layout,
) -> Result<WithPeers, TemplateError> {
    let list = match compiled.owned.peers {
        PeerList::Untouched => None,
        PeerList::CurrentWithoutUnknown => Some(compiled.current_known_peers()),
        PeerList::Planned => Some(Value::Array(Vec::new())),
    };
    if let Some(list) = list {
        values["clustermesh"]["config"]["clusters"] = list;
    }
    let items = match compiled.owned.peers {
        PeerList::Planned => entries.texts(&compiled.cluster.peers, layout)?,
        PeerList::Untouched | PeerList::CurrentWithoutUnknown => Vec::new(),
    };
    let (indent, folds) = match layout {
        Layout::MergePatch => (4, false),
        _ => (0, true),
    };
    let way: &[&str] = if items.is_empty() { &[] } else { PEERS_WAY };
    let around = yaml::write_around(&values, indent, folds, way);
    Ok(WithPeers { around, items })
}

impl WithPeers {
    fn spliced(self, quoting: Quoting) -> minijinja::Value {
        Spliced::value(self.around, self.items, quoting)
    }
}

/// The dumped object as it will stand after a cluster's patch, but with no peers in it: none of KKP's
/// rules looks at them. `None` without a dump.
pub(crate) fn applied(plan: &Plan<'_>, cluster: &ClusterPlan<'_>) -> Option<Value> {
    let current = cluster.cluster.current.as_ref()?;
    let patch = values::owned(plan, &cluster.without_peers()).patch;
    let mut object = current.object.clone();
    match cluster.form {
        ValuesField::Values => json_patch::merge(&mut object, &json!({"spec": {"values": patch}})),
        ValuesField::Block => {
            let mut merged = current.values().clone();
            json_patch::merge(
                &mut merged,
                &json!({"clustermesh": {"config": {"clusters": null}}}),
            );
            json_patch::merge(&mut merged, &patch);
            let block = yaml::write(&merged);
            json_patch::merge(&mut object, &json!({"spec": {"valuesBlock": block}}));
        }
    }
    Some(object)
}

/// The values with a patch merged in, once it is sure that nothing else has changed.
pub(super) fn merged(
    cluster: &ClusterPlan<'_>,
    before: Option<&Value>,
    patch: &Value,
) -> Result<Value, PatchError> {
    let mut merged = before.cloned().unwrap_or_default();
    json_patch::merge(&mut merged, patch);
    if let Some(before) = before {
        check_kept(cluster, before, &merged)?;
    }
    Ok(merged)
}

fn check_kept(cluster: &ClusterPlan<'_>, before: &Value, after: &Value) -> Result<(), PatchError> {
    match owned::first_difference(before, after) {
        None => Ok(()),
        Some(path) => Err(PatchError::NotOwned {
            cluster: cluster.cluster.name().to_owned(),
            path,
        }),
    }
}
