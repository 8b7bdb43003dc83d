//! A cluster's patch as text: a merge patch of `spec.values`, or a JSON Patch of `spec.valuesBlock`.

use std::io;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::owned;
use super::peers::{Layout, PeerEntries, json_body};
use super::plan::{ClusterPlan, Plan};
use super::values::{self, OwnedValues, PeerList};
use crate::profile::kkp::Form;
use crate::render::{self, TemplateError};
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

/// Text in pieces, so that what many files share exists once.
#[derive(Debug, Clone, Default)]
pub struct Text(Vec<Arc<str>>);

impl Text {
    /// The pieces, in order.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Writes it.
    ///
    /// # Errors
    /// If `out` fails.
    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut pieces = self.pieces();
        pieces.try_for_each(|piece| out.write_all(piece.as_bytes()))
    }

    /// All in one.
    pub fn whole(&self) -> String {
        self.pieces().collect()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![text.into()])
    }
}

/// A patch.
pub struct Patch {
    /// Its text.
    pub text: Text,
    /// Whether it holds key material, or repeats what is not known to hold none.
    pub secret: bool,
}

/// Context of `templates/patch.merge.yaml.j2`.
#[derive(Serialize)]
struct MergePatch<'a> {
    /// `metadata.uid`, so that the patch fits no other cluster.
    uid: Option<&'a str>,
    /// The values, written as YAML at their indentation.
    values: &'a str,
}

/// Context of `templates/patch.json.j2`.
#[derive(Serialize)]
struct JsonPatch<'a> {
    /// `metadata.uid`, tested first.
    uid: Option<&'a str>,
    /// The block as dumped, tested next.
    current: &'a str,
    /// The block that replaces it.
    block: &'a str,
}

/// Makes the patch of a cluster.
///
/// # Errors
/// If a template fails or the patch would touch what it must not.
pub fn patch(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    entries: &PeerEntries,
) -> Result<Patch, PatchError> {
    let owned = values::owned(plan, cluster);
    match cluster.form {
        Form::Values => {
            let text = merge_patch(plan, cluster, &owned, entries)?;
            // What bootstrap keeps of the current peers may carry their keys.
            let repeats = owned.peers == PeerList::CurrentWithoutUnknown;
            Ok(Patch {
                text,
                secret: owned.holds_key || cluster.carries_peer_keys() || repeats,
            })
        }
        Form::Block => {
            let text = json_patch(plan, cluster, &owned, entries)?;
            Ok(Patch { text, secret: true })
        }
    }
}

/// The dumped object as it will stand after a cluster's patch, but with no peers in it: none of KKP's
/// rules looks at them. `None` without a dump.
pub fn applied(plan: &Plan<'_>, cluster: &ClusterPlan<'_>) -> Option<Value> {
    let current = cluster.cluster.current.as_ref()?;
    let patch = values::owned(plan, &cluster.without_peers()).patch;
    let mut object = current.object.clone();
    match cluster.form {
        Form::Values => values::merge(&mut object, &json!({"spec": {"values": patch}})),
        Form::Block => {
            let mut merged = current.values().clone();
            values::merge(
                &mut merged,
                &json!({"clustermesh": {"config": {"clusters": null}}}),
            );
            values::merge(&mut merged, &patch);
            let block = yaml::write(&merged);
            values::merge(&mut object, &json!({"spec": {"valuesBlock": block}}));
        }
    }
    Some(object)
}

fn merge_patch(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    owned: &OwnedValues,
    entries: &PeerEntries,
) -> Result<Text, PatchError> {
    let mut tree = owned.patch.clone();
    let current = cluster.cluster.current.as_ref();
    if let Some(current) = current {
        let mut merged = current.values().clone();
        values::merge(&mut merged, &tree);
        check_kept(cluster, current.values(), &merged)?;
    }
    let token = place_peers(plan, cluster, owned, &mut tree);
    let written = yaml::write_at(&tree, 4);
    let uid = current.and_then(|current| current.uid.as_deref());
    let text = render::MERGE_PATCH.fill(MergePatch {
        uid,
        values: &written,
    })?;
    splice(text, token.as_deref(), cluster, entries, Layout::MergePatch)
}

fn json_patch(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    owned: &OwnedValues,
    entries: &PeerEntries,
) -> Result<Text, PatchError> {
    let current = cluster.cluster.current.as_ref();
    let before = current
        .map(|current| current.values().clone())
        .unwrap_or_default();
    let mut merged = before.clone();
    values::merge(&mut merged, &owned.patch);
    check_kept(cluster, &before, &merged)?;
    let token = place_peers(plan, cluster, owned, &mut merged);
    let block = yaml::write(&merged);
    let context = JsonPatch {
        uid: current.and_then(|current| current.uid.as_deref()),
        current: current
            .and_then(|current| current.block.as_deref())
            .unwrap_or_default(),
        block: &block,
    };
    let text = render::JSON_PATCH.fill(context)?;
    splice(text, token.as_deref(), cluster, entries, Layout::JsonPatch)
}

/// The values with a patch merged in, once it is sure that nothing else has changed.
pub(super) fn merged(
    cluster: &ClusterPlan<'_>,
    before: Option<&Value>,
    patch: &Value,
) -> Result<Value, PatchError> {
    let mut merged = before.cloned().unwrap_or_default();
    values::merge(&mut merged, patch);
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

/// Puts the peer list into the tree: as it is where it is short, or as a word that is replaced in the
/// text by entries made once. The word is one that the values do not hold.
fn place_peers(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    owned: &OwnedValues,
    tree: &mut Value,
) -> Option<String> {
    let (list, token) = match owned.peers {
        PeerList::Untouched => return None,
        PeerList::CurrentWithoutUnknown => (values::current_known_peers(plan, cluster), None),
        PeerList::Planned if cluster.peers.is_empty() => (Value::Array(Vec::new()), None),
        PeerList::Planned => {
            tree["clustermesh"]["config"]["clusters"] = Value::Null;
            let token = unused_word(&tree.to_string());
            (Value::from(token.clone()), Some(token))
        }
    };
    tree["clustermesh"]["config"]["clusters"] = list;
    token
}

fn unused_word(text: &str) -> String {
    let mut word = "meshgen-peers".to_owned();
    while text.contains(&word) {
        word.push('x');
    }
    word
}

/// Replaces the word that stands for the peers by their entries.
fn splice(
    text: String,
    token: Option<&str>,
    cluster: &ClusterPlan<'_>,
    entries: &PeerEntries,
    layout: Layout,
) -> Result<Text, PatchError> {
    let Some(token) = token else {
        return Ok(text.into());
    };
    let newline = match layout {
        Layout::MergePatch => "\n".to_owned(),
        Layout::JsonPatch => json_body("\n"),
    };
    let (head, tail) = text
        .split_once(&format!(" {token}{newline}"))
        .unwrap_or((&text, ""));
    let mut pieces: Vec<Arc<str>> = vec![head.into(), newline.into()];
    for peer in &cluster.peers {
        pieces.push(entries.text(peer, layout)?);
    }
    pieces.push(tail.into());
    Ok(Text(pieces))
}
