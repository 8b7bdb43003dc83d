//! The command line: what is asked, and the exit status.

mod firewall;
mod render;
mod terraform;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::code;
use crate::compile::plan::{Request, plan};
use crate::explain;
use crate::finding::{self, Finding, Summary};
use crate::ignore;
use crate::input::structure::closest;
use crate::input::{self, Input};
use crate::model::{Cluster, Mesh};
use crate::report;
use crate::rules;
use crate::trust::TrustState;

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
    Validate {
        /// Mesh files
        #[arg(default_value = "mesh.yaml")]
        files: Vec<PathBuf>,
        /// Form of the report
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
        /// Make a code an error; `warnings` for all warnings
        #[arg(long, value_name = "CODE")]
        deny: Vec<String>,
        /// Time to check dates against, as RFC 3339 writes it; default: now
        #[arg(long, value_name = "TIME", value_parser = rfc_3339)]
        now: Option<i64>,
    },
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
    /// Print the JSON Schema of mesh.yaml
    Schema,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Runs the program on its arguments.
pub fn run() -> ExitCode {
    let code = match Cli::parse().command {
        Command::Validate {
            files,
            format,
            deny,
            now,
        } => validate(&files, format, &deny, now),
        Command::Render(args) => render::run(&args),
        Command::Firewall(args) => firewall::run(&args),
        Command::Terraform => terraform::run(),
        Command::Explain { code } => explain(code.as_deref()),
        Command::Schema => print(&format!("{:#}\n", input::mesh_file::schema())),
    };
    ExitCode::from(code)
}

/// A mesh that was read, with everything that was found.
struct Checked {
    input: Input,
    mesh: Option<Mesh>,
    findings: Vec<Finding>,
}

fn check(
    file: &std::path::Path,
    ask: impl Fn(&Mesh) -> Request,
    now: Option<i64>,
) -> Result<Checked, input::Unreadable> {
    let mut input = input::load(file)?;
    let mut findings = std::mem::take(&mut input.findings);
    let (mesh, mut resolved) = crate::resolve::resolve(&input);
    findings.append(&mut resolved);
    if let Some(mesh) = &mesh {
        let request = ask(mesh);
        let trust = TrustState::of(mesh, now);
        let (plan, mut planned) = plan(mesh, &trust, &request);
        findings.append(&mut planned);
        let context = rules::Context {
            input: &input,
            mesh,
            trust: &trust,
            plan: &plan,
            request: &request,
            now,
        };
        findings.append(&mut rules::check(&context));
    }
    if let Some(mesh) = &mesh {
        findings = ignore::apply(findings, &mesh.ignores, now.is_some());
    }
    let findings = finding::settle(findings, &input.sources);
    Ok(Checked {
        input,
        mesh,
        findings,
    })
}

fn validate(files: &[PathBuf], format: Format, deny: &[String], now: Option<i64>) -> u8 {
    let now = now.unwrap_or_else(unix_now);
    let (files, strays) = input::nearest::mesh_files(files);
    let mut code = 0;
    for stray in &strays {
        complain(&stray.to_string());
        code = USAGE;
    }
    for file in &files {
        match check(file, |_| Request::default(), Some(now)) {
            Err(error) => {
                complain(&error.to_string());
                return USAGE;
            }
            Ok(checked) => {
                let text = match format {
                    Format::Text => report::text::report(&checked.findings, &checked.input.sources),
                    Format::Json => json(&checked),
                };
                code = code.max(print(&text)).max(status(&checked.findings, deny));
            }
        }
    }
    code
}

fn json(checked: &Checked) -> String {
    let report = report::json::report(&checked.findings, &checked.input.sources);
    serde_json::to_string_pretty(&report).map_or_else(|_| String::new(), |text| text + "\n")
}

fn status(findings: &[Finding], deny: &[String]) -> u8 {
    let summary = Summary::of(findings);
    let denied = |finding: &Finding| deny.iter().any(|code| code == finding.code);
    let warnings = deny.iter().any(|code| code == "warnings") && summary.warnings > 0;
    u8::from(summary.errors > 0 || warnings || findings.iter().any(denied))
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
    if let Some(code) = code::named(name) {
        return print(&explain::text(code));
    }
    let names: Vec<&str> = code::catalogue().iter().map(|code| code.name).collect();
    let near =
        closest(name, &names).map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
    complain(&format!("no finding has the code `{name}`{near}"));
    USAGE
}

fn unix_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// Writes to standard output. A reader that has gone away is no fault.
fn print(text: &str) -> u8 {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => USAGE,
        _ => 0,
    }
}

/// Writes to standard error; where that fails there is nobody left to tell.
fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// A time such as `2026-11-23T00:00:00Z`, as Unix seconds.
fn rfc_3339(text: &str) -> Result<i64, String> {
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| "expected a time such as 2026-11-23T00:00:00Z".to_owned())
}
