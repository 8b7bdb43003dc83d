//! What a cluster's values are written as: a patch, or another form for people and pipelines that do not patch.
//!
//! A form is one file here, and one line of [`FORMS`]: `--as` and its help take them from there. Its steps and its tests are
//! written by hand; docs/architecture.md lists them.

mod fragment;
mod initial_values;
mod manifest;
mod patch;
mod values;

use serde::Serialize;
use serde_json::{Map, Value};

use super::artifact::{Artifact, Content};
use super::compiled::Compiled;
use super::index::{FileKind, PatchType};
use super::owned::{Change, changes};
use super::patch::PatchError;
use super::paths::VALUES_CA;
use super::peers::PeerEntries;
use super::wanted::WantedValues;
use crate::render::Template;

/// A form of a cluster's values.
pub trait Form: Sync {
    /// Its name, as `--as` takes it.
    fn name(&self) -> &'static str;

    /// What it is, for `--help`.
    fn help(&self) -> &'static str;

    /// The kind of its file in index.json.
    fn kind(&self) -> FileKind;

    /// Whether steps.sh can apply it: not what a person merges or pastes.
    fn is_applied(&self) -> bool {
        matches!(self.kind(), FileKind::Patch | FileKind::Manifest)
    }

    /// Whether nothing can be made of a cluster whose current object is not known.
    fn is_whole_object(&self) -> bool {
        self.kind() == FileKind::Manifest
    }

    /// Whether it is for clusters that do not exist yet.
    fn is_birth(&self) -> bool {
        self.kind() == FileKind::InitialValues
    }

    /// Makes the file of one cluster.
    ///
    /// # Errors
    /// If a template fails, if the file would touch what meshgen does not own, or if a fact is missing that this form needs.
    fn file(
        &self,
        compiled: &Compiled<'_, '_>,
        peers: &PeerEntries,
    ) -> Result<FormFile, PatchError>;
}

/// Every form, the default first.
pub static FORMS: &[&dyn Form] = &[
    &patch::AsPatch,
    &values::AsValues,
    &manifest::AsManifest,
    &fragment::AsFragment,
    &initial_values::AsInitialValues,
];

/// The form that is applied with `kubectl patch`.
pub(crate) fn default_form() -> &'static dyn Form {
    &patch::AsPatch
}

/// The form of a name.
pub(crate) fn named(name: &str) -> Option<&'static dyn Form> {
    FORMS.iter().copied().find(|form| form.name() == name)
}

/// The file of a form.
pub struct FormFile {
    /// `yaml` or `json`.
    pub extension: &'static str,
    /// For a patch, its type.
    pub patch_type: Option<PatchType>,
    /// Whether it holds, or may hold, key material.
    pub secret: bool,
    /// What is in it.
    pub content: Content,
}

/// The file of a form as one of a cluster's.
pub(super) fn artifact(
    form: &dyn Form,
    compiled: &Compiled<'_, '_>,
    peers: &PeerEntries,
) -> Result<Artifact, PatchError> {
    let file = form.file(compiled, peers)?;
    let (cluster, name) = (compiled.cluster.cluster.name(), form.name());
    Ok(Artifact {
        path: format!("clusters/{cluster}/20-{name}.{}", file.extension),
        content: file.content,
        kind: form.kind(),
        patch_type: file.patch_type,
        secret: file.secret,
    })
}

/// Context of `templates/values.yaml.j2`, `manifest.yaml.j2` and `fragment.yaml.j2`.
#[derive(Serialize)]
struct FormPage<'a> {
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

/// The values of a cluster, as the forms without a patch need them.
struct Whole<'c> {
    compiled: &'c Compiled<'c, 'c>,
    wanted: WantedValues<'c>,
}

impl<'c> Whole<'c> {
    fn new(compiled: &'c Compiled<'_, '_>) -> Result<Self, PatchError> {
        let wanted = WantedValues::new(compiled)?;
        Ok(Self { compiled, wanted })
    }

    /// What is set, without what is removed: in Helm's values a null would delete a default of the chart.
    fn additions(&self) -> Value {
        without_nulls(&self.wanted.patch)
    }

    /// The file that shows `text`. `repeats`: it holds values that meshgen does not own, which may be secret.
    fn page(
        &self,
        template: &'static Template,
        text: String,
        repeats: bool,
    ) -> Result<FormFile, PatchError> {
        let changes = match self.wanted.before {
            Some(before) => changes(before, &self.wanted.merged),
            None => removed_by(&self.wanted.patch),
        };
        let paths = |wanted: Change| {
            let found = changes.iter().filter(move |(_, change)| *change == wanted);
            found.map(|(path, _)| path.clone()).collect()
        };
        let page = FormPage {
            cluster: self.compiled.cluster.cluster.name(),
            known: self.wanted.before.is_some(),
            overwrites: paths(Change::Overwritten),
            removes: paths(Change::Removed),
            text,
        };
        Ok(FormFile {
            extension: "yaml",
            patch_type: None,
            secret: repeats || self.compiled.may_hold_keys(),
            content: Content::Text(template.fill(page)?),
        })
    }
}

/// What a patch removes where it is not known whether it is there.
fn removed_by(patch: &Value) -> Vec<(String, Change)> {
    let removed = |path: &&str| crate::model::at_path(patch, path).is_some_and(Value::is_null);
    let paths = [VALUES_CA].into_iter().filter(removed);
    paths
        .map(|path| (path.to_owned(), Change::Removed))
        .collect()
}

fn without_nulls(value: &Value) -> Value {
    let Value::Object(entries) = value else {
        return value.clone();
    };
    let kept = entries.iter().filter(|(_, value)| !value.is_null());
    kept.map(|(key, value)| (key.clone(), without_nulls(value)))
        .collect::<Map<_, _>>()
        .into()
}
