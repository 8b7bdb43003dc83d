//! What a Cilium chart or a KKP version does. A version is resolved to its profile once, and the profile is asked: outside of
//! this module and [`crate::kkp`], which knows KKP's webhook and controller, no behaviour is chosen by a version number.

pub(crate) mod capacity;
pub(crate) mod charts;
pub(crate) mod exclusions;
pub(crate) mod kept_values;
pub(crate) mod platform;
pub(crate) mod releases;
pub(crate) mod service;
pub(crate) mod version;
mod withdrawn;

pub(crate) use charts::Cilium;
pub(crate) use releases::Kkp;
pub(crate) use version::Version;

use version::WrittenVersion;

/// The newest KKP version that was judged, with its default Cilium version, which was judged too (`conformance/judged.json`).
pub(crate) const NEWEST_JUDGED: (&str, &str) = ("2.31.0", "1.19.4");

/// A version and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedVersion<P: 'static> {
    /// The version as written; a KKP release line alone stands for its newest known patch.
    pub version: Version,
    /// What it does.
    pub profile: &'static P,
    /// What the oldest version that is meant does: where a release line alone is written, its first one.
    pub oldest: &'static P,
    /// Whether it was judged.
    pub judged: Judged,
}

/// How far a version is from those that were judged (`conformance/judged.json`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It, or an older and a newer patch of its minor, was looked at.
    Yes,
    /// It is known by name, and only older patches of its minor were looked at.
    Named,
    /// It is a patch of which not even the name is known.
    NewerPatch,
    /// It is of a minor that is newer than all that were looked at.
    NewerMinor,
}

/// Why a version could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UnknownVersion {
    /// Not of the form `1.18.10`.
    Malformed,
    /// Of the right form, but of a release line that is not known.
    Line,
    /// A release line alone, where the patch decides.
    PatchNeeded,
}

/// Why a chart cannot be rendered with the values that a KKP version writes itself, if it cannot.
/// Each was seen with the values of KKP's own controller, the chart and Helm.
pub(crate) fn cannot_render(kkp: &Kkp, chart: &Cilium) -> Option<&'static str> {
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

/// Whether all leaves of a cluster are issued again at every reconcile: to 2.25 KKP upgrades the Helm release each time
/// (`pkg/applications/helmclient/client.go`), and before 1.19 the certificate Job of a chart runs at each upgrade: from 1.14 it is a
/// hook, on 1.13 it is deleted half an hour after its end and made again. The Job keeps a CA that it can read, and replaces every leaf
/// (`cmd/certgen.go` of cilium/certgen, v0.1.8 to v0.4.6).
pub(crate) fn reissues_always(kkp: &Kkp, chart: &Cilium) -> bool {
    kkp.upgrades_always && !chart.ca_label
}

/// Resolves a Cilium version; all three numbers are needed, since charts change inside minors.
pub(crate) fn cilium_version(text: &str) -> Result<ResolvedVersion<Cilium>, UnknownVersion> {
    let rows = charts::CHARTS;
    match version::read(text) {
        None => Err(UnknownVersion::Malformed),
        Some(WrittenVersion::Line(..)) => Err(UnknownVersion::PatchNeeded),
        Some(WrittenVersion::Full(version)) => {
            resolve(version, rows, |row| row.from, &charts::LINES)
        }
    }
}

/// Resolves a KKP version; a release line alone is enough except where the patch decides.
pub(crate) fn kkp_version(text: &str) -> Result<ResolvedVersion<Kkp>, UnknownVersion> {
    let resolve = |version| {
        resolve(
            version,
            releases::RELEASES,
            |row: &Kkp| row.from,
            &releases::LINES,
        )
    };
    match version::read(text) {
        None => Err(UnknownVersion::Malformed),
        Some(WrittenVersion::Full(version)) => resolve(version),
        Some(WrittenVersion::Line(major, minor))
            if releases::PATCH_DECIDES.contains(&(major, minor)) =>
        {
            Err(UnknownVersion::PatchNeeded)
        }
        Some(WrittenVersion::Line(major, minor)) => {
            let first = Version::new(major, minor, 0);
            let newest = newest_of(releases::LINES.newest, (major, minor)).unwrap_or(first);
            let oldest = resolve(first)?;
            Ok(ResolvedVersion {
                oldest: oldest.profile,
                judged: oldest.judged, // whoever writes the line alone means no patch of it
                ..resolve(newest)?
            })
        }
    }
}

/// The known Cilium release lines, for messages: `1.13.0-1.13.18, ...`.
pub(crate) fn known_cilium() -> String {
    known(charts::LINES.newest)
}

/// The newest known patch of a Cilium release line, such as `1.18`.
pub(crate) fn newest_patch(line: &str) -> Option<Version> {
    match version::read(line) {
        Some(WrittenVersion::Line(major, minor)) => newest_of(charts::LINES.newest, (major, minor)),
        _ => None,
    }
}

