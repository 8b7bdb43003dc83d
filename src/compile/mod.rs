//! Compiling: from what is true of a mesh to what each cluster must be given.

pub mod kubectl;
pub mod owned;
pub mod patch;
pub mod peers;
pub mod plan;
pub mod values;
