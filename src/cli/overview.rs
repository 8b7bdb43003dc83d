//! `meshgen report`.

use std::path::PathBuf;

use super::{USAGE, complain, or_told, rfc_3339};
use crate::compile::plan::Request;
use crate::emit::replace;
use crate::overview::{self, Input};
use crate::pipeline::{Loaded, check, load};
use crate::report::Report;

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
    } = or_told(load(&args.file))?;
    let Some(mesh) = mesh else {
        return Err(super::refuse(&Report::new(&findings, &input.sources), ""));
    };
    // A mesh with errors can be looked at too: that is when a picture helps most.
    let checked = check(&input, &mesh, findings, &Request::default(), args.now);
    let page = overview::page(&Input {
        plan: &checked.plan,
        findings: &checked.findings,
        sources: &input.sources,
        now: args.now,
        health: None,
    });
    let page = page.map_err(|error| {
        complain(&error.to_string());
        1
    })?;
    replace(&args.output, &page).map_err(|error| {
        complain(&format!("cannot write {}: {error}", args.output.display()));
        USAGE
    })
}
