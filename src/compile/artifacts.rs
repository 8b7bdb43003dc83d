//! The files of each cluster, made one cluster at a time: a mesh of 255 with inline certificates is
//! over a hundred megabytes, and no more than one cluster of it is ever held.

use serde::Serialize;

use super::forms::{self, As};
use super::index::{ClusterFile, ClusterIndex, MissingFact};
use super::patch::{self, PatchError, Text};
use super::peers::PeerEntries;
use super::plan::{ClusterPlan, Phase, Plan};
use super::services;
use super::shared_ca;
use super::steps::{self, Files};
use crate::profile::kkp::Form;
use crate::render;

/// One file of a cluster.
pub struct Artifact {
    /// Path in the output folder.
    pub path: String,
    /// Its text.
    pub text: Text,
    /// `secret`, `patch` or `services`.
    pub kind: &'static str,
    /// `merge` or `json` for a patch.
    pub patch_type: Option<&'static str>,
    /// Whether it holds, or may hold, key material.
    pub secret: bool,
}

impl Artifact {
    /// Its entry in the index, with the digest of its bytes.
    pub fn entry(&self, sha256: String) -> ClusterFile {
        ClusterFile {
            path: self.path.clone(),
            kind: self.kind.to_owned(),
            patch_type: self.patch_type.map(str::to_owned),
            secret: self.secret,
            sha256,
        }
    }
}

/// Context of `templates/cilium-ca.secret.yaml.j2`.
#[derive(Serialize)]
struct CaSecret<'a> {
    /// Base64 of the certificate's PEM.
    cert: &'a str,
    /// Base64 of the key's PEM.
    key: &'a str,
}

/// Makes the files of one cluster, in the order of application.
///
/// # Errors
/// If a template fails or a patch would touch what it must not.
pub fn of_cluster(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    entries: &PeerEntries,
    form: As,
) -> Result<Vec<Artifact>, PatchError> {
    let mut artifacts = Vec::new();
    if cluster.phase == Phase::None {
        return Ok(artifacts);
    }
    let folder = format!("clusters/{}", cluster.cluster.name());
    if let Some(ca) = shared_ca::secret_to_apply(plan, cluster) {
        let context = CaSecret {
            cert: ca.cert.value.pem_base64(),
            key: ca.key.value.pem_base64().expose(),
        };
        artifacts.push(Artifact {
            path: format!("{folder}/10-cilium-ca.secret.yaml"),
            text: render::CA_SECRET.fill(context)?.into(),
            kind: "secret",
            patch_type: None,
            secret: true,
        });
    }
    artifacts.push(if form == As::Patch {
        patch_artifact(plan, cluster, entries, &folder)?
    } else {
        let (text, secret) = forms::file(plan, cluster, form)?;
        Artifact {
            path: format!("{folder}/20-{}.yaml", form.name()),
            text: text.into(),
            kind: form.name(),
            patch_type: None,
            secret,
        }
    });
    if let Some(text) = services::file(plan.mesh, cluster)? {
        artifacts.push(Artifact {
            path: format!("{folder}/30-services.yaml"),
            text: text.into(),
            kind: "services",
            patch_type: None,
            secret: false,
        });
    }
    Ok(artifacts)
}

fn patch_artifact(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    entries: &PeerEntries,
    folder: &str,
) -> Result<Artifact, PatchError> {
    let patch = patch::patch(plan, cluster, entries)?;
    let extension = match cluster.form {
        Form::Values => "yaml",
        Form::Block => "json",
    };
    Ok(Artifact {
        path: format!("{folder}/20-patch.{extension}"),
        text: patch.text,
        kind: "patch",
        patch_type: Some(steps::patch_type(cluster.form)),
        secret: patch.secret,
    })
}

/// The index entry of a cluster whose files were made.
pub fn index_entry(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    files: Vec<ClusterFile>,
) -> ClusterIndex {
    let path = |kind: &str| {
        let found = files.iter().find(|file| file.kind == kind);
        found.map(|file| file.path.as_str())
    };
    let made = Files {
        secret: path("secret"),
        patch: path("patch"),
        manifest: path("manifest"),
        by_hand: path("values").or(path("fragment")),
        services: path("services"),
    };
    let steps = steps::steps(plan, cluster, &made);
    ClusterIndex {
        files,
        steps,
        ..facts(plan, cluster)
    }
}

/// The index entry of a cluster without files and steps.
pub fn facts(plan: &Plan<'_>, cluster: &ClusterPlan<'_>) -> ClusterIndex {
    let target = cluster.cluster;
    let version = |text: Option<String>| text.unwrap_or_default();
    ClusterIndex {
        name: target.name().to_owned(),
        id: cluster.id,
        kkp: version(target.kkp.as_ref().map(|kkp| kkp.value.version.to_string())),
        cilium: version(target.cilium_version().map(|version| version.to_string())),
        phase: cluster.phase,
        form: match cluster.form {
            Form::Values => "values",
            Form::Block => "valuesBlock",
        }
        .to_owned(),
        trust: plan.mesh.trust.value.as_str().to_owned(),
        missing: cluster
            .missing
            .iter()
            .map(|missing| MissingFact {
                fact: missing.fact.to_owned(),
                of: plan.mesh.clusters[missing.of].name().to_owned(),
                command: missing.command.clone(),
            })
            .collect(),
        files: Vec::new(),
        steps: Vec::new(),
    }
}
