//! `meshgen plan`: what applying would change and restart in each cluster, what is missing, and what is next.
//!
//! Everything is worked out from the compiled clusters, which `render` writes too, so the two cannot disagree.

mod certificates;
mod diff;
mod disturbance;
mod peers;
mod restarts;
mod rotation;
pub(crate) mod text;
mod values;

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::compile::compiled::Compiled;
use crate::compile::index::{Action, ClusterIndex, MissingFact};
use crate::compile::kubectl::quoted;
use crate::compile::plan::{Phase, Plan};
use crate::compile::wanted::WantedValues;
use crate::output::{Memory, Options, Output, OutputError};
use crate::source::Sources;

pub(crate) use certificates::Ends;
pub(crate) use peers::PeerChanges;
pub(crate) use restarts::Restart;
pub(crate) use rotation::RotationPreview;
pub(crate) use values::ValueChange;

/// What applying would change in a mesh.
#[derive(Serialize)]
pub(crate) struct Preview {
    /// Form of this document: 1.
    version: u32,
    /// Name of the mesh.
    mesh: String,
    /// Whether anything is to be done, or missing.
    pub(crate) changes: bool,
    /// How far the rotation of the CA is, where one is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<RotationPreview>,
    /// The clusters, as they stand in mesh.yaml.
    pub(crate) clusters: Vec<ClusterPreview>,
    /// What to do next.
    pub(crate) next: String,
}

/// What applying would change in one cluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClusterPreview {
    name: String,
    id: i64,
    kkp: String,
    cilium: String,
    phase: Phases,
    /// Whether applying would change anything; null where no dump tells.
    pub(crate) changed: Option<bool>,
    /// Whether the Secret `cilium-ca` is to be applied.
    ca_secret: bool,
    peers: PeerChanges,
    /// Other values that change.
    values: Vec<ValueChange>,
    restarts: Vec<Restart>,
    /// What the change disturbs in the mesh beyond these restarts: a new name or ID, an upgrade of Cilium.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disturbs: Vec<String>,
    /// The peers that it loses meanwhile, and they it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    loses: Vec<String>,
    pub(crate) missing: Vec<MissingFact>,
    /// The certificate that ends soonest.
    soonest_end: Option<Ends>,
    /// The values from today's to wanted, as a unified diff, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

impl Preview {
    /// The same with every text of a user or a dump as it may be shown.
    pub(crate) fn shown(mut self, sources: &Sources) -> Self {
        let clean = |text: &mut String| *text = sources.shown(text);
        clean(&mut self.mesh);
        for cluster in &mut self.clusters {
            clean(&mut cluster.name);
            cluster.peers.each_text(clean);
            let values = std::mem::take(&mut cluster.values).into_iter();
            cluster.values = values.map(|value| value.shown(sources)).collect();
            cluster
                .restarts
                .iter_mut()
                .for_each(|one| clean(&mut one.why));
            cluster.disturbs.iter_mut().for_each(clean);
            cluster.loses.iter_mut().for_each(clean);
            for missing in &mut cluster.missing {
                missing.of = sources.shown(&missing.of).into();
                missing.command = sources.shown(&missing.command).into();
            }
            // The only text of several lines; YAML has escaped what users' texts hold.
            if let Some(diff) = &mut cluster.diff {
                *diff = sources.shown_lines(diff);
            }
        }
        self
    }
}

/// How far a cluster is.
#[derive(Serialize)]
struct Phases {
    /// As its current values tell; null where no dump tells.
    now: Option<Phase>,
    /// What applying brings it to.
    reachable: Phase,
}

/// Works out what applying would change. `with_diff` adds the values line by line, keys hidden. `mesh_file` is the mesh file and
/// `mesh_folder` its folder, as commands are to name them.
///
/// # Errors
/// If a file of a cluster cannot be made.
pub(crate) fn preview(
    plan: &Plan<'_>,
    with_diff: bool,
    mesh_file: &Path,
    mesh_folder: &str,
) -> Result<Preview, OutputError> {
    let options = Options {
        mesh_folder,
        ..Options::default()
    };
    let output = Output::new(plan, options);
    let clusters = plan.clusters.iter().map(|planned| {
        let entry = output.cluster(planned, &Memory::default())?.index;
        let compiled = Compiled::new(plan, planned);
        cluster(&compiled, entry, with_diff)
    });
    let clusters = clusters.collect::<Result<Vec<_>, OutputError>>()?;
    let is_open = |cluster: &ClusterPreview| {
        cluster.changed != Some(false)
            || !cluster.missing.is_empty()
            || !cluster.restarts.is_empty()
    };
    Ok(Preview {
        version: 1,
        mesh: plan.mesh.name.clone(),
        changes: clusters.iter().any(is_open),
        rotation: RotationPreview::of(plan),
        next: next(&clusters, mesh_file),
        clusters,
    })
}

