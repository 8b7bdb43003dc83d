//! Why output could not be made.

use std::io;
use std::path::{Path, PathBuf};

use crate::compile::kubectl::quoted;
use crate::compile::patch::PatchError;
use crate::firewall::dialect;
use crate::render::{FillError, TemplateError};

/// Why output could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file, a folder or standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Io(#[from] io::Error),
    /// Targets that meshgen does not replace, and files that no index names although they stand at places of meshgen's.
    #[error("{}", in_the_way(.0, .1))]
    InTheWay(Vec<InTheWay>, Vec<PathBuf>),
    /// A patch cannot be made.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// A template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A firewall dialect refuses a value.
    #[error(transparent)]
    Dialect(#[from] dialect::Error),
    /// Firewall dialects refuse values of several clusters.
    #[error("{}", lines(.0))]
    Dialects(Vec<dialect::Error>),
}

/// Something at the place of a file that meshgen would write.
#[derive(Debug)]
pub struct InTheWay {
    /// Its path.
    pub path: PathBuf,
    /// What it is.
    pub what: &'static str,
}

/// How many of them are named.
const NAMED: usize = 20;

fn in_the_way(all: &[InTheWay], strays: &[PathBuf]) -> String {
    let named = all.iter().take(NAMED);
    let mut lines: Vec<String> = named
        .map(|one| format!("{} is in the way: {}", one.path.display(), one.what))
        .collect();
    if all.len() > NAMED {
        lines.push(format!("{} more files are in the way", all.len() - NAMED));
    }
    lines.extend(strays.iter().take(NAMED).map(|path| stray(path)));
    lines.push(
        "nothing was written; move them away, write into another folder, or let `--force` replace foreign and edited files"
            .to_owned(),
    );
    lines.join("\n")
}

/// What is said of a file that no index names, at a place where meshgen writes.
pub(crate) fn stray(path: &Path) -> String {
    let path = path.display().to_string();
    format!(
        "warning: {path} is not of this mesh, and no index names it; it may hold a key: if an earlier run left it, `rm {}`",
        quoted(&path)
    )
}

impl From<dialect::WriteError> for OutputError {
    fn from(error: dialect::WriteError) -> Self {
        match error {
            dialect::WriteError::Dialect(error) => error.into(),
            dialect::WriteError::Output(error) => error.into(),
        }
    }
}

impl From<FillError> for OutputError {
    fn from(error: FillError) -> Self {
        match error {
            FillError::Template(error) => error.into(),
            FillError::Output(error) => error.into(),
        }
    }
}

fn lines(errors: &[dialect::Error]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
