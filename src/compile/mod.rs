//! Compiling: from what is true of a mesh to what each cluster must be given.

pub mod artifact;
pub mod artifacts;
pub(crate) mod cksum;
pub(crate) mod codes;
pub mod compiled;
pub mod firewall;
pub mod forms;
mod gaps;
pub mod index;
pub mod kubectl;
mod lines;
pub mod missing_facts;
pub mod owned;
pub mod patch;
pub(crate) mod paths;
pub mod peers;
pub mod plan;
pub mod scripts;
pub mod services;
mod shared_ca;
pub mod step;
pub mod steps;
pub mod steps_page;
pub mod values;
pub mod wanted;
