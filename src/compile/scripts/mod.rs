//! dump.sh and steps.sh: what STEPS.md says, to run.

mod probe;

use minijinja::Value as TemplateValue;
use serde::Serialize;

use super::compiled::Compiled;
use super::kubectl::{self, Dump, INSTALLATION, KKP_CLUSTER_FILE, RunIn};
use super::plan::Phase;
use super::step::{Do, Planned};
use super::steps;
use super::wanted;
use crate::model::{Cluster, DueRestart, KubectlTarget, Mesh};
use crate::render::{self, TemplateError};
pub(crate) use probe::Probe;

/// What a run of steps.sh does in one cluster.
#[derive(Debug, Clone, Serialize)]
pub struct ScriptCluster {
    /// Position in mesh.yaml.
    #[serde(skip)]
    index: usize,
    /// Whether it has nothing to wait for.
    #[serde(skip)]
    state: ScriptState,
    /// Number in the script.
    number: usize,
    name: String,
    /// The dumped uid of its ApplicationInstallation; empty where none is known.
    uid: String,
    kubeconfig: Option<PathWord>,
    context: Option<String>,
    /// Where its dumps go; none where mesh.yaml names files.
    folder: Option<PathWord>,
    /// Where what is due is noted; `render` reads it there, whatever `dumps` names.
    notes: PathWord,
    kkp_cluster: Option<String>,
    /// Said where there is nothing to do.
    note: Option<String>,
    steps: Vec<ScriptStep>,
}

/// How far a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScriptState {
    /// It is as it is wanted, with all its peers, and nothing is due.
    Done,
    /// The same, out of the mesh.
    Left,
    /// Its dump is wanted first.
    Unknown,
    /// There is something to do, or to wait for.
    Open,
}

#[derive(Debug, Clone, Serialize)]
struct ScriptStep {
    number: usize,
    action: &'static str,
    why: String,
    /// As index.json has it.
    command: String,
    /// The function of steps.sh and its arguments.
    call: Vec<String>,
}

/// A path, below the folder of mesh.yaml or absolute.
#[derive(Debug, Clone, Serialize)]
struct PathWord {
    below_mesh: bool,
    path: String,
}

impl PathWord {
    fn new(path: &str) -> Self {
        Self {
            below_mesh: !path.starts_with('/'),
            path: path.to_owned(),
        }
    }
}

/// How kubectl is led to the seed.
#[derive(Serialize)]
struct Seed {
    kubeconfig: Option<PathWord>,
    context: Option<String>,
}

/// Context of `templates/common.sh.j2`, `dump.sh.j2` and `steps.sh.j2`.
#[derive(Serialize)]
struct ScriptPage<'a> {
    /// The folder of mesh.yaml as seen from the output folder.
    mesh_folder: &'a str,
    mesh_file: &'a str,
    /// The options of `meshgen render`, each after a blank, so that the next run makes the same files.
    render_options: &'a str,
    /// The filled `common.sh.j2`.
    common: TemplateValue,
    installation: &'static str,
    installation_file: &'static str,
    kkp_file: &'static str,
    seed: Option<Seed>,
    dumps: Vec<DumpWords>,
    clusters: &'a [ScriptCluster],
    /// Whether every cluster is done, so that there is only checking left.
    finished: bool,
    /// Whether some cluster is to be dumped before more can be made.
    needs_dumps: bool,
    /// The names of clusters that are out of the mesh.
    left: String,
}

/// A file of the dumps, and what `kubectl get` is asked for it.
#[derive(Serialize)]
struct DumpWords {
    file: &'static str,
    resource: Vec<&'static str>,
}

/// Where the scripts stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'a> {
    /// The folder of mesh.yaml as seen from the output folder.
    pub mesh_folder: &'a str,
    /// The name of mesh.yaml.
    pub mesh_file: &'a str,
    /// The options that `meshgen render` was given and that make other files, such as ` --as manifest`.
    pub render_options: &'a str,
}

/// dump.sh for these clusters.
///
/// # Errors
/// If a template fails.
pub(crate) fn dump_sh(
    mesh: &Mesh,
    clusters: &[ScriptCluster],
    standing: Standing<'_>,
) -> Result<String, TemplateError> {
    let page = page(mesh, clusters, standing)?;
    render::DUMP_SH.fill(page)
}