fn cluster(
    compiled: &Compiled<'_, '_>,
    entry: ClusterIndex,
    with_diff: bool,
) -> Result<ClusterPreview, OutputError> {
    let planned = compiled.cluster;
    let wanted = WantedValues::new(compiled)?;
    let by_step = entry
        .steps
        .iter()
        .filter(|step| step.action == Action::Restart);
    let is_known = wanted.before.is_some();
    let changed = compiled.changed;
    let disturbances = disturbance::all(compiled);
    Ok(ClusterPreview {
        phase: Phases {
            now: is_known.then(|| phase_now(compiled)),
            reachable: entry.phase,
        },
        changed,
        ca_secret: compiled.secret_ca.is_some(),
        peers: peers::compare(&wanted),
        values: values::compare(&wanted),
        restarts: restarts::all(compiled, &wanted, by_step),
        disturbs: disturbances.said,
        loses: disturbances.loses,
        soonest_end: certificates::soonest(compiled),
        diff: (with_diff && planned.phase != Phase::None).then(|| diff::unified(&wanted)),
        name: entry.name,
        id: entry.id,
        kkp: entry.kkp,
        cilium: entry.cilium,
        missing: entry.missing,
    })
}

/// How far the current values are.
fn phase_now(compiled: &Compiled<'_, '_>) -> Phase {
    let cluster = compiled.cluster.cluster;
    let is_on = cluster.current_value("clustermesh.useAPIServer") == Some(&Value::Bool(true));
    let has_id = cluster.current_value("cluster.id").and_then(Value::as_i64);
    if !is_on || has_id.is_none_or(|id| id == 0) {
        return Phase::None;
    }
    let peers = cluster.current.iter().flat_map(|current| current.peers());
    let known = peers
        .filter(|peer| crate::compile::values::is_peer(compiled.plan, compiled.cluster, peer.name));
    match known.count() {
        count if count + 1 >= compiled.plan.mesh.members().count() => Phase::Mesh,
        0 => Phase::Bootstrap,
        _ => Phase::Join,
    }
}

fn next(clusters: &[ClusterPreview], mesh_file: &Path) -> String {
    let is_missing = clusters.iter().any(|cluster| !cluster.missing.is_empty());
    let is_open = clusters
        .iter()
        .any(|cluster| cluster.changed != Some(false) || !cluster.restarts.is_empty());
    let can_be_made = clusters
        .iter()
        .any(|cluster| cluster.changed != Some(false) && cluster.phase.reachable != Phase::None);
    match (can_be_made && is_open, is_missing) {
        (true, _) => format!("{}, then sh {}/steps.sh", render(mesh_file), out(mesh_file)),
        (false, true) => format!(
            "sh {}/dump.sh ({} writes it), then this command again",
            out(mesh_file),
            render(mesh_file)
        ),
        (false, false) => format!(
            "nothing to do; whether the mesh is healthy: sh {0}/steps.sh saves what the clusters say, and meshgen verify {1} --checks {0}/checks reads it",
            out(mesh_file),
            quoted(&mesh_file.to_string_lossy())
        ),
    }
}

/// The command that renders a mesh file into the folder `out` beside it.
fn render(mesh_file: &Path) -> String {
    if mesh_file == Path::new("mesh.yaml") {
        return "meshgen render -o out".to_owned();
    }
    let file = mesh_file.to_string_lossy();
    format!("meshgen render {} -o {}", quoted(&file), out(mesh_file))
}

/// The folder `out` beside a mesh file, as a shell word.
fn out(mesh_file: &Path) -> String {
    let folder = mesh_file.with_file_name("out");
    quoted(&folder.to_string_lossy())
}
