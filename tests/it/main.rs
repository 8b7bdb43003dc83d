//! Integration tests, all in one program: it links once. A module is about one thing that the built program, or the
//! library as a whole, must do; `common` has what they share.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

mod births;
mod bundle;
mod capacity;
mod certificates;
mod ci;
mod current_values;
mod datapath;
mod dates;
mod dependencies;
mod exchanged;
mod field;
mod firewall;
#[cfg(unix)]
mod folder;
mod forms;
mod guide;
mod init;
#[cfg(unix)]
mod inputs;
mod judged;
#[cfg(unix)]
mod kill;
mod largest_mesh;
mod lock;
mod manners;
mod mesh_page;
mod meshes;
mod messages;
mod mutations;
mod nearest;
mod new_rule;
mod overlaps;
mod overview;
mod patches;
#[cfg(unix)]
mod pki;
mod plan;
mod platform_firewall;
mod predictions;
mod properties;
mod readme;
mod report;
mod rotation;
mod rules;
mod saved_outputs;
#[cfg(unix)]
mod scripts;
mod secrets;
mod service_settings;
mod services;
mod shapes;
#[cfg(unix)]
mod steps_page;
mod stories;
mod structure;
mod terraform;
mod typed;
mod verify;
mod webhook_enforced;
mod webhook_verdicts;