/// steps.sh for these clusters.
///
/// # Errors
/// If a template fails.
pub(crate) fn steps_sh(
    mesh: &Mesh,
    clusters: &[ScriptCluster],
    standing: Standing<'_>,
) -> Result<String, TemplateError> {
    let page = page(mesh, clusters, standing)?;
    render::STEPS_SH.fill(page)
}

fn page<'a>(
    mesh: &Mesh,
    clusters: &'a [ScriptCluster],
    standing: Standing<'a>,
) -> Result<ScriptPage<'a>, TemplateError> {
    let is =
        |states: &'static [ScriptState]| move |one: &&ScriptCluster| states.contains(&one.state);
    let left: Vec<&str> = clusters
        .iter()
        .filter(is(&[ScriptState::Left]))
        .map(|one| one.name.as_str())
        .collect();
    let mut page = ScriptPage {
        mesh_folder: standing.mesh_folder,
        mesh_file: standing.mesh_file,
        render_options: standing.render_options,
        common: TemplateValue::UNDEFINED,
        installation: INSTALLATION,
        installation_file: Dump::Current.file(),
        kkp_file: KKP_CLUSTER_FILE,
        seed: mesh.seed.as_ref().map(seed),
        dumps: Dump::ALL.map(dump_words).into(),
        clusters,
        finished: clusters
            .iter()
            .all(|one| is(&[ScriptState::Done, ScriptState::Left])(&one)),
        needs_dumps: clusters.iter().any(|one| is(&[ScriptState::Unknown])(&one)),
        left: left.join(" "),
    };
    page.common = TemplateValue::from_safe_string(render::COMMON_SH.fill(&page)?);
    Ok(page)
}

fn seed(target: &KubectlTarget) -> Seed {
    Seed {
        kubeconfig: target.kubeconfig.as_deref().map(PathWord::new),
        context: target.context.clone(),
    }
}

fn dump_words(dump: Dump) -> DumpWords {
    DumpWords {
        file: dump.file(),
        resource: dump.resource().split(' ').collect(),
    }
}

/// The sum of a file of the output folder, by its path.
pub(crate) type Sums<'s> = &'s dyn Fn(&str) -> String;

