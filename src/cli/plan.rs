//! `meshgen plan`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{complain, complain_styled, failed, or_exit_status, print, refuse};
use crate::compile::plan::{Purpose, Request};
use crate::diagnostics::{self, Report};
use crate::finding::{self, Severity};
use crate::output::way_to_mesh;
use crate::pipeline::{Loaded, check, load};
use crate::preview::{self, Preview};

/// Arguments of `meshgen plan`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The mesh file
    #[arg(default_value = "mesh.yaml")]
    file: PathBuf,
    /// Show the values from today's to wanted, line by line, keys hidden
    #[arg(long)]
    diff: bool,
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Exit with 0 where nothing is to be done or missing, 2 where something is, 1 for any error
    #[arg(long)]
    detailed_exitcode: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

pub(super) fn run(args: &Args) -> u8 {
    match answer(args) {
        Ok(preview) => {
            let printed = show(&preview, args.format);
            let is_open = args.detailed_exitcode && preview.changes;
            if printed == 0 && is_open { 2 } else { printed }
        }
        // With detailed exit codes 2 says that something is to be done, so every error is 1.
        Err(status) if args.detailed_exitcode => status.min(1),
        Err(status) => status,
    }
}

fn answer(args: &Args) -> Result<Preview, u8> {
    let Loaded {
        input,
        mesh,
        findings,
    } = or_exit_status(load(&args.file))?;
    let Some(mesh) = mesh else {
        return Err(refuse(&Report::new(&findings, &input.sources), ""));
    };
    // Without the clock: what a plan says depends on the files alone.
    let request = Request {
        purpose: Purpose::Show,
        ..Request::default()
    };
    let checked = check(&input, &mesh, findings, &request, None);
    if finding::has_errors(&checked.findings) {
        return Err(refuse(&Report::new(&checked.findings, &input.sources), ""));
    }
    let warnings: Vec<_> = checked
        .findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .collect();
    complain_styled(&diagnostics::text::findings(&[Report::new(
        &warnings,
        &input.sources,
    )]));
    // Printed commands run where this one does.
    let way = way_to_mesh(Path::new("."), &args.file);
    let preview = preview::preview(&checked.plan, args.diff, &args.file, &way);
    preview
        .map(|preview| preview.shown(&input.sources))
        .map_err(|error| failed(&error))
}

fn show(preview: &Preview, format: Format) -> u8 {
    match format {
        Format::Text => print(&preview::text::text(preview)),
        Format::Json => match serde_json::to_string_pretty(preview) {
            Ok(text) => print(&(text + "\n")),
            Err(error) => {
                complain(&error.to_string());
                1
            }
        },
    }
}
