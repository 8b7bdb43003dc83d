//! meshgen compiles one `mesh.yaml` into what each KKP user cluster and each firewall must be given.
//!
//! The stages, in the order in which data flows through them:
//!
//! | stage | module | from | to |
//! |---|---|---|---|
//! | load | [`input`] | files | typed text with the places of all values ([`source`]) |
//! | resolve | [`resolve`] | text | [`model::Mesh`]: what is true |
//! | plan | [`mod@compile::plan`] | mesh | a [`compile::plan::Plan`]: how far each cluster can go |
//! | check | [`rules`] | mesh and plan | [`finding::Finding`]s |
//! | compile | [`compile`] | mesh and plan | values, patches, steps, [`firewall`] rules |
//! | render | [`render`] | contexts | text, from `templates/` |
//! | output | [`output`] | a plan | every file, in order |
//! | emit | [`emit`] | files | a folder, standard output, or Terraform's answer |
//!
//! [`pipeline`] joins load, resolve, plan and check; every command that reads a mesh goes through it.
//!
//! Beside them: `datapath` (how packets travel, as the current values say), [`profile`] (what a Cilium chart or KKP version does), [`kkp`] (what KKP's webhook
//! and controller answer), [`pki`] and [`trust`] (certificates), [`verify`] (what saved outputs say), [`yaml`].

mod apiserver_service;
pub mod catalogue;
pub mod cli;
pub mod code;
pub mod compile;
mod datapath;
pub mod diagnostics;
pub mod emit;
pub mod explain;
pub mod finding;
pub mod firewall;
pub mod ignore;
mod init;
pub mod input;
pub mod kkp;
mod mesh_lock;
pub mod model;
pub mod output;
pub mod pipeline;
pub mod pki;
mod preview;
pub mod profile;
pub mod render;
mod report_page;
pub mod resolve;
pub mod rules;
pub mod source;
pub mod trust;
mod truth;
mod utf16;
pub mod verify;
pub mod yaml;