/// The part of a cluster in the scripts. `planned` are its steps as index.json has them.
pub(crate) fn cluster(
    compiled: &Compiled<'_, '_>,
    planned: &[Planned<'_>],
    probe: &Probe,
    sums: Sums<'_>,
    at: RunIn<'_>,
) -> ScriptCluster {
    let target = compiled.cluster.cluster;
    let lines = planned.iter().zip(1..).map(|(step, number)| {
        let line = step.line(target, number, at, true);
        ScriptStep {
            number,
            action: step.action.as_str(),
            call: call(compiled, step.what, probe, sums),
            why: line.why,
            command: line.command,
        }
    });
    let current = target.current.as_ref();
    let state = state(compiled);
    ScriptCluster {
        index: target.index,
        state,
        number: 0,
        name: target.name().to_owned(),
        uid: current.and_then(|one| one.uid.clone()).unwrap_or_default(),
        kubeconfig: target.target.kubeconfig.as_deref().map(PathWord::new),
        context: target.target.context.clone(),
        folder: target
            .reads_dump_folder
            .then(|| PathWord::new(&target.dump_folder)),
        notes: PathWord::new(&target.dump_folder),
        kkp_cluster: target.kkp_cluster.clone(),
        note: note(compiled, state),
        steps: lines.collect(),
    }
}

fn state(compiled: &Compiled<'_, '_>) -> ScriptState {
    let cluster = compiled.cluster;
    let is_done = compiled.is_in_place()
        && cluster.missing.is_empty()
        && steps::left_due(compiled).is_empty();
    match (cluster.phase, is_done) {
        (Phase::Left, true) => ScriptState::Left,
        (Phase::Mesh, true) => ScriptState::Done,
        (Phase::None, _) => ScriptState::Unknown,
        _ => ScriptState::Open,
    }
}

fn note(compiled: &Compiled<'_, '_>, state: ScriptState) -> Option<String> {
    let cluster = compiled.cluster;
    let name = cluster.cluster.name();
    match state {
        ScriptState::Done | ScriptState::Left => {
            Some(format!("{name}: done, nothing is to be changed"))
        }
        ScriptState::Unknown => Some(format!("{name}: nothing can be done yet: dump it first")),
        ScriptState::Open if compiled.is_in_place() && !cluster.missing.is_empty() => Some(
            format!("{name}: done as far as it goes, and waits for facts of other clusters"),
        ),
        ScriptState::Open => None,
    }
}

/// The function of steps.sh for a step, with its arguments.
fn call(compiled: &Compiled<'_, '_>, what: Do<'_>, probe: &Probe, sums: Sums<'_>) -> Vec<String> {
    let due = || {
        let made = steps::made_due(compiled).into_iter();
        made.map(|restart| match restart {
            DueRestart::Agents if wanted::restarts_agents(compiled) => {
                format!("{}:itself", restart.name())
            }
            _ => restart.name().to_owned(),
        })
    };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match what {
        Do::KeepCa(new) => words(&["keep_ca", &kubectl::backup_file(new)]),
        Do::Apply(file) => {
            let mut call: Vec<String> = words(&["apply_secret", file, &sums(file)]);
            call.extend(due().filter(|name| *name == DueRestart::Apiserver.name()));
            call
        }
        Do::ApplyServices(file, named) => {
            let namespace = if named { "" } else { "default" };
            words(&["apply_services", file, &sums(file), namespace])
        }
        Do::Patch(kind, file) => send(kind.as_str(), file, probe, sums, due()),
        Do::Replace(file) => send("whole", file, probe, sums, due()),
        Do::Create(..) | Do::Edit => words(&["stop", "this step is for an editor"]),
        Do::Wait => words(&["wait_for_kkp"]),
        Do::WaitForLeaves(secret) => words(&["wait_for_leaves", secret]),
        Do::Restart(DueRestart::Workloads) => workloads(compiled.cluster.cluster, compiled),
        Do::Restart(restart) => words(&["restart", restart.name()]),
        Do::Dump(_) => words(&["dump_again"]),
        Do::Check(check) => {
            let mut call: Vec<String> = words(&["check", check.file()]);
            call.extend(check.saved_command().split(' ').map(str::to_owned));
            call
        }
    }
}

fn send(
    kind: &str,
    file: &str,
    probe: &Probe,
    sums: Sums<'_>,
    due: impl Iterator<Item = String>,
) -> Vec<String> {
    let sum = sums(file);
    let words = [
        "send",
        kind,
        file,
        &sum,
        &probe.path,
        &probe.sum,
        &probe.dumped,
    ];
    words.map(str::to_owned).into_iter().chain(due).collect()
}

/// Where the name stays and the ID is another, labels do not tell, and numeric identities do: each holds the ID.
fn workloads(cluster: &Cluster, compiled: &Compiled<'_, '_>) -> Vec<String> {
    let mut call = vec!["restart_workloads".to_owned(), cluster.name().to_owned()];
    let held = cluster
        .current_value("cluster.name")
        .and_then(serde_json::Value::as_str);
    if held == Some(cluster.name()) {
        let identities = if compiled.plan.mesh.highest_id() > 255 {
            1 << 15
        } else {
            1 << 16
        };
        call.extend([compiled.cluster.id.to_string(), identities.to_string()]);
    }
    call
}

/// The clusters in the order in which their steps are run: the one named `first`, then by number of ID; those that leave
/// come last, when the others have dropped them.
pub(crate) fn in_order(mesh: &Mesh, mut clusters: Vec<ScriptCluster>) -> Vec<ScriptCluster> {
    let key = |one: &ScriptCluster| {
        let cluster = mesh.clusters.get(one.index);
        let is_leaving = cluster.is_some_and(Cluster::is_leaving);
        let is_first = mesh.ca.from == Some(one.index);
        let id = cluster.and_then(|cluster| cluster.id.as_ref().map(|id| id.value));
        (is_leaving, !is_first, id, one.name.clone())
    };
    clusters.sort_by_key(key);
    for (number, cluster) in (1..).zip(&mut clusters) {
        cluster.number = number;
    }
    clusters
}
