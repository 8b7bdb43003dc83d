//! Reading YAML with places, and writing it back the way KKP does.
//!
//! Why not serde alone: a finding must point at the very bytes it is about, a current `valuesBlock` must be read by the
//! rules of the Go library that KKP uses, and what we write must not change type in any reader. None of this survives a
//! typed deserializer, so this module keeps its own small tree and is the only user of the YAML parser.

mod key_index;
mod key_order;
mod line_index;
mod mapping;
mod most;
mod node;
mod number;
mod parse;
mod scalar;
mod stream;
mod style;
mod tree;
mod within;
mod write;
mod yaml11;

#[cfg(test)]
mod tests;

pub(crate) use line_index::{LineIndex, Position};
pub(crate) use most::Most;
pub use node::{Kind, Node};
pub use parse::parse;
pub(crate) use parse::{parse_at_most, parse_json};
pub use scalar::ScalarRules;
pub(crate) use scalar::ScalarValue;
pub(crate) use stream::SyntaxError;
pub(crate) use within::Marks;
pub use write::write;
pub(crate) use write::write_around;
pub(crate) use write::{scalar, write_at};
