//! Cilium versions that KKP has taken off its offer, with the reasons that it gives.
//!
//! Source: `deprecatedCNIPluginVersions` in `pkg/cni/version.go` of `kubermatic/kubermatic`, all release
//! tags from 2.22.0 to 2.31.0, with its comments. The lists grow: one is named for the first KKP
//! version that has it, though others may share it.

use super::version::Version;

/// Cilium versions that were taken off for one reason.
#[derive(Debug)]
pub struct Withdrawn {
    /// The versions.
    pub versions: &'static [Version],
    /// The vulnerabilities; empty where KKP names none.
    pub why: &'static str,
}

const fn c(minor: u16, patch: u16) -> Version {
    Version::new(1, minor, patch)
}

macro_rules! withdrawn {
    ($($name:ident: [$($version:expr),*] $why:literal;)*) => {
        $(static $name: Withdrawn = Withdrawn { versions: &[$($version),*], why: $why };)*
    };
}

withdrawn! {
    C13_0: [c(13, 0)] "CVE-2023-34242";
    C13_3: [c(13, 3)] "CVE-2023-34242";
    C13_4: [c(13, 4)] "GHSA-pvgm-7jpg-pw5g, GHSA-69vr-g55c-v2v4, GHSA-mc6h-6j9x-v3gq, GHSA-7mhv-gr67-hq55";
    C13_6: [c(13, 6), c(14, 1)] "CVE-2023-39347, CVE-2023-41333, CVE-2023-41332";
    C13_7: [c(13, 7), c(14, 2)] "CVE-2023-44487";
    C13_8: [c(13, 8), c(14, 3)] "CVE-2024-28860, CVE-2024-28248";
    C14_9: [c(14, 9)] "CVE-2024-47825";
    C15_3: [c(15, 3)] "CVE-2024-47825";
    C15_10: [c(15, 10)] "CVE-2025-32793";
    C16_6: [c(16, 6)] "CVE-2025-32793";
    C13_14: [c(13, 14)] "";
    C14_16: [c(14, 16)] "CVE-2025-23028, CVE-2025-23047";
    C15_16: [c(15, 16), c(16, 9), c(17, 7)] "CVE-2025-64715, CVE-2026-33726, CVE-2026-41520";
    C18_2: [c(18, 2)] "CVE-2025-64715, CVE-2026-26963, CVE-2026-33726, CVE-2026-41520";
    C18_6: [c(17, 12), c(18, 6)] "CVE-2026-33726, CVE-2026-41520";
    C18_8: [c(17, 14), c(18, 8)] "CVE-2026-41520";
}

pub(super) const SINCE_2_22_9: &[&Withdrawn] = &[&C13_0];
pub(super) const SINCE_2_23_3: &[&Withdrawn] = &[&C13_0, &C13_3, &C13_4];
pub(super) const SINCE_2_23_5: &[&Withdrawn] = &[&C13_0, &C13_3, &C13_4, &C13_6];
pub(super) const SINCE_2_23_6: &[&Withdrawn] = &[&C13_0, &C13_3, &C13_4, &C13_6, &C13_7];
pub(super) const SINCE_2_24: &[&Withdrawn] = SINCE_2_23_6;
pub(super) const SINCE_2_25_1: &[&Withdrawn] = &[&C13_0, &C13_3, &C13_4, &C13_6, &C13_7, &C13_8];
pub(super) const SINCE_2_25_12: &[&Withdrawn] =
    &[&C13_0, &C13_3, &C13_4, &C13_6, &C13_7, &C13_8, &C14_9];
pub(super) const SINCE_2_26_1: &[&Withdrawn] = &[
    &C13_0, &C13_3, &C13_4, &C13_6, &C13_7, &C13_8, &C14_9, &C15_3,
];
pub(super) const SINCE_2_26_8: &[&Withdrawn] = &[
    &C13_0, &C13_3, &C13_4, &C13_6, &C13_7, &C13_8, &C14_9, &C15_3, &C15_10,
];
pub(super) const SINCE_2_27: &[&Withdrawn] = &[
    &C13_0, &C13_3, &C13_4, &C13_6, &C13_7, &C13_8, &C14_9, &C15_3, &C13_14,
];
pub(super) const SINCE_2_27_4: &[&Withdrawn] = &[
    &C13_0, &C13_3, &C13_4, &C13_6, &C13_7, &C13_8, &C14_9, &C15_3, &C13_14, &C15_10, &C16_6,
];
pub(super) const SINCE_2_29: &[&Withdrawn] = &[
    &C13_0, &C13_3, &C13_4, &C13_6, &C13_7, &C13_8, &C14_9, &C15_3, &C13_14, &C15_10, &C16_6,
    &C14_16,
];
pub(super) const SINCE_2_31: &[&Withdrawn] = &[
    &C13_0, &C13_3, &C13_4, &C13_6, &C13_7, &C13_8, &C14_9, &C15_3, &C13_14, &C15_10, &C16_6,
    &C14_16, &C15_16, &C18_2, &C18_6, &C18_8,
];
