//! `meshgen render`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::{
    USAGE, complain, complain_styled, failed, few, find_cluster, find_unlocked, or_exit_status,
    refuse,
};
use crate::compile::forms::{self, FORMS, Form};
use crate::compile::index::{FileKind, Index};
use crate::compile::kubectl::quoted;
use crate::compile::plan::{Phase, Plan, Purpose, Request};
use crate::compile::steps_page::is_done;
use crate::diagnostics::{self, Report};
use crate::emit::{Staging, replace};
use crate::finding::{self, Summary};
use crate::input::{Input, lock_file};
use crate::mesh_lock;
use crate::model::{Cluster, Mesh};
use crate::output::{self, Access, Options, Output, OutputError};
use crate::pipeline::{Loaded, check, load};
use crate::render::TemplateError;
use crate::report_page;

/// Arguments of `meshgen render`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The mesh file
    #[arg(default_value = "mesh.yaml")]
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
    #[arg(long = "as", value_parser = form_parser(), default_value = FORMS[0].name(), value_name = "FORM")]
    form: &'static dyn Form,
    /// End nft, iptables and ip6tables files with rules that drop what the other clusters' nodes may not send
    #[arg(long, requires = "output")]
    drop: bool,
    /// Write report.html too, the page that `meshgen report` makes
    #[arg(long, requires = "output")]
    report: bool,
    /// Time for that page to check dates against; without it the page says nothing about today
    #[arg(long, value_name = "TIME", value_parser = super::rfc_3339, requires = "report")]
    now: Option<i64>,
    /// Replace files in the folder that meshgen did not write, or that somebody has edited since
    #[arg(long, requires = "output")]
    force: bool,
    /// Leave out firewall/rules.json and rules.csv, which list every pair of clusters and are large in a large mesh; groups.json says the same
    #[arg(long)]
    no_pairs: bool,
    /// Note names, IDs, ranges and node ports in mesh.lock.yaml beside the mesh file, so that none is changed or used again by accident
    #[arg(long)]
    lock: bool,
    /// Let this cluster differ from mesh.lock.yaml, or be forgotten there
    #[arg(long, value_name = "NAME")]
    unlock: Vec<String>,
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

pub(super) fn run(args: &Args) -> u8 {
    let loaded = match or_exit_status(load(&args.file)) {
        Ok(loaded) => loaded,
        Err(status) => return status,
    };
    let Loaded {
        input,
        mesh,
        findings,
    } = loaded;
    let Some(mesh) = mesh else {
        return refuse(&Report::new(&findings, &input.sources), NOTHING_WRITTEN);
    };
    // Without the clock: the same input gives the same bytes on every day.
    if let Err(unknown) = find_unlocked(&mesh, input.lock.as_ref(), &args.unlock) {
        complain(&unknown.to_string());
        return USAGE;
    }
    let checked = check(&input, &mesh, findings, &request(&mesh, args), None);
    let report = Report::new(&checked.findings, &input.sources);
    if finding::has_errors(&checked.findings) {
        return refuse(&report, NOTHING_WRITTEN);
    }
    if !args.quiet {
        complain_styled(&diagnostics::text::findings(&[report]));
    }
    if args.form.is_birth() && args.cluster.is_empty() {
        complain(
            "--as initial-values is for clusters that do not exist yet: name them with --cluster",
        );
        return USAGE;
    }
    let mut asked = args.cluster.iter();
    if let Some(unknown) = asked.find_map(|name| find_cluster(&mesh, name).err()) {
        complain(&unknown.to_string());
        return USAGE;
    }
    let counts = diagnostics::text::counts(Summary::of(&checked.findings));
    let page = args.report.then(|| {
        report_page::page(&report_page::ReportInput {
            plan: &checked.plan,
            findings: &checked.findings,
            sources: &input.sources,
            now: args.now,
            health: None,
        })
    });
    let page = match page.transpose() {
        Ok(page) => page,
        Err(error) => return failed(&error.into()),
    };
    let locked = args.lock.then(|| Locked::new(&input, &mesh, args));
    let locked = match locked.transpose() {
        Ok(locked) => locked,
        Err(error) => return failed(&error.into()),
    };
    let plan = checked.plan;
    // The texts and trees of all dumps: only messages need them.
    drop(input);
    match emit(&plan, &counts, page.as_deref(), args) {
        Ok(()) => locked.map_or(0, |locked| locked.write(args)),
        Err(error) => failed(&error),
    }
}

/// The lock that stands beside the mesh file afterwards.
struct Locked {
    path: PathBuf,
    text: String,
}

impl Locked {
    fn new(input: &Input, mesh: &Mesh, args: &Args) -> Result<Self, TemplateError> {
        let unlocked = args.unlock.iter().cloned().collect();
        Ok(Self {
            path: lock_file::path(&input.base),
            text: mesh_lock::text(input.lock.as_ref(), mesh, &unlocked)?,
        })
    }

    /// Writes it, unless it is that already.
    fn write(&self, args: &Args) -> u8 {
        let path = self.path.display();
        if std::fs::read_to_string(&self.path).is_ok_and(|text| text == self.text) {
            return 0;
        }
        if let Err(error) = replace(&self.path, &self.text) {
            complain(&format!(
                "cannot write {path}: {error}; all else is written"
            ));
            return USAGE;
        }
        if !args.quiet {
            complain(&format!("{path}: written; keep it in version control"));
        }
        0
    }
}

