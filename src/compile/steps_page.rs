//! STEPS.md: the index as people read it.

use serde::Serialize;

use super::index::{Action, ClusterIndex, Index, Step};
use super::kubectl::{RunIn, UNKNOWN_SEED};
use super::lines;
use super::plan::Phase;
use crate::model::{Rotation, Stage, Trust};
use crate::render::{self, TemplateError};

/// What STEPS.md says beside the index.
#[derive(Debug, Clone)]
pub(crate) struct Beside<'a> {
    /// Name of the cluster whose steps come first.
    pub first: Option<&'a str>,
    /// File name of mesh.yaml.
    pub mesh_file: &'a str,
    /// Where the commands are run.
    pub at: RunIn<'a>,
    /// The clusters asked for, by name; empty for all.
    pub clusters: &'a [String],
    /// Whether there is a steps.sh.
    pub has_script: bool,
    /// Folders of clusters whose `dumps` names files, each with its cluster.
    pub unread_folders: Vec<(&'a str, &'a str)>,
    /// What the firewall rules leave out, in sentences.
    pub firewall_gaps: Vec<String>,
    /// Commands that print a digest of each cluster's IPsec key, where nodes encrypt by IPsec.
    pub ipsec_keys: Vec<String>,
    /// The rotation of the CA, where one is under way.
    pub rotation: Option<&'a Rotation>,
}

/// Context of `templates/steps.md.j2`.
#[derive(Serialize)]
struct StepsPage<'a> {
    /// Name of the mesh.
    mesh: &'a str,
    /// What is disturbed, in sentences.
    warnings: Vec<String>,
    has_script: bool,
    /// The command that compiles again.
    render: String,
    /// The clusters: the one whose CA is shared first, then by ID, those that leave last.
    clusters: Vec<ClusterSteps<'a>>,
    /// What the firewall rules leave out.
    firewall_gaps: &'a [String],
    /// Commands that show whether the IPsec keys are the same, in lines.
    ipsec_keys: Vec<Vec<String>>,
    /// What is left to do once every cluster has the next CA.
    rotation_end: Vec<&'static str>,
    /// Whether nothing is left to do.
    is_done: bool,
    /// What is not reached yet.
    next_words: &'static str,
    folders: Vec<ClusterFolder<'a>>,
}

#[derive(Serialize)]
struct ClusterSteps<'a> {
    name: &'a str,
    id: i64,
    kkp: &'a str,
    cilium: &'a str,
    phase: &'static str,
    /// What it has after these steps, in a sentence.
    headline: String,
    /// What else is to be known.
    notes: Vec<&'static str>,
    /// What brings it there.
    steps: Vec<Numbered<'a>>,
    /// What shows that all is well, once every cluster and firewall is done.
    checks: Vec<Numbered<'a>>,
    missing: Vec<String>,
}

/// A step with its number in steps.sh and its place in the guide.
#[derive(Serialize)]
struct Numbered<'a> {
    number: usize,
    guide: u8,
    action: &'static str,
    why: &'a str,
    /// The command, in lines that can be read.
    lines: Vec<String>,
}

#[derive(Serialize)]
struct ClusterFolder<'a> {
    cluster: &'a str,
    path: &'a str,
}

/// Writes STEPS.md.
///
/// # Errors
/// If a name holds what the page cannot show.
pub(crate) fn steps_page(index: &Index, beside: &Beside<'_>) -> Result<String, TemplateError> {
    let asked = |cluster: &&ClusterIndex| {
        beside.clusters.is_empty() || beside.clusters.contains(&cluster.name)
    };
    let clusters: Vec<&ClusterIndex> = in_order(&index.clusters, beside.first)
        .into_iter()
        .filter(asked)
        .collect();
    let is_done = clusters.iter().all(|cluster| is_done(cluster));
    let is_whole = clusters
        .iter()
        .all(|cluster| cluster.phase >= Phase::Mesh && cluster.missing.is_empty());
    let pages = clusters.iter().enumerate();
    let folders = beside.unread_folders.iter();
    let page = StepsPage {
        mesh: &index.mesh,
        warnings: clusters
            .iter()
            .filter_map(|cluster| warning(cluster))
            .collect(),
        has_script: beside.has_script,
        render: format!("meshgen render {} -o .", beside.at.path(beside.mesh_file)),
        clusters: pages
            .map(|(at, cluster)| cluster_steps(cluster, at == 0))
            .collect(),
        firewall_gaps: &beside.firewall_gaps,
        ipsec_keys: beside
            .ipsec_keys
            .iter()
            .map(|command| lines::of_command(command))
            .collect(),
        rotation_end: rotation_end(beside.rotation),
        is_done,
        next_words: match is_whole {
            true => "With these steps the mesh is complete.",
            false => "The mesh is not complete yet.",
        },
        folders: folders
            .map(|&(cluster, path)| ClusterFolder { cluster, path })
            .collect(),
    };
    Ok(lines::of_page(&render::STEPS.fill(page)?))
}

/// What a person does when the rotation has gone through all clusters: nothing but mesh.yaml is left to be changed.
fn rotation_end(rotation: Option<&Rotation>) -> Vec<&'static str> {
    let Some(rotation) = rotation.filter(|rotation| rotation.stage == Stage::Done) else {
        return Vec::new();
    };
    let mut left = vec![
        "The CA rotation is done: every cluster has the CA of `ca.next`. In mesh.yaml make it the `cert` and `key` of `ca`, and remove `ca.next`.",
    ];
    if !rotation.keeps_key() {
        left.push(
            "If the old key was stolen, destroy what is left of it: the file `ca.key` of the old CA, the folders `before/` in the dumps of all clusters, and backups of both.",
        );
    }
    left
}

