//! Compiling: from what is true of a mesh to what each cluster must be given.

pub(crate) mod artifact;
pub(crate) mod artifacts;
pub(crate) mod cksum;
pub(crate) mod codes;
pub(crate) mod compiled;
pub(crate) mod firewall;
pub(crate) mod forms;
mod gaps;
pub(crate) mod index;
mod jsonpath;
pub(crate) mod kubectl;
mod lines;
pub(crate) mod missing_facts;
pub(crate) mod owned;
pub(crate) mod patch;
mod patch_reason;
pub(crate) mod paths;
pub(crate) mod peers;
pub(crate) mod plan;
pub(crate) mod scripts;
pub(crate) mod services;
mod shared_ca;
pub(crate) mod step;
pub(crate) mod steps;
pub(crate) mod steps_page;
pub(crate) mod values;
pub(crate) mod wanted;
