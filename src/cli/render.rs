//! `meshgen render`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Checked, USAGE, check_to_make, complain, complain_styled, few, find_cluster};
use crate::compile::artifacts;
use crate::compile::firewall as members;
use crate::compile::forms::As;
use crate::compile::index::{ClusterIndex, Index, MeshFile};
use crate::compile::patch::PatchError;
use crate::compile::peers::PeerEntries;
use crate::compile::plan::{Phase, Plan, Purpose, Request, plan};
use crate::compile::steps_page::{Beside, steps_page};
use crate::emit::{Staging, earlier_index};
use crate::firewall::dialect::{self, Firewall, Options};
use crate::firewall::lines::Sides;
use crate::firewall::rules::Plan as Rules;
use crate::firewall::{DIALECTS, list};
use crate::model::Mesh;
use crate::render::TemplateError;
use crate::report;
use crate::trust::TrustState;

/// Arguments of `meshgen render`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The mesh file
    file: PathBuf,
    /// Folder to write into; without it everything goes to standard output
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Only these clusters
    #[arg(long, value_name = "NAME")]
    cluster: Vec<String>,
    /// Go exactly this far: bootstrap, join or mesh; default: as far as the known facts allow
    #[arg(long, value_parser = str::parse::<Phase>)]
    phase: Option<Phase>,
    /// What each cluster's values are written as
    #[arg(long = "as", value_enum, default_value = "patch", value_name = "FORM")]
    form: As,
    /// End nft, iptables and ip6tables files with rules that drop what the other clusters' nodes may not send
    #[arg(long, requires = "output")]
    drop: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

impl Args {
    /// Whether a cluster was not asked for, so that its files and entries stay as they are.
    fn keeps(&self, name: &str) -> bool {
        !self.cluster.is_empty() && !self.cluster.iter().any(|asked| asked == name)
    }
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Patch(#[from] PatchError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Dialect(#[from] dialect::Error),
    #[error("{}", lines(.0))]
    Dialects(Vec<dialect::Error>),
}

impl Failure {
    /// Says it, unless the reader has gone away, and gives the exit status.
    pub(super) fn told(&self) -> u8 {
        if self.status() != 0 {
            complain(&self.to_string());
        }
        self.status()
    }

