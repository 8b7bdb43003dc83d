//! Why output could not be made.

use std::io;

use crate::compile::patch::PatchError;
use crate::firewall::dialect;
use crate::render::{FillError, TemplateError};

/// Why output could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file, a folder or standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Io(#[from] io::Error),
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
