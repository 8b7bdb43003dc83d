//! The answer as text, JSON and workflow commands.

pub(crate) mod github;
pub(crate) mod text;
