//! The whole ApplicationInstallation, for GitOps.

use serde_json::Value;

use super::{Form, FormFile, Whole};
use crate::compile::compiled::Compiled;
use crate::compile::index::FileKind;
use crate::compile::kubectl::{Dump, RunIn};
use crate::compile::patch::PatchError;
use crate::compile::peers::PeerEntries;
use crate::compile::plan::ClusterPlan;
use crate::profile::releases::ValuesField;
use crate::render;
use crate::yaml;

pub(super) struct AsManifest;

impl Form for AsManifest {
    fn name(&self) -> &'static str {
        "manifest"
    }

    fn help(&self) -> &'static str {
        "The whole ApplicationInstallation, for GitOps"
    }

    fn kind(&self) -> FileKind {
        FileKind::Manifest
    }

    fn file(&self, compiled: &Compiled<'_, '_>, _: &PeerEntries) -> Result<FormFile, PatchError> {
        let whole = Whole::new(compiled)?;
        let object = object(compiled.cluster, &whole.wanted.merged)?;
        let known = whole.wanted.before.is_some();
        whole.page(&render::MANIFEST, yaml::write(&object), known)
    }
}

/// The dumped object with other values, without what the API server and KKP's controllers write into it.
fn object(cluster: &ClusterPlan<'_>, values: &Value) -> Result<Value, PatchError> {
    let target = cluster.cluster;
    let current = target.current.as_ref().ok_or_else(|| PatchError::Unknown {
        cluster: target.name().to_owned(),
        command: RunIn::OUTPUT.dump(target, Dump::Current),
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
        ValuesField::Values => object["spec"]["values"] = values.clone(),
        ValuesField::Block => object["spec"]["valuesBlock"] = yaml::write(values).into(),
    }
    Ok(object)
}
