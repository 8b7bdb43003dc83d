//! `meshgen render`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Checked, USAGE, check, complain, complain_styled, find_cluster};
use crate::compile::artifacts;
use crate::compile::firewall as members;
use crate::compile::index::{ClusterIndex, Index, MeshFile};
use crate::compile::patch::PatchError;
use crate::compile::peers::PeerEntries;
use crate::compile::plan::{Phase, Plan, Purpose, Request, plan};
use crate::compile::steps_page::{Beside, steps_page};
use crate::emit::{Staging, earlier_index};
use crate::finding;
use crate::firewall::dialect::{self, Options};
use crate::firewall::rules::Plan as Rules;
use crate::firewall::{self, DIALECTS};
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
    /// The exit status that says it.
    pub(super) fn status(&self) -> u8 {
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
    let checked = match check(&args.file, ask, None) {
        Ok(checked) => checked,
        Err(error) => {
            complain(&error.to_string());
            return USAGE;
        }
    };
    let has_errors = finding::has_errors(&checked.findings);
    let Some(mesh) = checked.mesh.as_ref().filter(|_| !has_errors) else {
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
        Err(failure) => {
            if failure.status() != 0 {
                complain(&failure.to_string());
            }
            failure.status()
        }
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
    if folder.is_none() {
        let mut out = io::BufWriter::new(io::stdout().lock());
        staging.print(&mut out)?;
        out.flush()?;
        return Ok(());
    }
    let text = serde_json::to_string_pretty(&index).map_err(io::Error::from)? + "\n";
    staging.add("index.json", false, std::iter::once(text.as_str()))?;
    let before = digests(earlier.as_ref(), args);
    let written = staging.commit(&before)?;
    if !args.quiet {
        complain(&format!(
            "{}: {} files written, {} unchanged, {} removed; {}",
            folder.unwrap_or(Path::new(".")).display(),
            written.written,
            written.unchanged,
            written.removed,
            report::text::counts(checked.report().summary()),
        ));
    }
    Ok(())
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
    let (json, csv) = rules(mesh)?;
    add_file(staging, &mut index, "firewall/rules.json", "rules", &json)?;
    if staging.has_folder() {
        add_file(staging, &mut index, "firewall/rules.csv", "rules", &csv)?;
        stage_dialects(mesh, args, earlier, staging, &mut index)?;
        let steps = steps_page(&index, &beside(mesh, &args.file))?;
        add_file(staging, &mut index, "STEPS.md", "steps", &steps)?;
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

/// The clusters' own files; entries of clusters that were not asked for stay as they were.
fn stage_clusters(
    plan: &Plan<'_>,
    args: &Args,
    earlier: Option<&Index>,
    staging: &mut Staging,
) -> Result<Vec<ClusterIndex>, Failure> {
    let mut entries = PeerEntries::new()?;
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
        for artifact in artifacts::of_cluster(plan, planned, &mut entries)? {
            // Patches and Secrets are private, whatever is in them today.
            let private = artifact.kind != "services";
            let sha256 = staging.add(&artifact.path, private, artifact.text.pieces())?;
            files.push(artifact.entry(sha256));
        }
        clusters.push(artifacts::index_entry(plan, planned, files));
    }
    clusters.extend(kept.into_iter().cloned());
    Ok(clusters)
}

/// The firewall of each cluster's nodes, in every dialect. What is refused is refused for all clusters at once.
fn stage_dialects(
    mesh: &Mesh,
    args: &Args,
    earlier: Option<&Index>,
    staging: &mut Staging,
    index: &mut Index,
) -> Result<(), Failure> {
    let options = Options { drop: args.drop };
    let members = members::members(mesh);
    let rules = Rules::new(&members, members::datapath(mesh));
    let asked = members.iter().enumerate();
    let mut refused = Vec::new();
    for (at, member) in asked.filter(|(_, member)| !args.keeps(&member.name)) {
        let rules: Vec<_> = rules.rules_of(at).collect();
        let texts = DIALECTS.map(|dialect| dialect.render(&member.name, &rules, &options));
        for (dialect, text) in DIALECTS.iter().zip(texts) {
            match text {
                Ok(text) => {
                    let path = format!("firewall/{}", dialect.file_name(&member.name));
                    add_file(staging, index, &path, "dialect", &text)?;
                }
                Err(error) if refused.contains(&error) => {}
                Err(error) => refused.push(error),
            }
        }
    }
    let before = earlier.iter().flat_map(|index| &index.files);
    let kept = before.filter(|file| dialect_of(file).is_some_and(|name| args.keeps(name)));
    index.files.extend(kept.cloned());
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::Dialects(refused))
    }
}

/// The cluster whose dialect's file this is; names hold no dot.
fn dialect_of(file: &MeshFile) -> Option<&str> {
    let name = file.path.strip_prefix("firewall/")?;
    let (cluster, _) = name.rsplit_once('.')?;
    (file.kind == "dialect").then_some(cluster)
}

fn add_file(
    staging: &mut Staging,
    index: &mut Index,
    path: &str,
    kind: &str,
    text: &str,
) -> io::Result<()> {
    let sha256 = staging.add(path, false, std::iter::once(text))?;
    index.files.push(MeshFile {
        path: path.to_owned(),
        kind: kind.to_owned(),
        sha256,
    });
    Ok(())
}

/// The firewall rules as JSON and as CSV.
pub(super) fn rules(mesh: &Mesh) -> io::Result<(String, String)> {
    let members = members::members(mesh);
    let plan = firewall::rules::Plan::new(&members, members::datapath(mesh));
    let rules: Vec<_> = plan.rules().collect();
    Ok((
        firewall::list::rules_json(&rules)?,
        firewall::list::rules_csv(&rules)?,
    ))
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
