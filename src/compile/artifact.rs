//! One file of a cluster.

use std::io;

use super::index::{ClusterFile, FileKind, PatchType};
use super::patch::Patch;
use crate::render::FillError;

/// One file of a cluster.
pub(crate) struct Artifact {
    /// Path in the output folder.
    pub path: String,
    /// What is in it.
    pub content: Content,
    /// What it is.
    pub kind: FileKind,
    /// How a patch is applied.
    pub patch_type: Option<PatchType>,
    /// Whether it holds, or may hold, key material.
    pub secret: bool,
}

/// What is in a file.
pub enum Content {
    /// A text.
    Text(String),
    /// A patch, put together while it is written.
    Patch(Box<Patch>),
}

impl Artifact {
    /// Writes its bytes.
    ///
    /// # Errors
    /// If a template fails, or `out`.
    pub(crate) fn write(&self, out: &mut dyn io::Write) -> Result<(), FillError> {
        match &self.content {
            Content::Text(text) => Ok(out.write_all(text.as_bytes())?),
            Content::Patch(patch) => patch.write(out),
        }
    }

    /// Whether only its owner may read it: patches and Secrets are private, whatever is in them today.
    pub(crate) fn is_private(&self) -> bool {
        self.kind != FileKind::Services
    }

    /// Its entry in the index, with the digest of its bytes.
    pub(crate) fn entry(&self, sha256: String) -> ClusterFile {
        ClusterFile {
            path: self.path.clone(),
            kind: self.kind,
            patch_type: self.patch_type,
            secret: self.secret,
            sha256,
        }
    }
}
