//! A cluster's values in other forms than a patch, for people and pipelines that do not patch.

use serde::Serialize;
use serde_json::{Map, Value};

use super::kubectl::{self, Dump};
use super::owned::{Change, changes};
use super::patch::{self, PatchError};
use super::peers;
use super::plan::{ClusterPlan, Plan};
use super::values::{self, OwnedValues, PeerList};
use crate::profile::kkp::Form;
use crate::render::{self, Template};
use crate::yaml;

/// What a cluster's values are written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum As {
    /// A merge patch or a JSON Patch, for kubectl
    #[default]
    Patch,
    /// The Helm values that the mesh adds, alone
    Values,
    /// The whole ApplicationInstallation, for GitOps
    Manifest,
    /// What to paste into KKP's dashboard
    Fragment,
}

impl As {
    /// Its name, which is also the kind of its file in index.json.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Values => "values",
            Self::Manifest => "manifest",
            Self::Fragment => "fragment",
        }
    }

    fn template(self) -> &'static Template {
        match self {
            Self::Patch | Self::Values => &render::VALUES,
            Self::Manifest => &render::MANIFEST,
            Self::Fragment => &render::FRAGMENT,
        }
    }
}

/// Context of `templates/values.yaml.j2`, `manifest.yaml.j2` and `fragment.yaml.j2`.
#[derive(Serialize)]
struct FormFile<'a> {
    /// The cluster's name.
    cluster: &'a str,
    /// Whether the current values are known.
    known: bool,
    /// Owned paths whose value changes.
    overwrites: Vec<String>,
    /// Owned paths whose value goes.
    removes: Vec<String>,
    /// The values or the object, as YAML.
    text: String,
}

/// A file of another form, and whether it holds, or may hold, key material.
///
/// # Errors
/// If a template fails, if it would touch what meshgen does not own, or if the whole object is wanted and not known.
pub fn file(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    form: As,
) -> Result<(String, bool), PatchError> {
    let owned = values::owned(plan, cluster);
    let mut patch = owned.patch.clone();
    if let Some(list) = peer_list(plan, cluster, &owned) {
        patch["clustermesh"]["config"]["clusters"] = list;
    }
    let current = cluster.cluster.current.as_ref();
    let before = current.map(|current| current.values());
    let merged = patch::merged(cluster, before, &patch)?;
    let repeats = before.is_some() && form != As::Values;
    let secret = repeats
        || owned.holds_key
        || owned.peers == PeerList::CurrentWithoutUnknown
        || cluster.carries_peer_keys();
    let changes = match before {
        Some(before) => changes(before, &merged),
        None => removed_by(&patch),
    };
    let text = match form {
        As::Manifest => yaml::write(&manifest(cluster, &merged)?),
        As::Fragment if before.is_some() => yaml::write(&merged),
        As::Patch | As::Values | As::Fragment => yaml::write(&without_nulls(&patch)),
    };
    let paths = |wanted: Change| {
        let found = changes.iter().filter(move |(_, change)| *change == wanted);
        found.map(|(path, _)| path.clone()).collect()
    };
    let context = FormFile {
        cluster: cluster.cluster.name(),
        known: before.is_some(),
        overwrites: paths(Change::Overwritten),
        removes: paths(Change::Removed),
        text,
    };
    Ok((form.template().fill(context)?, secret))
}

fn peer_list(plan: &Plan<'_>, cluster: &ClusterPlan<'_>, owned: &OwnedValues) -> Option<Value> {
    match owned.peers {
        PeerList::Untouched => None,
        PeerList::CurrentWithoutUnknown => Some(values::current_known_peers(plan, cluster)),
        PeerList::Planned => Some(cluster.peers.iter().map(|peer| peers::data(peer)).collect()),
    }
}

/// What a patch removes where nobody knows whether it is there.
fn removed_by(patch: &Value) -> Vec<(String, Change)> {
    let removed = |path: &&str| crate::model::at_path(patch, path).is_some_and(Value::is_null);
    let paths = [values::VALUES_CA].into_iter().filter(removed);
    paths
        .map(|path| (path.to_owned(), Change::Removed))
        .collect()
}

/// Values that add and replace: in Helm's a null would delete a default of the chart.
fn without_nulls(value: &Value) -> Value {
    let Value::Object(entries) = value else {
        return value.clone();
    };
    let kept = entries.iter().filter(|(_, value)| !value.is_null());
    kept.map(|(key, value)| (key.clone(), without_nulls(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// The dumped object with other values, without what the API server and KKP's controllers write into it.
fn manifest(cluster: &ClusterPlan<'_>, values: &Value) -> Result<Value, PatchError> {
    let target = cluster.cluster;
    let current = target.current.as_ref().ok_or_else(|| PatchError::Unknown {
        cluster: target.name().to_owned(),
        command: kubectl::dump(target, Dump::Current),
    })?;
    let mut object = current.object.clone();
    if let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|key, _| {
            ["name", "namespace", "labels", "annotations"].contains(&key.as_str())
        });
        if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    match cluster.form {
        Form::Values => object["spec"]["values"] = values.clone(),
        Form::Block => object["spec"]["valuesBlock"] = yaml::write(values).into(),
    }
    Ok(object)
}
