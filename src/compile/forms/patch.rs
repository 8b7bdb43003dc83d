//! The patch, for `kubectl patch`.

use super::{Form, FormFile};
use crate::compile::artifact::Content;
use crate::compile::compiled::Compiled;
use crate::compile::index::{FileKind, PatchType};
use crate::compile::patch::{self, PatchError};
use crate::compile::peers::PeerEntries;

pub(super) struct AsPatch;

impl Form for AsPatch {
    fn name(&self) -> &'static str {
        "patch"
    }

    fn help(&self) -> &'static str {
        "A merge patch or a JSON Patch, for kubectl"
    }

    fn kind(&self) -> FileKind {
        FileKind::Patch
    }

    fn file(
        &self,
        compiled: &Compiled<'_, '_>,
        peers: &PeerEntries,
    ) -> Result<FormFile, PatchError> {
        let patch = patch::patch(compiled, peers)?;
        Ok(FormFile {
            extension: match patch.patch_type() {
                PatchType::Merge => "yaml",
                PatchType::Json => "json",
            },
            patch_type: Some(patch.patch_type()),
            secret: patch.secret,
            content: Content::Patch(Box::new(patch)),
        })
    }
}
