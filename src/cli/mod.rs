//! The command line: what is asked, and the exit status.

mod firewall;
mod init;
mod pki;
mod plan;
mod refused;
mod render;
mod report;
mod streams;
mod terraform;
mod validate;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::catalogue::{self, catalogue};
use crate::code::Code;
use crate::compile::plan::Request;
use crate::diagnostics::{self, Report};
use crate::explain;
use crate::finding::{self, Finding};
use crate::input::lock_file::Lock;
use crate::input::structure::closest;
use crate::input::{self, Input, Unreadable};
use crate::model::{Cluster, Mesh};
use crate::output::OutputError;
use crate::pipeline::{self, Loaded};
use crate::source::quoted;
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
    /// Write a first mesh.yaml
    Init(init::Args),
    /// Check mesh files and print what is wrong with them
    Validate(validate::Args),
    /// Write the patches, the steps and the firewall rules
    Render(render::Args),
    /// Print what applying would change and restart, what is missing and what is next
    Plan(plan::Args),
    /// Judge from saved outputs whether the mesh is healthy, and say what is wrong
    Verify(verify::Args),
    /// Write one HTML page about the whole mesh
    Report(report::Args),
    /// Make CAs and certificates without asking a cluster
    Pki(pki::Args),
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
        of: SchemaName,
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
enum SchemaName {
    /// mesh.yaml
    Mesh,
    /// What `validate --format json` prints
    Findings,
}

/// Runs the program on its arguments.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(error),
    };
    let code = match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Render(args) => render::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Pki(args) => pki::run(&args),
        Command::Firewall(args) => firewall::run(&args),
        Command::Terraform => terraform::run(),
        Command::Explain { code } => explain(code.as_deref()),
        Command::Schema { of } => print(&format!("{:#}\n", schema(of))),
        Command::Completions { shell } => print(&completions(shell)),
        Command::Man => print(&manual()),
    };
    ExitCode::from(code)
}

/// Prints what clap says (also `--help` and `--version`), and gives the exit status. `plan --detailed-exitcode` keeps 2 for
/// "something is to be done".
fn misused(error: clap::Error) -> ExitCode {
    let error = refused::shown(error);
    // There is no other place to report that standard error is closed.
    let _ = error.print();
    let is_detailed = || std::env::args_os().any(|word| word == "--detailed-exitcode");
    match u8::try_from(error.exit_code()) {
        Ok(0) => ExitCode::SUCCESS,
        _ if is_detailed() => ExitCode::from(1),
        _ => ExitCode::from(USAGE),
    }
}

/// A mesh file that was read and checked.
struct CheckedFile {
    input: Input,
    mesh: Option<Mesh>,
    findings: Vec<Finding>,
}

impl CheckedFile {
    fn report(&self) -> Report<'_> {
        Report::new(&self.findings, &self.input.sources)
    }

    /// The mesh, unless something is wrong with it.
    fn sound(&self) -> Option<&Mesh> {
        let has_errors = finding::has_errors(&self.findings);
        self.mesh.as_ref().filter(|_| !has_errors)
    }
}

/// Loads and checks a mesh file, for commands that do not need the plan.
fn check_file(
    file: &std::path::Path,
    ask: impl Fn(&Mesh) -> Request,
    now: Option<i64>,
) -> Result<CheckedFile, Unreadable> {
    let Loaded {
        input,
        mesh,
        mut findings,
    } = pipeline::load(file)?;
    if let Some(mesh) = &mesh {
        findings = pipeline::check(&input, mesh, findings, &ask(mesh), now).findings;
    }
    Ok(CheckedFile {
        input,
        mesh,
        findings,
    })
}

/// Prints the findings that stop a command on standard error, and gives the exit status.
fn refuse(report: &Report<'_>, remark: &str) -> u8 {
    let summary = report.summary();
    let closing = diagnostics::text::closing(summary, true, &report.mesh_file(), remark);
    complain_styled(&(diagnostics::text::findings(std::slice::from_ref(report)) + &closing));
    1
}

/// Prints why output could not be made, unless the reader has closed the pipe, and gives the exit status.
fn failed(error: &OutputError) -> u8 {
    match error {
        OutputError::Io(io) if io.kind() == std::io::ErrorKind::BrokenPipe => 0,
        OutputError::Io(_) | OutputError::InTheWay(..) => {
            complain(&error.to_string());
            USAGE
        }
        _ => {
            complain(&error.to_string());
            1
        }
    }
}

/// Where the mesh file cannot be read, prints why and gives the exit status.
fn or_exit_status<T>(read: Result<T, Unreadable>) -> Result<T, u8> {
    read.map_err(|error| {
        complain(&error.to_string());
        USAGE
    })
}

fn schema(of: SchemaName) -> serde_json::Value {
    match of {
        SchemaName::Mesh => input::mesh_file::schema(),
        SchemaName::Findings => diagnostics::json::schema(),
    }
}

/// A name that no cluster of the mesh has.
#[derive(Debug, thiserror::Error)]
#[error("no cluster is called {}; {help}", quoted(.name))]
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

/// Whether every name that was unlocked on the command line is one of the mesh or of its lock.
fn find_unlocked(mesh: &Mesh, lock: Option<&Lock>, names: &[String]) -> Result<(), UnknownCluster> {
    let is_locked = |name: &&String| {
        let clusters = lock.map_or(&[][..], |lock| &lock.clusters);
        clusters.iter().any(|locked| locked.name() == name.as_str())
    };
    let mut unknown = names.iter().filter(|name| !is_locked(name));
    unknown.try_for_each(|name| find_cluster(mesh, name).map(drop))
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
#[error("no finding has the code {}{near}", quoted(.name))]
struct UnknownCode {
    name: String,
    near: String,
}

/// The code of a name that was typed on the command line.
fn find_code(name: &str) -> Result<&'static Code, UnknownCode> {
    catalogue::named(name).ok_or_else(|| {
        let names: Vec<&str> = catalogue().iter().map(|code| code.name).collect();
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
