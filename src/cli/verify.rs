//! `meshgen verify`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{USAGE, complain, or_exit_status, print};
use crate::diagnostics::Report;
use crate::pipeline::{Loaded, load};
use crate::verify::{self, show};

/// Arguments of `meshgen verify`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The mesh file
    #[arg(default_value = "mesh.yaml")]
    file: PathBuf,
    /// Folder with a folder of saved outputs for each cluster
    #[arg(long, value_name = "FOLDER")]
    checks: PathBuf,
    /// Form of the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Tell all pairs that are not healthy, however many
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people: the matrix of clusters, then what is wrong
    Text,
    /// For programs
    Json,
    /// Workflow commands of GitHub Actions
    Github,
}

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
        return super::refuse(&Report::new(&findings, &input.sources), "");
    };
    let answer = match verify::verify(&input, &mesh, &args.checks) {
        Ok(answer) => answer,
        Err(error) => {
            complain(&format!("cannot read {}: {error}", args.checks.display()));
            return USAGE;
        }
    };
    let printed = match args.format {
        Format::Text => print(&show::text::text(&answer, args.all)),
        Format::Json => match serde_json::to_string_pretty(&answer) {
            Ok(text) => print(&(text + "\n")),
            Err(_) => USAGE,
        },
        Format::Github => {
            let line_of = |name: &str| {
                let cluster = mesh.clusters.iter().find(|cluster| cluster.name() == name);
                cluster.map_or(1, |cluster| input.sources.positions(&cluster.place).0.line)
            };
            print(&show::github::commands(
                &answer,
                &input.sources.file(input.mesh_file).name,
                line_of,
            ))
        }
    };
    printed.max(u8::from(!answer.healthy))
}
