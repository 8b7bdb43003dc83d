//! The command line: what is asked, and the exit status.

mod firewall;
mod render;
mod streams;
mod terraform;
mod validate;

use std::num::NonZero;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::code::{self, Code};
use crate::compile::plan::{Plan, Request, plan};
use crate::explain;
use crate::finding::{self, Finding};
use crate::ignore;
use crate::input::structure::closest;
use crate::input::{self, Input};
use crate::model::{Cluster, Mesh};
use crate::report::{self, Report};
use crate::rules;
use crate::trust::TrustState;
use streams::{complain, complain_styled, print, print_styled};

/// Wrong usage, mesh file unreadable, output unwritable.
const USAGE: u8 = 2;

#[derive(Parser)]
#[command(name = "meshgen", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check mesh files and print what is wrong with them
    Validate(validate::Args),
    /// Write the patches, the steps and the firewall rules
    Render(render::Args),
    /// Print the firewall rules
    Firewall(firewall::Args),
    /// Answer a query of Terraform's external data source
    Terraform,
    /// Explain a code that findings have; without one, list all
    Explain {
        /// The code, such as pod-cidr-overlap
        code: Option<String>,
    },
    /// Print a JSON Schema
    Schema {
        /// Of what
        #[arg(value_enum, default_value = "mesh")]
        of: Schema,
    },
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Clone, Copy, ValueEnum)]
enum Schema {
    /// mesh.yaml
    Mesh,
    /// What `validate --format json` prints
    Findings,
}

/// Runs the program on its arguments.
pub fn run() -> ExitCode {
    let code = match Cli::parse().command {
        Command::Validate(args) => validate::run(&args),
        Command::Render(args) => render::run(&args),
        Command::Firewall(args) => firewall::run(&args),
        Command::Terraform => terraform::run(),
        Command::Explain { code } => explain(code.as_deref()),
        Command::Schema { of } => print(&format!("{:#}\n", schema(of))),
        Command::Completions { shell } => print(&completions(shell)),
        Command::Man => print(&manual()),
    };
    ExitCode::from(code)
}

/// A mesh that was read, with everything that was found.
struct Checked {
    input: Input,
    mesh: Option<Mesh>,
    findings: Vec<Finding>,
}

impl Checked {
    fn report(&self) -> Report<'_> {
        Report::new(&self.findings, &self.input.sources)
    }

    /// The mesh file as given on the command line.
    fn name(&self) -> &str {
        &self.input.sources.file(self.input.mesh_file).name
    }

    /// The mesh, unless something is wrong with it.
    fn sound(&self) -> Option<&Mesh> {
        let has_errors = finding::has_errors(&self.findings);
        self.mesh.as_ref().filter(|_| !has_errors)
    }

    /// What stops a command that makes something: the findings, on standard error.
    fn refuse(&self, remark: &str) -> u8 {
        let reports = [self.report()];
        let summary = report::summary(&reports);
        let closing = report::text::closing(summary, true, self.name(), remark);
        complain_styled(&(report::text::findings(&reports) + &closing));
        1
    }
}

/// Reads a mesh file and all that it points at.
fn load(file: &std::path::Path) -> Result<Checked, input::Unreadable> {
    limit_threads();
    let mut input = input::load(file)?;
    let mut findings = std::mem::take(&mut input.findings);
    let (mesh, mut resolved) = crate::resolve::resolve(&input);
    findings.append(&mut resolved);
    if mesh.is_none() {
        // Nobody can judge it, so this is all that will be said.
        findings = finding::settle(findings, &input.sources);
    }
    Ok(Checked {
        input,
        mesh,
        findings,
    })
}

/// Each thread holds the files of one cluster, and more of them do not make a disk faster.
const THREADS: usize = 4;

/// Bounds the threads that work side by side, of which the caller is one.
fn limit_threads() {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(cores.min(THREADS));
    // Where a program that uses this library has made its threads already, those serve as well.
    let _ = threads.use_current_thread().build_global();
}

