//! `meshgen render`.

mod stage;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{USAGE, complain, complain_styled, few, find_cluster, judge, load, or_told};
use crate::compile::forms::As;
use crate::compile::index::Index;
use crate::compile::patch::PatchError;
use crate::compile::plan::{Phase, Plan, Purpose, Request};
use crate::emit::{Staging, earlier_index};
use crate::finding;
use crate::firewall::dialect;
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

const NOTHING_WRITTEN: &str = "; nothing was written";

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
    let mut checked = match or_told(load(&args.file)) {
        Ok(checked) => checked,
        Err(status) => return status,
    };
    let Some(mesh) = checked.mesh.take() else {
        return checked.refuse(NOTHING_WRITTEN);
    };
    // Without the clock: the same input gives the same bytes on every day.
    let trust = TrustState::of(&mesh, None);
    let asked = request(&mesh, args);
    let findings = &mut checked.findings;
    let plan = judge(&checked.input, &mesh, &trust, &asked, None, findings);
    if finding::has_errors(findings) {
        return checked.refuse(NOTHING_WRITTEN);
    }
    if !args.quiet {
        complain_styled(&report::text::findings(&[checked.report()]));
    }
    for name in &args.cluster {
        if let Err(unknown) = find_cluster(&mesh, name) {
            complain(&unknown.to_string());
            return USAGE;
        }
    }
    let counts = report::text::counts(checked.report().summary());
    // The texts and trees of all dumps: only messages need them.
    drop(checked);
    match emit(&plan, &counts, args) {
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

fn emit(plan: &Plan<'_>, counts: &str, args: &Args) -> Result<(), Failure> {
    let folder = args.output.as_deref();
    let earlier = folder.and_then(earlier_index);
    let staging = Staging::new(folder)?;
    let index = stage::stage(plan, args, earlier.as_ref(), &staging)?;
    if folder.is_some() {
        staging.add("index.json", false, |out| {
            serde_json::to_writer_pretty(&mut *out, &index)?;
            out.write_all(b"\n")
        })?;
    }
    let before = stage::digests(earlier.as_ref(), args);
    let written = staging.commit(&before)?;
    if folder.is_some() && !args.quiet {
        complain(&format!(
            "{}: {} files written, {} unchanged, {} removed; {}{}",
            folder.unwrap_or(Path::new(".")).display(),
            written.written,
            written.unchanged,
            written.removed,
            counts,
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
