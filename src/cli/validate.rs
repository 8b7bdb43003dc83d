//! `meshgen validate`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{
    CheckedFile, USAGE, UnknownCluster, UnknownCode, check_file, complain, find_code,
    find_unlocked, print, print_styled, rfc_3339, unix_now,
};
use crate::compile::plan::Request;
use crate::diagnostics::{self, Report};
use crate::finding::{Finding, Severity};
use crate::input;

/// Arguments of `meshgen validate`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Mesh files
    #[arg(default_value = "mesh.yaml")]
    files: Vec<PathBuf>,
    /// Form of the report
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Print all findings, not the first 20 of each code
    #[arg(long)]
    all: bool,
    /// Fail if this code is found; `warnings` for all warnings
    #[arg(long, value_name = "CODE", value_parser = deniable)]
    deny: Vec<String>,
    /// Let this cluster differ from mesh.lock.yaml
    #[arg(long, value_name = "NAME")]
    unlock: Vec<String>,
    /// Time to check dates against, as RFC 3339 writes it; default: now
    #[arg(long, value_name = "TIME", value_parser = rfc_3339)]
    now: Option<i64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people, with the lines that findings are about
    Text,
    /// For programs; `meshgen schema findings` prints its schema
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
}

/// The word for all warnings, where a code could stand.
const WARNINGS: &str = "warnings";

fn deniable(word: &str) -> Result<String, UnknownCode> {
    if word == WARNINGS {
        return Ok(word.to_owned());
    }
    find_code(word).map(|code| code.name.to_owned())
}

pub(super) fn run(args: &Args) -> u8 {
    let now = args.now.unwrap_or_else(unix_now);
    let (files, strays) = input::nearest::mesh_files(&args.files);
    let (mut meshes, mut unreadable) = (Vec::new(), 0);
    for stray in &strays {
        complain(&stray.to_string());
        unreadable = USAGE;
    }
    for file in &files {
        match check_file(file, |_| request(args), Some(now)) {
            Ok(checked) => meshes.push(checked),
            Err(error) => {
                complain(&error.to_string());
                unreadable = USAGE;
            }
        }
    }
    if meshes.is_empty() {
        return unreadable;
    }
    if let Some(unknown) = unknown_unlocked(&meshes, &args.unlock) {
        complain(&unknown.to_string());
        return USAGE;
    }
    let failure = ValidateFailure::of(&meshes, &args.deny);
    let reports: Vec<Report<'_>> = meshes.iter().map(CheckedFile::report).collect();
    let printed = match args.format {
        Format::Text => print_styled(&text(&reports, &failure, args.all)),
        Format::Json => print_json(&diagnostics::json::document(&reports)),
        Format::Sarif => print_json(&diagnostics::sarif::log(&reports)),
        Format::Github => print(&diagnostics::github::commands(&reports)),
    };
    unreadable.max(printed).max(u8::from(failure.fails()))
}

fn request(args: &Args) -> Request {
    Request {
        unlocked: args.unlock.iter().cloned().collect(),
        ..Request::default()
    }
}

/// A name that was unlocked and that none of the meshes knows.
fn unknown_unlocked(meshes: &[CheckedFile], names: &[String]) -> Option<UnknownCluster> {
    names.iter().find_map(|name| {
        let name = std::slice::from_ref(name);
        let found = meshes.iter().map(|checked| {
            let mesh = checked.mesh.as_ref();
            mesh.map_or(Ok(()), |mesh| {
                find_unlocked(mesh, checked.input.lock.as_ref(), name)
            })
        });
        // One mesh that knows it is enough.
        found.reduce(|one, other| one.or(other))?.err()
    })
}

/// Why the exit status is not 0.
struct ValidateFailure {
    has_errors: bool,
    /// Denied codes, or `warnings`, that were found.
    denied: Vec<String>,
}

impl ValidateFailure {
    fn of(meshes: &[CheckedFile], deny: &[String]) -> Self {
        let findings = || meshes.iter().flat_map(|checked| &checked.findings);
        let is_denied = |word: &str, finding: &Finding| {
            finding.code == word || (word == WARNINGS && finding.severity == Severity::Warning)
        };
        let was_found = |word: &&String| findings().any(|finding| is_denied(word, finding));
        Self {
            has_errors: findings().any(|finding| finding.severity == Severity::Error),
            denied: deny.iter().filter(was_found).cloned().collect(),
        }
    }

    fn fails(&self) -> bool {
        self.has_errors || !self.denied.is_empty()
    }

    /// What the closing line adds where no error tells why.
    fn remark(&self) -> String {
        if self.has_errors || self.denied.is_empty() {
            return String::new();
        }
        let flags: Vec<String> = self
            .denied
            .iter()
            .map(|word| format!("`--deny {word}`"))
            .collect();
        format!("; fails by {}", flags.join(" and "))
    }
}

/// Nothing at all about sound meshes.
fn text(reports: &[Report<'_>], failure: &ValidateFailure, all: bool) -> String {
    let mut text = if all {
        diagnostics::text::all_findings(reports)
    } else {
        diagnostics::text::findings(reports)
    };
    if !text.is_empty() {
        let subject = match reports {
            [one] => one.mesh_file().to_owned(),
            several => format!("{} files", several.len()),
        };
        text += &diagnostics::text::closing(
            diagnostics::summary(reports),
            failure.fails(),
            &subject,
            &failure.remark(),
        );
    }
    text
}

fn print_json(value: &impl serde::Serialize) -> u8 {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&(text + "\n")),
        Err(error) => {
            complain(&error.to_string());
            USAGE
        }
    }
}
