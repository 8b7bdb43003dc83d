//! The one place that knows what a Cilium chart or a KKP version does. Nothing else in meshgen
//! compares version numbers: a version is resolved to its profile once, and the profile is asked.

pub mod capacity;
pub mod cilium;
pub(crate) mod exclusions;
pub mod kkp;
pub mod version;
mod withdrawn;

pub use cilium::Cilium;
pub use kkp::Kkp;
pub use version::Version;

use version::Written;

/// The newest KKP version that was judged, with its default Cilium version, which was judged too (`conformance/judged.json`).
pub(crate) const NEWEST_JUDGED: (&str, &str) = ("2.31.0", "1.19.4");

/// A version and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<P: 'static> {
    /// The version as written; a KKP release line alone stands for its newest known patch.
    pub version: Version,
    /// What it does.
    pub profile: &'static P,
    /// What the oldest version that is meant does: where a release line alone is written, its first one.
    pub oldest: &'static P,
    /// Whether the patch is newer than any that was looked at.
    pub newer_than_known: bool,
}

/// Why a version could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// Not of the form `1.18.10`.
    Malformed,
    /// Of the right form, but of a release line that is not known.
    Line,
    /// A release line alone, where the patch decides.
    PatchNeeded,
}

/// Why a chart cannot be rendered with the values that a KKP version writes itself, if it cannot.
/// Each was seen with the values of KKP's own controller, the chart and Helm.
pub fn cannot_render(kkp: &Kkp, chart: &Cilium) -> Option<&'static str> {
    if kkp.kube_proxy_replacement_as_bool && chart.kube_proxy_replacement_words {
        Some(
            "KKP writes kubeProxyReplacement as true or false, and the chart takes disabled, partial or strict",
        )
    } else if kkp.single_pod_cidr && !chart.single_pod_cidr {
        Some("KKP writes clusterPoolIPv4PodCIDR, which the chart no longer has")
    } else if kkp.mask_as_string && chart.typed_mask {
        Some(
            "KKP writes the size of the node mask as a string, and the chart's schema wants a number",
        )
    } else {
        None
    }
}

/// Resolves a Cilium version; all three numbers are needed, since charts change inside minors.
pub fn cilium(text: &str) -> Result<Resolved<Cilium>, Unknown> {
    let rows = cilium::CHARTS;
    match version::read(text) {
        None => Err(Unknown::Malformed),
        Some(Written::Line(..)) => Err(Unknown::PatchNeeded),
        Some(Written::Full(version)) => resolve(version, rows, |row| row.from, cilium::NEWEST),
    }
}

/// Resolves a KKP version; a release line alone is enough except where the patch decides.
pub fn kkp(text: &str) -> Result<Resolved<Kkp>, Unknown> {
    let resolve = |version| resolve(version, kkp::RELEASES, |row: &Kkp| row.from, kkp::NEWEST);
    match version::read(text) {
        None => Err(Unknown::Malformed),
        Some(Written::Full(version)) => resolve(version),
        Some(Written::Line(major, minor)) if kkp::PATCH_DECIDES.contains(&(major, minor)) => {
            Err(Unknown::PatchNeeded)
        }
        Some(Written::Line(major, minor)) => {
            let newest = newest_of(kkp::NEWEST, (major, minor)).ok_or(Unknown::Line)?;
            let first = Version { patch: 0, ..newest };
            Ok(Resolved {
                oldest: resolve(first)?.profile,
                ..resolve(newest)?
            })
        }
    }
}

/// The known Cilium release lines, for messages: `1.13.0-1.13.18, ...`.
pub fn known_cilium() -> String {
    known(cilium::NEWEST)
}

/// The known KKP release lines, for messages.
pub fn known_kkp() -> String {
    known(kkp::NEWEST)
}

fn known(newest: &[Version]) -> String {
    let lines: Vec<String> = newest
        .iter()
        .map(|last| format!("{}.{}.0-{last}", last.major, last.minor))
        .collect();
    lines.join(", ")
}

fn newest_of(newest: &[Version], line: (u16, u16)) -> Option<Version> {
    newest.iter().copied().find(|last| last.line() == line)
}

/// The last row whose border is not past the version, if the version's release line is known.
fn resolve<P>(
    version: Version,
    rows: &'static [P],
    from: impl Fn(&P) -> Version,
    newest: &[Version],
) -> Result<Resolved<P>, Unknown> {
    let last = newest_of(newest, version.line()).ok_or(Unknown::Line)?;
    let profile = rows
        .iter()
        .rev()
        .find(|row| from(row) <= version)
        .ok_or(Unknown::Line)?;
    Ok(Resolved {
        version,
        profile,
        oldest: profile,
        newer_than_known: version > last,
    })
}

#[cfg(test)]
mod tests {
    use super::cilium::{Bundle, ValuesCa};
    use super::*;

