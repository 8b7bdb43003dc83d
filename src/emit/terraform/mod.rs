//! The protocol of Terraform's `external` data source: one JSON object of strings in, one out.
//!
//! Terraform runs it at every plan and refresh, throws standard error away when all is well, and keeps
//! the answer in its state as plain text. So the answer depends on files alone, carries its warnings
//! itself, and holds no key unless the query asks for it.

mod answer;
mod query;

pub(crate) use answer::{AnswerError, answer};
pub(crate) use query::{Query, QueryError};

/// Says in the answer what its reader must know before the state is shared.
pub(crate) const KEYS_IN_STATE: &str = "warning: `secrets` is \"true\", so Terraform's state now holds the patch in plain text, and any key that is in it";
