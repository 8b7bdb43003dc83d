//! `meshgen render`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Checked, USAGE, check, complain, phase};
use crate::compile::artifacts;
use crate::compile::firewall as members;
use crate::compile::index::{ClusterIndex, Index, MeshFile};
use crate::compile::patch::PatchError;
use crate::compile::peers::PeerEntries;
use crate::compile::plan::{Phase, Plan, Request, plan};
use crate::compile::steps_page::steps_page;
use crate::emit::{Staging, earlier_index};
use crate::finding;
use crate::firewall;
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
    #[arg(long, value_parser = phase)]
    phase: Option<Phase>,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Patch(#[from] PatchError),
    #[error(transparent)]
    Template(#[from] TemplateError),
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
    if has_errors || !args.quiet {
        let text = report::text::report(&checked.findings, &checked.input.sources);
        if !text.is_empty() {
            complain(&text);
        }
    }
    let Some(mesh) = checked.mesh.as_ref().filter(|_| !has_errors) else {
        return 1;
    };
    for name in &args.cluster {
        if !mesh.clusters.iter().any(|cluster| cluster.name() == name) {
            complain(&format!("no cluster is called `{name}`"));
            return USAGE;
        }
    }
    match emit(&checked, mesh, args) {
        Ok(()) => 0,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(failure) => {
            complain(&failure.to_string());
            match failure {
                Failure::Output(_) => USAGE,
                _ => 1,
            }
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
        renders: true,
    }
}

fn emit(checked: &Checked, mesh: &Mesh, args: &Args) -> Result<(), Failure> {
    let request = request(mesh, args);
    let trust = TrustState::of(mesh, None);
    let (plan, _) = plan(mesh, &trust, &request);
    let folder = args.output.as_deref();
    let earlier = folder.and_then(earlier_index);
    let mut staging = Staging::new(folder)?;
    let index = stage(mesh, &plan, &request, earlier.as_ref(), &mut staging)?;
    if folder.is_none() {
        let mut out = io::BufWriter::new(io::stdout().lock());
        staging.print(&mut out)?;
        out.flush()?;
        return Ok(());
    }
    let text = serde_json::to_string_pretty(&index).map_err(io::Error::from)? + "\n";
    staging.add("index.json", false, std::iter::once(text.as_str()))?;
    let kept: BTreeSet<&str> = kept_entries(&index, &request, mesh);
    let before = digests(earlier.as_ref(), &kept);
    let written = staging.commit(&before)?;
    if !args.quiet {
        complain(&format!(
            "{}: {} files written, {} unchanged, {} removed; {}",
            folder.unwrap_or(Path::new(".")).display(),
            written.written,
            written.unchanged,
            written.removed,
            report::text::summary(&checked.findings),
        ));
    }
    Ok(())
}

/// Writes everything aside and gives the index of it.
fn stage(
    mesh: &Mesh,
    plan: &Plan<'_>,
    request: &Request,
    earlier: Option<&Index>,
    staging: &mut Staging,
) -> Result<Index, Failure> {
    let mut entries = PeerEntries::new()?;
    let mut clusters: Vec<ClusterIndex> = Vec::new();
    for planned in &plan.clusters {
        if !request.includes(planned.cluster.index) {
            let same = |entry: &&ClusterIndex| entry.name == planned.cluster.name();
            clusters.extend(
                earlier
                    .and_then(|index| index.clusters.iter().find(same))
                    .cloned(),
            );
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
    let mut index = Index {
        version: 1,
        mesh: mesh.name.clone(),
        clusters,
        files: Vec::new(),
    };
    let (json, csv) = rules(mesh)?;
    add_file(staging, &mut index, "firewall/rules.json", "rules", &json)?;
    if staging.has_folder() {
        let steps = steps_page(&index, mesh.ca_cluster().map(|cluster| cluster.name()))?;
        add_file(staging, &mut index, "firewall/rules.csv", "rules", &csv)?;
        add_file(staging, &mut index, "STEPS.md", "steps", &steps)?;
    }
    Ok(index)
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

/// Names of clusters whose files of an earlier run stay, because they were not asked for.
fn kept_entries<'i>(index: &'i Index, request: &Request, mesh: &Mesh) -> BTreeSet<&'i str> {
    let asked = |name: &str| {
        let found = mesh.clusters.iter().find(|cluster| cluster.name() == name);
        found.is_some_and(|cluster| request.includes(cluster.index))
    };
    let names = index.clusters.iter().map(|cluster| cluster.name.as_str());
    names.filter(|name| !asked(name)).collect()
}

/// The files of an earlier run that may go, with their digests.
fn digests(earlier: Option<&Index>, kept: &BTreeSet<&str>) -> BTreeMap<String, String> {
    let Some(index) = earlier else {
        return BTreeMap::new();
    };
    let clusters = index
        .clusters
        .iter()
        .filter(|cluster| !kept.contains(cluster.name.as_str()));
    let files = clusters
        .flat_map(|cluster| &cluster.files)
        .map(|file| (&file.path, &file.sha256));
    let own = index.files.iter().map(|file| (&file.path, &file.sha256));
    files
        .chain(own)
        .map(|(path, sha256)| (path.clone(), sha256.clone()))
        .collect()
}
