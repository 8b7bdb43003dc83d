//! `meshgen report`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{USAGE, complain, or_exit_status, rfc_3339};
use crate::compile::plan::Request;
use crate::diagnostics::Report;
use crate::emit::replace;
use crate::model::Mesh;
use crate::pipeline::{Loaded, check, load};
use crate::report_page::{self, HealthMatrix, ReportInput};
use crate::verify;

/// Arguments of `meshgen report`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The mesh file
    #[arg(default_value = "mesh.yaml")]
    file: PathBuf,
    /// File to write the page into
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Time to check dates against, as RFC 3339 writes it; without it the page says nothing about today
    #[arg(long, value_name = "TIME", value_parser = rfc_3339)]
    now: Option<i64>,
    /// Folder of saved outputs, as `meshgen verify` reads it: the page then shows the health of each pair
    #[arg(long, value_name = "FOLDER")]
    checks: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> u8 {
    match write(args) {
        Ok(()) => 0,
        Err(status) => status,
    }
}

fn write(args: &Args) -> Result<(), u8> {
    let Loaded {
        input,
        mesh,
        findings,
    } = or_exit_status(load(&args.file))?;
    let Some(mesh) = mesh else {
        return Err(super::refuse(&Report::new(&findings, &input.sources), ""));
    };
    // A mesh with errors can be looked at too: that is when a picture helps most.
    let checked = check(&input, &mesh, findings, &Request::default(), args.now);
    let health = match &args.checks {
        Some(folder) => Some(health(&input, &mesh, folder)?),
        None => None,
    };
    let page = report_page::page(&ReportInput {
        plan: &checked.plan,
        findings: &checked.findings,
        sources: &input.sources,
        now: args.now,
        health,
    });
    let page = page.map_err(|error| {
        complain(&error.to_string());
        1
    })?;
    if let Some(what) = in_the_way(&args.output) {
        complain(&format!(
            "{}: {what}; nothing was written: name another file, or move this one away",
            args.output.display()
        ));
        return Err(USAGE);
    }
    replace(&args.output, &page).map_err(|error| {
        complain(&format!("cannot write {}: {error}", args.output.display()));
        USAGE
    })
}

/// What is at the place of the page, if that is not a page of this command's own.
fn in_the_way(path: &Path) -> Option<&'static str> {
    let found = path.symlink_metadata().ok()?;
    if !found.is_file() {
        return Some("is no regular file");
    }
    let mut begin = Vec::new();
    // What cannot be read is not known to be such a page.
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut begin));
    let is_own = begin.windows(MARK.len()).any(|window| window == MARK);
    let is_free = is_own || (read.is_ok() && found.len() == 0);
    (!is_free).then_some("is not a page that meshgen report has written")
}

/// How many bytes of a file are searched for the mark of a page.
const HEAD: u64 = 2000;
/// Stands in the head of every page.
const MARK: &[u8] = b"<meta name=\"generator\" content=\"meshgen report\">";

/// What `verify` says of a checks folder.
fn health(input: &crate::input::Input, mesh: &Mesh, folder: &Path) -> Result<HealthMatrix, u8> {
    let answer = verify::verify(input, mesh, folder).map_err(|error| {
        complain(&format!("cannot read {}: {error}", folder.display()));
        USAGE
    })?;
    Ok(HealthMatrix::of(&answer))
}
