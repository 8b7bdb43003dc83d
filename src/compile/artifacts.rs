//! The files of each cluster, made one cluster at a time: a mesh of 255 with inline certificates is
//! over a hundred megabytes, and no more than one cluster of it is ever held.

use serde::Serialize;

use super::artifact::{Artifact, Content};
use super::compiled::Compiled;
use super::forms::{self, Form};
use super::index::{ClusterFile, ClusterIndex, FileKind};
use super::kubectl::RunIn;
use super::missing_facts::MissingFacts;
use super::patch::PatchError;
use super::peers::PeerEntries;
use super::plan::{ClusterPlan, Phase, Plan};
use super::scripts::{self, Probe, ScriptCluster};
use super::services;
use super::steps::{self, ApplicableFiles};
use crate::render::{self, TemplateError};

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
pub(crate) fn of_cluster(
    compiled: &Compiled<'_, '_>,
    peers: &PeerEntries,
    form: &dyn Form,
) -> Result<Vec<Artifact>, PatchError> {
    let mut artifacts = Vec::new();
    if compiled.cluster.phase == Phase::None {
        return Ok(artifacts);
    }
    artifacts.extend(ca_secret(compiled)?);
    artifacts.push(forms::artifact(form, compiled, peers)?);
    artifacts.extend(services_file(compiled)?);
    Ok(artifacts)
}

fn ca_secret(compiled: &Compiled<'_, '_>) -> Result<Option<Artifact>, PatchError> {
    let Some(ca) = compiled.secret_ca else {
        return Ok(None);
    };
    let context = CaSecret {
        cert: ca.cert.value.pem_base64(),
        key: ca.key.value.pem_base64().expose(),
    };
    let text = render::CA_SECRET.fill(context)?;
    let kind = FileKind::Secret;
    Ok(Some(file(compiled, "10-cilium-ca.secret", kind, text)))
}

fn services_file(compiled: &Compiled<'_, '_>) -> Result<Option<Artifact>, PatchError> {
    let text = services::file(compiled.plan.mesh, compiled.cluster)?;
    Ok(text.map(|text| file(compiled, "30-services", FileKind::Services, text)))
}

fn file(compiled: &Compiled<'_, '_>, name: &str, kind: FileKind, text: String) -> Artifact {
    let cluster = compiled.cluster.cluster.name();
    Artifact {
        path: format!("clusters/{cluster}/{name}.yaml"),
        content: Content::Text(text),
        kind,
        patch_type: None,
        secret: kind == FileKind::Secret,
    }
}

/// What is made of a cluster beside its files.
pub struct ClusterParts {
    /// Its entry in the index.
    pub index: ClusterIndex,
    /// Its part in the scripts.
    pub script: ScriptCluster,
}

/// The index entry of a cluster whose files were made, and its part in the scripts. `sums` are those of the files.
///
/// # Errors
/// If the template of a peer refuses a value.
pub(crate) fn made(
    compiled: &Compiled<'_, '_>,
    files: Vec<ClusterFile>,
    sums: scripts::Sums<'_>,
    peers: &PeerEntries,
    missing: &MissingFacts,
    at: RunIn<'_>,
) -> Result<ClusterParts, TemplateError> {
    let path = |kind: FileKind| {
        let found = files.iter().find(|file| file.kind == kind);
        found.map(|file| file.path.as_str())
    };
    let made = ApplicableFiles {
        secret: path(FileKind::Secret),
        patch: path(FileKind::Patch),
        manifest: path(FileKind::Manifest),
        birth: path(FileKind::InitialValues),
        by_hand: path(FileKind::Values).or(path(FileKind::Fragment)),
        services: path(FileKind::Services),
    };
    let planned = steps::steps(compiled, made);
    let has_scripts = made.by_hand.is_none() && made.birth.is_none();
    let cluster = compiled.cluster.cluster;
    let lines = planned.iter().zip(1..);
    let steps = lines.map(|(step, number)| step.line(cluster, number, at, has_scripts));
    let steps = steps.collect();
    let probe = match compiled.is_in_place() {
        true => Probe::default(),
        false => Probe::new(compiled, peers)?,
    };
    let script = scripts::cluster(compiled, &planned, &probe, sums, at);
    let index = ClusterIndex {
        steps,
        changed: compiled.changed,
        ..facts(compiled.plan, compiled.cluster, missing, at)
    };
    Ok(ClusterParts {
        index: ClusterIndex { files, ..index },
        script,
    })
}

/// The index entry of a cluster without files and steps.
pub(crate) fn facts(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    missing: &MissingFacts,
    at: RunIn<'_>,
) -> ClusterIndex {
    let target = cluster.cluster;
    let version = |text: Option<String>| text.unwrap_or_default();
    ClusterIndex {
        name: target.name().to_owned(),
        id: cluster.id,
        kkp: version(target.kkp.as_ref().map(|kkp| kkp.value.version.to_string())),
        cilium: version(target.cilium_version().map(|version| version.to_string())),
        phase: cluster.phase,
        form: cluster.form,
        changed: None,
        trust: plan.mesh.trust.value,
        missing: cluster
            .missing
            .iter()
            .map(|fact| missing.entry(plan, fact, at))
            .collect(),
        files: Vec::new(),
        steps: Vec::new(),
    }
}
