//! STEPS.md: the index for people.

use serde::Serialize;

use super::index::{ClusterIndex, Index, Step};
use super::plan::Phase;
use crate::render::{self, TemplateError};

/// Context of `templates/steps.md.j2`.
#[derive(Serialize)]
struct StepsPage<'a> {
    /// Name of the mesh.
    mesh: &'a str,
    /// The clusters, the one whose CA is shared first, then by ID.
    clusters: Vec<ClusterSteps<'a>>,
    /// Whether some cluster lacks something.
    incomplete: bool,
}

#[derive(Serialize)]
struct ClusterSteps<'a> {
    name: &'a str,
    id: i64,
    kkp: &'a str,
    cilium: &'a str,
    phase: &'static str,
    guide: &'static str,
    steps: &'a [Step],
    missing: Vec<String>,
}

/// Writes STEPS.md. `first` is the name of the cluster whose steps come first.
///
/// # Errors
/// If a name holds what the page cannot show.
pub fn steps_page(index: &Index, first: Option<&str>) -> Result<String, TemplateError> {
    let clusters = in_order(&index.clusters, first);
    let pages = clusters.iter().enumerate();
    let page = StepsPage {
        mesh: &index.mesh,
        clusters: pages
            .map(|(at, cluster)| cluster_steps(cluster, at == 0))
            .collect(),
        incomplete: clusters.iter().any(|cluster| !cluster.missing.is_empty()),
    };
    render::fill(render::STEPS, page)
}

/// The clusters in the order in which their steps are run: the one named `first`, then by ID.
pub fn in_order<'i>(clusters: &'i [ClusterIndex], first: Option<&str>) -> Vec<&'i ClusterIndex> {
    let mut clusters: Vec<&ClusterIndex> = clusters.iter().collect();
    clusters.sort_by_key(|cluster| (Some(cluster.name.as_str()) != first, cluster.id));
    clusters
}

fn cluster_steps(cluster: &ClusterIndex, is_first: bool) -> ClusterSteps<'_> {
    let guide = match (cluster.phase, is_first) {
        (Phase::None, _) => "nothing yet",
        (Phase::Bootstrap, _) => "2 and 3",
        (Phase::Join | Phase::Mesh, true) => "6",
        (Phase::Join | Phase::Mesh, false) => "4 and 5",
    };
    let missing = cluster.missing.iter();
    ClusterSteps {
        name: &cluster.name,
        id: cluster.id,
        kkp: &cluster.kkp,
        cilium: &cluster.cilium,
        phase: cluster.phase.as_str(),
        guide,
        steps: &cluster.steps,
        missing: missing
            .map(|missing| format!("{} of {}", missing.fact, missing.of))
            .collect(),
    }
}
