//! Reading YAML with places, and writing it back the way KKP does.

mod line_index;

#[cfg(test)]
mod tests;

pub use line_index::{LineIndex, Position};
