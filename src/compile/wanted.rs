//! The values of a cluster as they are wanted, beside those of today.

use serde_json::Value;

use super::compiled::Compiled;
use super::patch::{PatchError, merged};
use super::values::peer_list;

/// The values of a cluster as they are wanted.
pub struct Wanted<'c> {
    /// What is set and removed, the peers included; `null` removes.
    pub patch: Value,
    /// The current values, where they are known.
    pub before: Option<&'c Value>,
    /// The current values with the patch merged in.
    pub merged: Value,
}

impl<'c> Wanted<'c> {
    /// Merges what is wanted into the current values.
    ///
    /// # Errors
    /// If a value would change that meshgen does not own.
    pub fn new(compiled: &Compiled<'_, 'c>) -> Result<Self, PatchError> {
        let mut patch = compiled.owned.patch.clone();
        if let Some(list) = peer_list(compiled.plan, compiled.cluster, compiled.owned.peers) {
            patch["clustermesh"]["config"]["clusters"] = list;
        }
        let current = compiled.cluster.cluster.current.as_ref();
        let before = current.map(|current| current.values());
        Ok(Self {
            merged: merged(compiled.cluster, before, &patch)?,
            patch,
            before,
        })
    }
}