/// Plans a mesh, and adds what is wrong with it to what was found on reading it.
fn judge<'m>(
    input: &Input,
    mesh: &'m Mesh,
    trust: &'m TrustState<'m>,
    request: &Request,
    now: Option<i64>,
    findings: &mut Vec<Finding>,
) -> Plan<'m> {
    let (plan, mut planned) = plan(mesh, trust, request);
    findings.append(&mut planned);
    let context = rules::Context {
        input,
        mesh,
        trust,
        plan: &plan,
        request,
        now,
    };
    findings.append(&mut rules::check(&context));
    let found = ignore::apply(std::mem::take(findings), &mesh.ignores, now.is_some());
    *findings = finding::settle(found, &input.sources);
    plan
}

fn check(
    file: &std::path::Path,
    ask: impl Fn(&Mesh) -> Request,
    now: Option<i64>,
) -> Result<Checked, input::Unreadable> {
    let mut checked = load(file)?;
    if let Some(mesh) = &checked.mesh {
        let trust = TrustState::of(mesh, now);
        let findings = &mut checked.findings;
        judge(&checked.input, mesh, &trust, &ask(mesh), now, findings);
    }
    Ok(checked)
}

/// What a command that makes something goes on with; where the mesh file cannot be read, that is said and the
/// exit status given.
fn or_told<T>(read: Result<T, input::Unreadable>) -> Result<T, u8> {
    read.map_err(|error| {
        complain(&error.to_string());
        USAGE
    })
}

fn schema(of: Schema) -> serde_json::Value {
    match of {
        Schema::Mesh => input::mesh_file::schema(),
        Schema::Findings => report::json::schema(),
    }
}

/// A name that no cluster of the mesh has.
#[derive(Debug, thiserror::Error)]
#[error("no cluster is called `{name}`; {help}")]
struct UnknownCluster {
    name: String,
    help: String,
}

/// The cluster of a name that was typed on the command line.
fn find_cluster<'m>(mesh: &'m Mesh, name: &str) -> Result<&'m Cluster, UnknownCluster> {
    let found = mesh.clusters.iter().find(|cluster| cluster.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = mesh.clusters.iter().map(Cluster::name).collect();
        let help = match closest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the clusters are {}", few(&names)),
        };
        let name = name.to_owned();
        UnknownCluster { name, help }
    })
}

/// The first names of a list that may be long.
fn few(names: &[&str]) -> String {
    match names {
        [first @ .., _] if names.len() > 10 => format!("{}, ...", first[..9].join(", ")),
        _ => names.join(", "),
    }
}

fn explain(name: Option<&str>) -> u8 {
    let Some(name) = name else {
        return print(&explain::list());
    };
    match find_code(name) {
        Ok(code) => print(&explain::text(code)),
        Err(unknown) => {
            complain(&unknown.to_string());
            USAGE
        }
    }
}

/// A code that no finding has.
#[derive(Debug, thiserror::Error)]
#[error("no finding has the code `{name}`{near}")]
struct UnknownCode {
    name: String,
    near: String,
}

/// The code of a name that was typed on the command line.
fn find_code(name: &str) -> Result<&'static Code, UnknownCode> {
    code::named(name).ok_or_else(|| {
        let names: Vec<&str> = code::catalogue().iter().map(|code| code.name).collect();
        let near = closest(name, &names).map(|near| format!(": did you mean `{near}`?"));
        let (name, near) = (name.to_owned(), near.unwrap_or_default());
        UnknownCode { name, near }
    })
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "meshgen", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// One page for the program and all its commands.
fn manual() -> String {
    let mut program = Cli::command();
    program.build();
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(program.clone()).render(&mut text);
    for command in program
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        let page = clap_mangen::Man::new(command.clone());
        let heading = format!(".SH MESHGEN {}\n", command.get_name().to_uppercase());
        text.extend(heading.as_bytes());
        let _ = page.render_synopsis_section(&mut text);
        let _ = page.render_options_section(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn unix_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// A time such as `2026-11-23T00:00:00Z`, as Unix seconds.
fn rfc_3339(text: &str) -> Result<i64, String> {
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| "expected a time such as 2026-11-23T00:00:00Z".to_owned())
}