/// Clap's values of `--as`, from the registry of the forms.
fn form_parser() -> impl TypedValueParser<Value = &'static dyn Form> {
    let values = FORMS
        .iter()
        .map(|form| PossibleValue::new(form.name()).help(form.help()));
    PossibleValuesParser::new(values)
        .try_map(|name| forms::named(&name).ok_or("this form is not known"))
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
        whole_object: args.form.is_whole_object(),
        unborn: args.form.is_birth(),
        unlocked: args.unlock.iter().cloned().collect(),
        unguarded: args.form.kind() != FileKind::Patch,
    }
}

fn emit(plan: &Plan<'_>, counts: &str, page: Option<&str>, args: &Args) -> Result<(), OutputError> {
    let folder = args.output.as_deref();
    let staging = Staging::new(folder)?;
    let way = folder.map(|folder| output::way_to_mesh(folder, &args.file));
    let options = Options {
        form: args.form,
        clusters: &args.cluster,
        page,
        drop: args.drop,
        pairs: !args.no_pairs,
        mesh_file: &args.file,
        mesh_folder: way.as_deref().unwrap_or(".."),
    };
    let earlier = staging.earlier().cloned();
    let index = Output::new(plan, options).write(&staging, earlier.as_ref())?;
    if folder.is_some() {
        staging.add("index.json", Access::Public, |out| {
            serde_json::to_writer_pretty(&mut *out, &index).map_err(io::Error::from)?;
            Ok(out.write_all(b"\n")?)
        })?;
    }
    let removable = earlier.iter();
    let removable = removable.flat_map(|earlier| output::replaceable(earlier, &args.cluster));
    let written = staging.commit(&removable.collect::<Vec<_>>(), args.force)?;
    for path in &written.left {
        complain(&format!(
            "warning: {path} is no longer made and was left, because somebody has edited it; remove it by hand"
        ));
    }
    for path in &written.strays {
        complain(&output::stray(&folder.unwrap_or(Path::new(".")).join(path)));
    }
    if folder.is_some() && !args.quiet {
        complain(&format!(
            "{}: {} files written, {} unchanged, {} removed; {}{}{}{}",
            folder.unwrap_or(Path::new(".")).display(),
            written.written,
            written.unchanged,
            written.removed,
            counts,
            still_missing(&index, args),
            large_lists(&index, args),
            next_script(&index, plan, args),
        ));
    }
    Ok(())
}

/// From this number of clusters on, the lists of pairs have more than two megabytes.
const MANY_CLUSTERS: usize = 64;

/// How to do without the lists of all pairs, where they are large.
fn large_lists(index: &Index, args: &Args) -> String {
    let clusters = index.clusters.len();
    match clusters > MANY_CLUSTERS && !args.no_pairs {
        true => format!(
            "; with {clusters} clusters firewall/rules.json and rules.csv are large: --no-pairs leaves them out, groups.json says the same"
        ),
        false => String::new(),
    }
}

/// The script to run next, as `; next: sh out/steps.sh`. It is dump.sh where no cluster has been read, and where one with steps has not:
/// steps.sh changes no cluster whose uid it does not know.
fn next_script(index: &Index, plan: &Plan<'_>, args: &Args) -> String {
    let is_known = index.clusters.iter().any(|one| one.phase != Phase::None);
    let is_unread = args.form.is_applied()
        && index.clusters.iter().any(|one| {
            one.phase != Phase::None && !args.keeps(&one.name) && !has_uid(plan.mesh, &one.name)
        });
    let wanted = if is_known && !is_unread {
        "steps.sh"
    } else {
        "dump.sh"
    };
    let is_written = index.files.iter().any(|file| file.path == wanted);
    let purpose = match index.clusters.iter().all(is_done) {
        true => ", which saves what `meshgen verify` reads: nothing is to be changed",
        false => "",
    };
    match &args.output {
        Some(folder) if is_written => {
            let script = folder.join(wanted).display().to_string();
            format!("; next: sh {}{purpose}", quoted(&script))
        }
        _ => String::new(),
    }
}

/// Whether a dump tells the uid of a cluster's ApplicationInstallation.
fn has_uid(mesh: &Mesh, name: &str) -> bool {
    let of_name = |cluster: &&Cluster| cluster.name() == name;
    let cluster = mesh.clusters.iter().find(of_name);
    cluster.is_some_and(|cluster| {
        let current = cluster.current.as_ref();
        current.is_some_and(|current| current.uid.is_some())
    })
}

/// What the asked clusters lack, each fact once: `; missing: address of b, remote certificate of b`.
fn still_missing(index: &Index, args: &Args) -> String {
    let asked = index.clusters.iter();
    let asked = asked.filter(|cluster| !args.keeps(&cluster.name));
    let missing = asked.flat_map(|cluster| &cluster.missing);
    let facts: BTreeSet<String> = missing
        .map(|missing| format!("{} of {}", missing.fact.in_words(), missing.of))
        .collect();
    let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
    match facts.as_slice() {
        [] => String::new(),
        facts => format!("; missing: {}", few(facts)),
    }
}
