//! What a person pastes into KKP's dashboard.

use super::{Form, FormFile, Whole};
use crate::compile::compiled::Compiled;
use crate::compile::index::FileKind;
use crate::compile::patch::PatchError;
use crate::compile::peers::PeerEntries;
use crate::render;
use crate::yaml;

pub(super) struct AsFragment;

impl Form for AsFragment {
    fn name(&self) -> &'static str {
        "fragment"
    }

    fn help(&self) -> &'static str {
        "What to paste into KKP's dashboard"
    }

    fn kind(&self) -> FileKind {
        FileKind::Fragment
    }

    fn file(&self, compiled: &Compiled<'_, '_>, _: &PeerEntries) -> Result<FormFile, PatchError> {
        let whole = Whole::new(compiled)?;
        let known = whole.wanted.before.is_some();
        let text = if known {
            yaml::write(&whole.wanted.merged)
        } else {
            yaml::write(&whole.additions())
        };
        whole.page(&render::FRAGMENT, text, known)
    }
}