/// Whether a cluster is as it is wanted, and nothing is missing.
pub(crate) fn is_done(cluster: &ClusterIndex) -> bool {
    cluster.changed == Some(false)
        && cluster.phase >= Phase::Mesh
        && cluster.missing.is_empty()
        && cluster.steps.iter().all(|step| !disturbs(step))
}

fn disturbs(step: &Step) -> bool {
    matches!(step.action, Action::Patch | Action::Wait | Action::Restart)
}

/// The clusters in the order in which their steps are run: the one named `first`, then by ID; those that leave last.
pub(crate) fn in_order<'i>(
    clusters: &'i [ClusterIndex],
    first: Option<&str>,
) -> Vec<&'i ClusterIndex> {
    let mut clusters: Vec<&ClusterIndex> = clusters.iter().collect();
    clusters.sort_by_key(|cluster| {
        let is_leaving = cluster.phase == Phase::Left;
        (is_leaving, Some(cluster.name.as_str()) != first, cluster.id)
    });
    clusters
}

/// What the steps of a cluster restart.
fn warning(cluster: &ClusterIndex) -> Option<String> {
    let restarts = cluster
        .steps
        .iter()
        .filter(|step| step.action == Action::Restart);
    let mut parts: Vec<&str> = restarts
        .map(|step| {
            let is = |what: &str| step.command.contains(what);
            match () {
                () if is("deployment/cilium-operator") => "the operator",
                () if is("daemonset/cilium") => "the agents",
                () if is("deployment/clustermesh-apiserver") => "clustermesh-apiserver",
                () => "every workload whose pods have an identity of before",
            }
        })
        .collect();
    let last = parts.pop()?;
    let list = match parts.as_slice() {
        [] => last.to_owned(),
        some => format!("{} and {last}", some.join(", ")),
    };
    Some(format!("**{} restarts {list}.**", cluster.name))
}

fn cluster_steps(cluster: &ClusterIndex, is_first: bool) -> ClusterSteps<'_> {
    let numbered = |checks: bool| {
        let steps = cluster.steps.iter().zip(1..);
        let chosen = steps.filter(move |(step, _)| (step.action == Action::Check) == checks);
        chosen.map(|(step, number)| Numbered {
            number,
            guide: guide_step(step.action, cluster.phase, is_first),
            action: step.action.as_str(),
            why: &step.why,
            lines: lines::of_command(&step.command),
        })
    };
    let missing = cluster.missing.iter();
    ClusterSteps {
        name: &cluster.name,
        id: cluster.id,
        kkp: &cluster.kkp,
        cilium: &cluster.cilium,
        phase: match cluster.phase {
            Phase::None => "not read yet",
            phase => phase.as_str(),
        },
        headline: headline(cluster),
        notes: notes(cluster),
        steps: numbered(false).collect(),
        checks: numbered(true).collect(),
        missing: missing
            .map(|missing| format!("{} of {}", missing.fact.in_words(), missing.of))
            .collect(),
    }
}

/// What changes, and what the cluster has then.
fn headline(cluster: &ClusterIndex) -> String {
    let is_in_place = cluster.changed == Some(false);
    match (cluster.phase, is_in_place) {
        (Phase::None, _) => {
            "Nothing can be made for it yet: dump it first, with `sh dump.sh`.".to_owned()
        }
        (Phase::Left, true) => {
            "It is out of the mesh: its entry in mesh.yaml may be deleted.".to_owned()
        }
        (_, true) if cluster.steps.iter().any(disturbs) => {
            "Its values are as they are wanted; restarts of before are still due.".to_owned()
        }
        (Phase::Mesh, true) => "It is as it is wanted: nothing is to be changed here.".to_owned(),
        (_, true) => {
            "It is done as far as it goes: nothing is to be changed here until more is known."
                .to_owned()
        }
        (phase, false) => {
            let reaches = match phase {
                Phase::None | Phase::Bootstrap => {
                    "it has its name, its ID and a clustermesh-apiserver, and no new peers"
                }
                Phase::Join => "it has the peers that are known",
                Phase::Mesh => "it has all its peers",
                Phase::Left => "it is out of the mesh",
            };
            let change = cluster.steps.iter().find(|step| {
                let file = step.file.as_deref().unwrap_or_default();
                file.contains("/20-")
            });
            match change {
                Some(step) => format!("**The patch {}.** After these steps {reaches}.", step.why),
                None => format!("After these steps {reaches}."),
            }
        }
    }
}

fn notes(cluster: &ClusterIndex) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if cluster.phase == Phase::Left && cluster.trust == Trust::SharedCa {
        notes.push(
            "Its Secret `cilium-ca` still holds the key of the mesh's CA. Only a rotation of that CA shuts out a cluster that is no longer trusted.",
        );
    }
    if cluster.changed.is_none() && cluster.phase != Phase::None {
        notes.push("No dump tells whether it has these values already.");
    }
    if cluster
        .steps
        .iter()
        .any(|step| step.command.contains(UNKNOWN_SEED))
    {
        notes.push(
            "Its KKP Cluster object is made on the seed. Put the context of the seed in the place of `SEED`, or give `seed: {context: NAME}` in mesh.yaml and render again.",
        );
    }
    notes
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
