//! What the data source answers.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::KEYS_IN_STATE;
use crate::compile::firewall as members;
use crate::compile::index::{Action, ClusterFile, ClusterIndex, MissingFact};
use crate::compile::plan::{Phase, Plan};
use crate::compile::steps_page::in_order;
use crate::firewall::rules::Reachability as Firewall;
use crate::model::{Cluster, Mesh};
use crate::output::{self, Memory, Options, Output, OutputError};
use crate::profile::releases::ValuesField;

/// The answer. All values are strings, since the protocol knows nothing else: what is nested is JSON text, for
/// `jsondecode`.
#[derive(Serialize)]
pub(crate) struct TerraformAnswer {
    /// Name of the mesh.
    mesh: String,
    /// JSON: all clusters, `[{name, id, kkp, cilium, phase, form, trust}]`.
    clusters: String,
    /// `true` or `false`: whether what was asked for has all its peers.
    complete: String,
    /// Whether applying the patches would change anything: `true`, `false`, or `unknown` where no dump tells.
    changed: String,
    /// The phase of the cluster, or the lowest of all.
    phase: String,
    /// JSON: the facts that are missing for more, `[{fact, of, command}]`.
    missing: String,
    /// JSON: the commands to run in the folder that `meshgen render -o` writes, in order, `[{cluster, action, file, command, why}]`.
    steps: String,
    /// JSON: the rules of the mesh, or those to and from the cluster, with the keys of `firewall/rules.json`.
    firewall: String,
    /// JSON: a list of lines.
    warnings: String,
    /// Of the one cluster that was asked for, where it has a patch.
    #[serde(flatten)]
    patch: Option<PatchAnswer>,
}

#[derive(Serialize)]
struct PatchAnswer {
    /// `merge` or `json`.
    patch_type: String,
    /// SHA-256 of the patch, hexadecimal, as in index.json.
    patch_sha256: String,
    /// The patch, unless it holds or may hold a key and the query does not ask for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
}

/// An entry of `clusters`.
#[derive(Serialize)]
struct ClusterFacts<'a> {
    name: &'a str,
    id: i64,
    kkp: &'a str,
    cilium: &'a str,
    phase: Phase,
    form: ValuesField,
    trust: &'static str,
}

/// An entry of `steps`.
#[derive(Serialize)]
struct ClusterStep<'a> {
    cluster: &'a str,
    action: Action,
    file: Option<&'a str>,
    command: &'a str,
    why: &'a str,
}

/// Why there is no answer: a fault of meshgen's, in either case.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    /// A file could not be made.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The answer could not be written as JSON.
    #[error("cannot write the answer: {0}")]
    Json(#[from] serde_json::Error),
}

/// Answers for one cluster, or for all.
///
/// # Errors
/// If a patch cannot be made.
pub(crate) fn answer(
    plan: &Plan<'_>,
    cluster: Option<&Cluster>,
    secrets: bool,
    mut warnings: Vec<String>,
) -> Result<TerraformAnswer, AnswerError> {
    if secrets {
        warnings.insert(0, KEYS_IN_STATE.to_owned());
    }
    let (entries, patch) = made(plan, cluster, secrets)?;
    let phase = entries.iter().map(|entry| entry.phase).min();
    let phase = phase.unwrap_or(Phase::None);
    Ok(TerraformAnswer {
        mesh: plan.mesh.name.clone(),
        clusters: clusters(plan)?,
        complete: (phase >= Phase::Mesh).to_string(),
        changed: changed(&entries),
        phase: phase.as_str().to_owned(),
        missing: missing(&entries)?,
        steps: steps(plan.mesh, &entries)?,
        firewall: rules(plan.mesh, cluster)?,
        warnings: serde_json::to_string(&warnings)?,
        patch,
    })
}

/// The index entries of the clusters that were asked for, and the patch where it was one cluster.
fn made(
    plan: &Plan<'_>,
    cluster: Option<&Cluster>,
    secrets: bool,
) -> Result<(Vec<ClusterIndex>, Option<PatchAnswer>), OutputError> {
    let output = Output::new(plan, Options::default());
    let mut entries = Vec::new();
    let mut patch = None;
    for planned in &plan.clusters {
        if cluster.is_some_and(|cluster| cluster.index != planned.cluster.index) {
            continue;
        }
        let files = Memory::default();
        let entry = output.cluster(planned, &files)?.index;
        if cluster.is_some() {
            let files = files.into_files();
            patch = entry
                .files
                .iter()
                .find_map(|file| of_patch(file, &files, secrets));
        }
        entries.push(entry);
    }
    Ok((entries, patch))
}

fn of_patch(
    file: &ClusterFile,
    files: &BTreeMap<String, Vec<u8>>,
    secrets: bool,
) -> Option<PatchAnswer> {
    let text = || {
        String::from_utf8_lossy(files.get(&file.path)?)
            .into_owned()
            .into()
    };
    Some(PatchAnswer {
        patch_type: file.patch_type?.as_str().to_owned(),
        patch_sha256: file.sha256.clone(),
        patch: (secrets || !file.secret).then(text).flatten(),
    })
}

fn clusters(plan: &Plan<'_>) -> serde_json::Result<String> {
    let facts = output::facts(plan);
    let shown: Vec<_> = facts.iter().map(cluster_facts).collect();
    serde_json::to_string(&shown)
}

fn cluster_facts(entry: &ClusterIndex) -> ClusterFacts<'_> {
    ClusterFacts {
        name: &entry.name,
        id: entry.id,
        kkp: &entry.kkp,
        cilium: &entry.cilium,
        phase: entry.phase,
        form: entry.form,
        trust: entry.trust.as_str(),
    }
}

/// Whether anything is to be changed in what was asked for.
fn changed(entries: &[ClusterIndex]) -> String {
    let all = entries.iter().map(|entry| entry.changed);
    let changed = all.reduce(|all, one| match (all, one) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (None, _) | (_, None) => None,
        _ => Some(false),
    });
    let changed = changed.flatten().map(|changed| changed.to_string());
    changed.unwrap_or_else(|| "unknown".to_owned())
}

/// Each missing fact once, however many clusters want it.
fn missing(entries: &[ClusterIndex]) -> serde_json::Result<String> {
    let mut facts: Vec<&MissingFact> = entries.iter().flat_map(|entry| &entry.missing).collect();
    let mut seen = BTreeSet::new();
    facts.retain(|missing| seen.insert((&missing.fact, &missing.of)));
    serde_json::to_string(&facts)
}

fn steps(mesh: &Mesh, entries: &[ClusterIndex]) -> serde_json::Result<String> {
    let ordered = in_order(entries, mesh.ca_cluster().map(Cluster::name));
    let steps = ordered.into_iter().flat_map(|entry| {
        entry.steps.iter().map(|step| ClusterStep {
            cluster: &entry.name,
            action: step.action,
            file: step.file.as_deref(),
            command: &step.command,
            why: &step.why,
        })
    });
    serde_json::to_string(&steps.collect::<Vec<_>>())
}

fn rules(mesh: &Mesh, cluster: Option<&Cluster>) -> serde_json::Result<String> {
    let members = members::members(mesh);
    let rules = Firewall::new(&members, members::datapath(mesh));
    let permits = rules.permits_for(cluster.map(Cluster::name));
    serde_json::to_string(&permits.map(|permit| rules.rule(permit)).collect::<Vec<_>>())
}