    fn status(&self) -> u8 {
        match self {
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::Output(_) => USAGE,
            _ => 1,
        }
    }
}

fn lines(errors: &[dialect::Error]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

pub(super) fn run(args: &Args) -> u8 {
    let ask = |mesh: &Mesh| request(mesh, args);
    let checked = match check_to_make(&args.file, ask) {
        Ok(checked) => checked,
        Err(status) => return status,
    };
    let Some(mesh) = checked.sound() else {
        return checked.refuse("; nothing was written");
    };
    if !args.quiet {
        complain_styled(&report::text::findings(&[checked.report()]));
    }
    for name in &args.cluster {
        if let Err(unknown) = find_cluster(mesh, name) {
            complain(&unknown.to_string());
            return USAGE;
        }
    }
    match emit(&checked, mesh, args) {
        Ok(()) => 0,
        Err(failure) => failure.told(),
    }
}

fn request(mesh: &Mesh, args: &Args) -> Request {
    let named: BTreeSet<usize> = mesh
        .clusters
        .iter()
        .filter(|cluster| args.cluster.iter().any(|name| name == cluster.name()))
        .map(|cluster| cluster.index)
        .collect();
    Request {
        phase: args.phase,
        clusters: (!args.cluster.is_empty()).then_some(named),
        purpose: Purpose::Apply,
    }
}

fn emit(checked: &Checked, mesh: &Mesh, args: &Args) -> Result<(), Failure> {
    let request = request(mesh, args);
    let trust = TrustState::of(mesh, None);
    let (plan, _) = plan(mesh, &trust, &request);
    let folder = args.output.as_deref();
    let earlier = folder.and_then(earlier_index);
    let mut staging = Staging::new(folder)?;
    let index = stage(mesh, &plan, args, earlier.as_ref(), &mut staging)?;
    if folder.is_some() {
        let text = serde_json::to_string_pretty(&index).map_err(io::Error::from)? + "\n";
        staging.add("index.json", false, |out| out.write_all(text.as_bytes()))?;
    }
    let before = digests(earlier.as_ref(), args);
    let written = staging.commit(&before)?;
    if folder.is_some() && !args.quiet {
        complain(&format!(
            "{}: {} files written, {} unchanged, {} removed; {}{}",
            folder.unwrap_or(Path::new(".")).display(),
            written.written,
            written.unchanged,
            written.removed,
            report::text::counts(checked.report().summary()),
            still_missing(&index, args),
        ));
    }
    Ok(())
}

/// What the asked clusters lack, each fact once: `; missing: address of b, remoteCert of b`.
fn still_missing(index: &Index, args: &Args) -> String {
    let asked = index.clusters.iter();
    let asked = asked.filter(|cluster| !args.keeps(&cluster.name));
    let missing = asked.flat_map(|cluster| &cluster.missing);
    let facts: BTreeSet<String> = missing
        .map(|missing| format!("{} of {}", missing.fact, missing.of))
        .collect();
    let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
    match facts.as_slice() {
        [] => String::new(),
        facts => format!("; missing: {}", few(facts)),
    }
}

/// Writes everything aside and gives the index of it.
fn stage(
    mesh: &Mesh,
    plan: &Plan<'_>,
    args: &Args,
    earlier: Option<&Index>,
    staging: &mut Staging,
) -> Result<Index, Failure> {
    let mut index = Index {
        version: 1,
        mesh: mesh.name.clone(),
        clusters: stage_clusters(plan, args, earlier, staging)?,
        files: Vec::new(),
    };
    stage_firewall(mesh, args, earlier, staging, &mut index)?;
    if staging.has_folder() {
        let steps = steps_page(&index, &beside(mesh, &args.file))?;
        let sha256 = staging.add("STEPS.md", false, |out| out.write_all(steps.as_bytes()))?;
        index.files.push(mesh_file("STEPS.md", "steps", sha256));
    }
    Ok(index)
}

/// What STEPS.md says beside the index.
fn beside<'m>(mesh: &'m Mesh, file: &'m Path) -> Beside<'m> {
    let unread = mesh.clusters.iter();
    let unread = unread.filter(|cluster| !cluster.reads_dump_folder);
    Beside {
        first: mesh.ca_cluster().map(|cluster| cluster.name()),
        mesh_file: file
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("mesh.yaml"),
        unnamed_folders: unread
            .map(|cluster| (cluster.name(), cluster.dump_folder.as_str()))
            .collect(),
        firewall_gaps: members::gaps(mesh),
    }
}

/// The rule lists, and into a folder the dialects.
fn stage_firewall(
    mesh: &Mesh,
    args: &Args,
    earlier: Option<&Index>,
    staging: &mut Staging,
    index: &mut Index,
) -> Result<(), Failure> {
    let members = members::members(mesh);
    let rules = Rules::new(&members, members::datapath(mesh));
    let path = "firewall/rules.json";
    let sha256 = staging.add(path, false, |out| {
        list::write_json(&rules, rules.permits(), out)
    })?;
    index.files.push(mesh_file(path, "rules", sha256));
    if staging.has_folder() {
        let path = "firewall/rules.csv";
        let sha256 = staging.add(path, false, |out| {
            list::write_csv(&rules, rules.permits(), out)
        })?;
        index.files.push(mesh_file(path, "rules", sha256));
        stage_dialects(&rules, args, staging, index)?;
        let before = earlier.iter().flat_map(|index| &index.files);
        let kept = before.filter(|file| dialect_of(file).is_some_and(|name| args.keeps(name)));
        index.files.extend(kept.cloned());
    }
    Ok(())
}

/// The clusters' own files; entries of clusters that were not asked for stay as they were.
fn stage_clusters(
    plan: &Plan<'_>,
    args: &Args,
    earlier: Option<&Index>,
    staging: &mut Staging,
) -> Result<Vec<ClusterIndex>, Failure> {
    let entries = PeerEntries::new(plan.mesh.clusters.len());
    let mut kept: Vec<&ClusterIndex> = earlier.iter().flat_map(|index| &index.clusters).collect();
    kept.retain(|entry| args.keeps(&entry.name));
    let mut clusters: Vec<ClusterIndex> = Vec::new();
    for planned in &plan.clusters {
        let name = planned.cluster.name();
        if args.keeps(name) {
            let at = kept.iter().position(|entry| entry.name == name);
            clusters.extend(at.map(|at| kept.remove(at).clone()));
            continue;
        }
        let mut files = Vec::new();
        for artifact in artifacts::of_cluster(plan, planned, &entries, args.form)? {
            // Patches and Secrets are private, whatever is in them today.
            let private = artifact.kind != "services";
            let sha256 = staging.add(&artifact.path, private, |out| artifact.text.write(out))?;
            files.push(artifact.entry(sha256));
        }
        clusters.push(artifacts::index_entry(plan, planned, files));
    }
    clusters.extend(kept.into_iter().cloned());
    Ok(clusters)
}

/// The firewall of each cluster's nodes, in every dialect. What is refused is refused for all clusters at once.
fn stage_dialects(
    rules: &Rules<'_>,
    args: &Args,
    staging: &mut Staging,
    index: &mut Index,
) -> Result<(), Failure> {
    let options = Options { drop: args.drop };
    let sides = Sides::new(rules);
    let mut refused = Vec::new();
    let asked = rules.names().enumerate();
    for (member, name) in asked.filter(|(_, name)| !args.keeps(name)) {
        let firewall = Firewall::of(&sides, member);
        for dialect in DIALECTS {
            match dialect.render(&firewall, &options) {
                Ok(text) => {
                    let path = format!("firewall/{}", dialect.file_name(name));
                    let sha256 = staging.add(&path, false, |out| out.write_all(text.as_bytes()))?;
                    index.files.push(mesh_file(&path, "dialect", sha256));
                }
                Err(error) if refused.contains(&error) => {}
                Err(error) => refused.push(error),
            }
        }
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::Dialects(refused))
    }
}

fn mesh_file(path: &str, kind: &str, sha256: String) -> MeshFile {
    MeshFile {
        path: path.to_owned(),
        kind: kind.to_owned(),
        sha256,
    }
}

/// The cluster whose dialect's file this is; names hold no dot.
fn dialect_of(file: &MeshFile) -> Option<&str> {
    let name = file.path.strip_prefix("firewall/")?;
    let (cluster, _) = name.rsplit_once('.')?;
    (file.kind == "dialect").then_some(cluster)
}

/// The files of an earlier run that may go, with their digests.
fn digests(earlier: Option<&Index>, args: &Args) -> BTreeMap<String, String> {
    let Some(index) = earlier else {
        return BTreeMap::new();
    };
    let clusters = index.clusters.iter();
    let files = clusters
        .filter(|cluster| !args.keeps(&cluster.name))
        .flat_map(|cluster| &cluster.files)
        .map(|file| (file.path.clone(), file.sha256.clone()));
    let own = index.files.iter();
    let own = own
        .filter(|file| !dialect_of(file).is_some_and(|name| args.keeps(name)))
        .map(|file| (file.path.clone(), file.sha256.clone()));
    files.chain(own).collect()
}
