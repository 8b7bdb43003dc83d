//! STEPS.md: the index for people.

use serde::Serialize;

use super::index::{Action, ClusterIndex, Index};
use super::kubectl::quoted;
use super::plan::Phase;
use crate::render::{self, TemplateError};

/// What STEPS.md says beside the index.
#[derive(Debug, Clone, Default)]
pub struct Beside<'a> {
    /// Name of the cluster whose steps come first.
    pub first: Option<&'a str>,
    /// File name of mesh.yaml.
    pub mesh_file: &'a str,
    /// Folders that dumps are written into and mesh.yaml does not name, each with its cluster.
    pub unnamed_folders: Vec<(&'a str, &'a str)>,
    /// What the firewall rules leave out, in sentences.
    pub firewall_gaps: Vec<String>,
}

/// Context of `templates/steps.md.j2`.
#[derive(Serialize)]
struct StepsPage<'a> {
    /// Name of the mesh.
    mesh: &'a str,
    /// The clusters, the one whose CA is shared first, then by ID.
    clusters: Vec<ClusterSteps<'a>>,
    /// What the firewall rules leave out.
    firewall_gaps: &'a [String],
    /// What comes next, while some cluster does not have all its peers.
    next: Option<Next<'a>>,
}

#[derive(Serialize)]
struct ClusterSteps<'a> {
    name: &'a str,
    id: i64,
    kkp: &'a str,
    cilium: &'a str,
    phase: &'static str,
    /// What it has after these steps, in a sentence.
    reaches: &'static str,
    /// What brings it there.
    steps: Vec<Numbered<'a>>,
    /// What shows that all is well, once every cluster and firewall is done.
    checks: Vec<Numbered<'a>>,
    missing: Vec<String>,
}

/// A step with its place in the guide.
#[derive(Serialize)]
struct Numbered<'a> {
    guide: u8,
    action: &'static str,
    why: &'a str,
    command: &'a str,
}

/// How the next round begins.
#[derive(Serialize)]
struct Next<'a> {
    /// As a shell reads it.
    mesh_file: String,
    folders: Vec<Folder<'a>>,
}

#[derive(Serialize)]
struct Folder<'a> {
    cluster: &'a str,
    path: &'a str,
}

/// Writes STEPS.md.
///
/// # Errors
/// If a name holds what the page cannot show.
pub fn steps_page(index: &Index, beside: &Beside<'_>) -> Result<String, TemplateError> {
    let clusters = in_order(&index.clusters, beside.first);
    let pages = clusters.iter().enumerate();
    let is_done = clusters
        .iter()
        .all(|cluster| cluster.phase == Phase::Mesh && cluster.missing.is_empty());
    let page = StepsPage {
        mesh: &index.mesh,
        clusters: pages
            .map(|(at, cluster)| cluster_steps(cluster, at == 0))
            .collect(),
        firewall_gaps: &beside.firewall_gaps,
        next: (!is_done).then(|| next(beside)),
    };
    render::STEPS.fill(page)
}

/// The clusters in the order in which their steps are run: the one named `first`, then by ID.
pub fn in_order<'i>(clusters: &'i [ClusterIndex], first: Option<&str>) -> Vec<&'i ClusterIndex> {
    let mut clusters: Vec<&ClusterIndex> = clusters.iter().collect();
    clusters.sort_by_key(|cluster| (Some(cluster.name.as_str()) != first, cluster.id));
    clusters
}

fn next<'a>(beside: &Beside<'a>) -> Next<'a> {
    let folders = beside.unnamed_folders.iter();
    Next {
        mesh_file: quoted(beside.mesh_file),
        folders: folders
            .map(|&(cluster, path)| Folder { cluster, path })
            .collect(),
    }
}

fn cluster_steps(cluster: &ClusterIndex, is_first: bool) -> ClusterSteps<'_> {
    let numbered = |checks: bool| {
        let steps = cluster.steps.iter();
        let chosen = steps.filter(move |step| (step.action == Action::Check) == checks);
        chosen.map(|step| Numbered {
            guide: guide_step(step.action, cluster.phase, is_first),
            action: step.action.as_str(),
            why: &step.why,
            command: &step.command,
        })
    };
    let missing = cluster.missing.iter();
    ClusterSteps {
        name: &cluster.name,
        id: cluster.id,
        kkp: &cluster.kkp,
        cilium: &cluster.cilium,
        phase: cluster.phase.as_str(),
        reaches: match cluster.phase {
            Phase::None => "Nothing can be made for it yet",
            Phase::Bootstrap => {
                "After these steps it has its name, its ID and a clustermesh-apiserver, and no new peers"
            }
            Phase::Join => "After these steps it has the peers that are known",
            Phase::Mesh => "After these steps it has all its peers",
        },
        steps: numbered(false).collect(),
        checks: numbered(true).collect(),
        missing: missing
            .map(|missing| format!("{} of {}", missing.fact.name(), missing.of))
            .collect(),
    }
}

/// The guide enables its first cluster (2), looks at it (3), enables the second (4), looks at it (5), gives the first
/// its peer (6), opens firewalls (7) and checks (8).
fn guide_step(action: Action, phase: Phase, is_first: bool) -> u8 {
    match (action, is_first) {
        (Action::Check, _) => 8,
        (Action::Dump, true) => 3,
        (Action::Dump, false) => 5,
        (_, true) if phase == Phase::Bootstrap => 2,
        (_, true) => 6,
        (_, false) => 4,
    }
}