    fn chart(text: &str) -> &'static Cilium {
        cilium(text).expect("known").profile
    }

    #[test]
    fn rows_are_sorted_and_every_known_line_has_one() {
        assert!(cilium::CHARTS.windows(2).all(|w| w[0].from < w[1].from));
        assert!(kkp::RELEASES.windows(2).all(|w| w[0].from < w[1].from));
        for last in cilium::NEWEST {
            assert!(cilium(&last.to_string()).is_ok(), "{last}");
        }
        for last in kkp::NEWEST {
            assert!(kkp(&last.to_string()).is_ok(), "{last}");
        }
    }

    #[test]
    fn a_release_line_alone_means_all_its_versions() {
        let resolved = kkp("2.22").expect("known");
        assert_eq!(resolved.oldest.from, Version::new(2, 22, 0));
        let withdrawn = Version::new(1, 13, 0);
        assert_eq!(resolved.oldest.offer(withdrawn), kkp::Offer::Offered);
        assert!(matches!(
            resolved.profile.offer(withdrawn),
            kkp::Offer::Deprecated(_)
        ));
        let full = kkp("2.22.13").expect("known");
        assert!(std::ptr::eq(full.oldest, full.profile));
    }

    #[test]
    fn charts_change_at_their_exact_patch() {
        assert_eq!(chart("1.15.7").values_ca, ValuesCa::Ignored);
        assert_eq!(chart("1.15.8").values_ca, ValuesCa::Refused);
        assert_eq!(chart("1.16.1").values_ca, ValuesCa::Ignored);
        assert_eq!(chart("1.16.2").values_ca, ValuesCa::Refused);
        assert_eq!(chart("1.18.4").bundle, Bundle::NotForKvStoreMesh);
        assert_eq!(chart("1.18.5").bundle, Bundle::Works);
        assert!(chart("1.13.1").extra_dns_names.is_none());
        assert!(chart("1.13.2").extra_dns_names.is_some());
        assert!(!chart("1.15.16").waits_for_itself && chart("1.16.6").waits_for_itself);
        assert!(chart("1.18.10").waits_for_itself && !chart("1.19.4").waits_for_itself);
    }

    #[test]
    fn the_form_changes_at_2_25_9() {
        use super::kkp::Form;
        assert_eq!(kkp("2.25.8").expect("known").profile.form, Form::Values);
        assert_eq!(kkp("2.25.9").expect("known").profile.form, Form::Block);
        assert_eq!(kkp("2.25").err(), Some(Unknown::PatchNeeded));
        assert!(kkp("2.30").is_ok());
    }

    #[test]
    fn pairs_that_cannot_render() {
        let fails =
            |k: &str, c: &str| cannot_render(kkp(k).expect("known").profile, chart(c)).is_some();
        for (k, c, expected) in [
            ("2.26.0", "1.13.14", true),
            ("2.30.5", "1.13.4", true),
            ("2.30.5", "1.13.3", false),
            ("2.25.18", "1.13.14", false),
            ("2.23.3", "1.14.1", true),
            ("2.24.0", "1.14.3", false),
            ("2.26.13", "1.16.6", true),
            ("2.27.0", "1.16.6", false),
        ] {
            assert_eq!(fails(k, c), expected, "{k} {c}");
        }
    }

    #[test]
    fn what_kkp_offers() {
        use super::kkp::Offer;
        let offer = |k: &str, c: &str| {
            kkp(k)
                .expect("known")
                .profile
                .offer(cilium(c).expect("known").version)
        };
        assert_eq!(offer("2.22.8", "1.13.0"), Offer::Offered);
        assert_eq!(
            offer("2.22.9", "1.13.0"),
            Offer::Deprecated("CVE-2023-34242")
        );
        assert_eq!(offer("2.23.1", "1.13.3"), Offer::Offered);
        assert_eq!(offer("2.26.7", "1.15.10"), Offer::Offered);
        // KKP's own default there.
        assert_eq!(
            offer("2.26.8", "1.15.10"),
            Offer::Deprecated("CVE-2025-32793")
        );
        assert_eq!(offer("2.28.0", "1.13.14"), Offer::Deprecated(""));
        assert_eq!(offer("2.30.4", "1.18.10"), Offer::Unknown);
        assert_eq!(offer("2.30.5", "1.18.10"), Offer::Offered);
        assert!(
            matches!(offer("2.31.0", "1.16.9"), Offer::Deprecated(why) if why.contains("CVE-2026-41520"))
        );
        assert_eq!(offer("2.31.0", "1.20.0"), Offer::Unknown);
    }

    #[test]
    fn unknown_and_newer_versions_are_told_apart() {
        assert_eq!(cilium("1.12.3").err(), Some(Unknown::Line));
        assert_eq!(cilium("1.18").err(), Some(Unknown::PatchNeeded));
        assert_eq!(cilium("latest").err(), Some(Unknown::Malformed));
        assert!(cilium("1.18.99").expect("known").newer_than_known);
        assert_eq!(kkp("2.21.0").err(), Some(Unknown::Line));
    }
}
