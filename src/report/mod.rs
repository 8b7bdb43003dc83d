//! Findings as people and programs read them: one file per format.

pub mod json;
pub mod line;
pub mod text;
