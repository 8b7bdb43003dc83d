//! What Kubermatic (KKP) itself does to the ApplicationInstallation `cilium`: what its admission answers to a change,
//! and what its controller writes over afterwards.
//!
//! Every fact stands as data beside the file of `kubermatic/kubermatic` that it was read from; no code here compares
//! version numbers beyond picking the row that holds for a KKP patch.

pub(crate) mod reconcile;
pub(crate) mod template;
pub(crate) mod webhook;

/// A KKP version: major, minor, patch.
pub type KkpVersion = (u32, u32, u32);
