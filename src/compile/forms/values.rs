//! The Helm values that the mesh adds, alone.

use super::{Form, FormFile, Whole};
use crate::compile::compiled::Compiled;
use crate::compile::index::FileKind;
use crate::compile::patch::PatchError;
use crate::compile::peers::PeerEntries;
use crate::render;
use crate::yaml;

pub(super) struct AsValues;

impl Form for AsValues {
    fn name(&self) -> &'static str {
        "values"
    }

    fn help(&self) -> &'static str {
        "The Helm values that the mesh adds, alone"
    }

    fn kind(&self) -> FileKind {
        FileKind::Values
    }

    fn file(&self, compiled: &Compiled<'_, '_>, _: &PeerEntries) -> Result<FormFile, PatchError> {
        let whole = Whole::new(compiled)?;
        whole.page(&render::VALUES, yaml::write(&whole.additions()), false)
    }
}
