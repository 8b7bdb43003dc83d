//! meshgen compiles one `mesh.yaml` into what each KKP user cluster and each firewall must be given.
//!
//! The stages, in the order in which data flows through them:
//!
//! | stage | module | from | to |
//! |---|---|---|---|
//! | load | `input` | files | typed text with the places of all values (`source`) |
//! | resolve | `resolve` | text | `model::Mesh`: what is true |
//! | plan | `compile::plan` | mesh | a `compile::plan::Plan`: how far each cluster can go |
//! | check | `rules` | mesh and plan | `finding::Finding`s |
//! | compile | `compile` | mesh and plan | values, patches, steps, `firewall` rules |
//! | render | `render` | contexts | text, from `templates/` |
//! | output | `output` | a plan | every file, in order |
//! | emit | `emit` | files | a folder, standard output, or Terraform's answer |
//!
//! `pipeline` joins load, resolve, plan and check; every command that reads a mesh goes through it.
//!
//! Beside them: `datapath` (how packets travel, as the current values say), `profile` (what a Cilium chart or KKP version does), `kkp` (what KKP's webhook
//! and controller answer), `pki` and `trust` (certificates), `verify` (what saved outputs say), `yaml`.

mod apiserver_service;
mod catalogue;
pub mod cli;
mod code;
mod compile;
mod datapath;
mod diagnostics;
mod emit;
mod explain;
mod finding;
mod firewall;
mod ignore;
mod init;
mod input;
mod kkp;
mod mesh_lock;
mod model;
mod output;
mod pipeline;
mod pki;
mod preview;
mod profile;
mod render;
mod report_page;
mod resolve;
mod rules;
mod source;
mod trust;
mod truth;
mod utf16;
mod verify;
mod yaml;

/// What the tests, benchmarks, examples and fuzz targets of this repository use. It promises nothing to other crates.
pub mod testing {
    pub use crate::catalogue::catalogue;
    pub use crate::code::Code;

    /// The command `explain`.
    pub mod explain {
        pub use crate::explain::page;
    }
    /// How findings are printed.
    pub mod diagnostics {
        pub use crate::diagnostics::Report;
        /// Workflow commands of GitHub.
        pub mod github {
            pub use crate::diagnostics::github::commands;
        }
        /// JSON.
        pub mod json {
            pub use crate::diagnostics::json::document;
        }
        /// SARIF.
        pub mod sarif {
            pub use crate::diagnostics::sarif::log;
        }
        /// Text for people.
        pub mod text {
            pub use crate::diagnostics::text::{all_findings, findings};
        }
    }
    /// The plan, and the forms of values.
    pub mod compile {
        /// The forms of values.
        pub mod forms {
            pub use crate::compile::forms::FORMS;
        }
        /// How far each cluster can go.
        pub mod plan {
            pub use crate::compile::plan::{Phase, Purpose, Request};
        }
    }
    /// Findings.
    pub mod finding {
        pub use crate::finding::{Finding, Label, Severity, has_errors};
    }
    /// Files that were read.
    pub mod input {
        pub use crate::input::load;
    }
    /// What KKP does.
    pub mod kkp {
        pub use crate::kkp::KkpVersion;
        /// Its controller.
        pub mod reconcile {
            pub use crate::kkp::reconcile::{
                Effect, EnforcedPath, When, enforced_paths, reconcile,
            };
        }
        /// Its admission webhook.
        pub mod webhook {
            pub use crate::kkp::webhook::{
                Known, Reason, Verdict, admission, predict, pruned_paths, read_block,
            };
        }
    }
    /// The files that are made.
    pub mod output {
        pub use crate::output::{Memory, Options, Output};
    }
    /// The way from mesh.yaml to a plan.
    pub mod pipeline {
        pub use crate::pipeline::{Loaded, check, load};
    }
    /// Certificates and keys.
    pub mod pki {
        pub use crate::pki::{Certificate, Fit, PrivateKey, prove_ca, prove_remote};
    }
    /// From input to mesh.
    pub mod resolve {
        pub use crate::resolve::resolve;
    }
    /// Texts with places.
    pub mod source {
        pub use crate::source::{SourceFile, Sources};
    }
    /// Saved outputs of Cilium.
    pub mod verify {
        pub use crate::verify::recognised;
    }
    /// YAML.
    pub mod yaml {
        pub use crate::yaml::{Kind, Node, ScalarRules, parse, write};
    }
}