/// The known KKP release lines, for messages.
pub(crate) fn known_kkp() -> String {
    known(releases::LINES.newest)
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

/// The release lines that are known.
pub(crate) struct ReleaseLines {
    /// The newest patch of each that is known by name, oldest line first.
    newest: &'static [Version],
    /// Lines of which the newest patches are known by name only, with the newest that was looked at.
    looked_at: &'static [Version],
}

impl ReleaseLines {
    /// The newest patch of a line that was looked at; `None` where that is the newest one anyway.
    fn last_looked_at(&self, line: (u16, u16)) -> Option<Version> {
        newest_of(self.looked_at, line)
    }

    fn judged(&self, version: Version) -> Option<Judged> {
        let Some(newest) = newest_of(self.newest, version.line()) else {
            let last = self.newest.last()?;
            let is_next = version.minors_after(*last).is_some_and(|minors| minors > 0);
            return is_next.then_some(Judged::NewerMinor);
        };
        let looked_at = self.last_looked_at(version.line()).unwrap_or(newest);
        Some(match version {
            version if version <= looked_at => Judged::Yes,
            version if version <= newest => Judged::Named,
            _ => Judged::NewerPatch,
        })
    }
}

/// The last row whose border is not past the version. A minor newer than all is taken as the newest row.
fn resolve<P>(
    version: Version,
    rows: &'static [P],
    from: impl Fn(&P) -> Version,
    lines: &ReleaseLines,
) -> Result<ResolvedVersion<P>, UnknownVersion> {
    let judged = lines.judged(version).ok_or(UnknownVersion::Line)?;
    let profile = rows
        .iter()
        .rev()
        .find(|row| from(row) <= version)
        .ok_or(UnknownVersion::Line)?;
    Ok(ResolvedVersion {
        version,
        profile,
        oldest: profile,
        judged,
    })
}

#[cfg(test)]
mod tests {
    use super::charts::{Bundle, ValuesCa};
    use super::*;

    fn chart(text: &str) -> &'static Cilium {
        cilium_version(text).expect("known").profile
    }

    #[test]
    fn rows_are_sorted_and_every_known_line_has_one() {
        assert!(charts::CHARTS.windows(2).all(|w| w[0].from < w[1].from));
        assert!(releases::RELEASES.windows(2).all(|w| w[0].from < w[1].from));
        for last in charts::LINES.newest {
            assert!(cilium_version(&last.to_string()).is_ok(), "{last}");
        }
        for last in releases::LINES.newest {
            assert!(kkp_version(&last.to_string()).is_ok(), "{last}");
        }
    }

    #[test]
    fn leaves_rest_from_kkp_2_26_or_cilium_1_19_on() {
        let reissues = |kkp: &str, cilium: &str| {
            let kkp = kkp_version(kkp).expect("known").profile;
            reissues_always(kkp, chart(cilium))
        };
        assert!(reissues("2.22.0", "1.13.0") && reissues("2.25.18", "1.14.16"));
        assert!(!reissues("2.26.0", "1.14.16") && !reissues("2.30.5", "1.18.10"));
        assert!(!reissues("2.25.18", "1.19.4"));
    }

    #[test]
    fn a_release_line_alone_means_all_its_versions() {
        let resolved = kkp_version("2.22").expect("known");
        assert_eq!(resolved.oldest.from, Version::new(2, 22, 0));
        let withdrawn = Version::new(1, 13, 0);
        assert_eq!(resolved.oldest.offer(withdrawn), releases::Offer::Offered);
        assert!(matches!(
            resolved.profile.offer(withdrawn),
            releases::Offer::Deprecated(_)
        ));
        let full = kkp_version("2.22.13").expect("known");
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
        assert!(!chart("1.18.12").orders_peers && chart("1.19.0").orders_peers);
        assert!(chart("1.18.10").waits_for_itself && !chart("1.19.4").waits_for_itself);
    }

    #[test]
    fn the_form_changes_at_2_25_9() {
        use super::releases::ValuesField;
        assert_eq!(
            kkp_version("2.25.8").expect("known").profile.form,
            ValuesField::Values
        );
        assert_eq!(
            kkp_version("2.25.9").expect("known").profile.form,
            ValuesField::Block
        );
        assert_eq!(kkp_version("2.25").err(), Some(UnknownVersion::PatchNeeded));
        assert!(kkp_version("2.30").is_ok());
    }

    #[test]
    fn pairs_that_cannot_render() {
        let fails = |k: &str, c: &str| {
            cannot_render(kkp_version(k).expect("known").profile, chart(c)).is_some()
        };
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
        use super::releases::Offer;
        let offer = |k: &str, c: &str| {
            kkp_version(k)
                .expect("known")
                .profile
                .offer(cilium_version(c).expect("known").version)
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
        assert_eq!(cilium_version("1.12.3").err(), Some(UnknownVersion::Line));
        assert_eq!(
            cilium_version("1.18").err(),
            Some(UnknownVersion::PatchNeeded)
        );
        assert_eq!(
            cilium_version("latest").err(),
            Some(UnknownVersion::Malformed)
        );
        assert_eq!(kkp_version("2.21.0").err(), Some(UnknownVersion::Line));
        assert_eq!(kkp_version("3.0.0").err(), Some(UnknownVersion::Line));
        assert_eq!(cilium_version("2.0.0").err(), Some(UnknownVersion::Line));
        for (text, judged) in [
            ("1.18.12", Judged::Yes),
            ("1.18.14", Judged::Named),
            ("1.18.99", Judged::NewerPatch),
            ("1.20.2", Judged::Named),
            ("1.21.0", Judged::NewerMinor),
            ("1.30.1", Judged::NewerMinor),
        ] {
            assert_eq!(
                cilium_version(text).expect("known").judged,
                judged,
                "{text}"
            );
        }
        for (text, judged) in [
            ("2.30.6", Judged::Yes),
            ("2.30.8", Judged::Named),
            ("2.31.3", Judged::NewerPatch),
            ("2.32", Judged::NewerMinor),
            ("2.33.1", Judged::NewerMinor),
        ] {
            assert_eq!(kkp_version(text).expect("known").judged, judged, "{text}");
        }
        assert_eq!(
            kkp_version("2.30").expect("known").version,
            Version::new(2, 30, 8)
        );
    }
}
