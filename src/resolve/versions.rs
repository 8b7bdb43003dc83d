//! The KKP and Cilium versions of a cluster.

use super::field::{FieldReader, disagreement};
use crate::finding::Finding;
use crate::model::{Current, Fact};
use crate::profile::{self, Cilium, Judged, Kkp, ResolvedVersion, UnknownVersion};
use crate::source::{Place, quoted};

impl FieldReader<'_, '_> {
    pub(super) fn kkp(&mut self, typed: Option<&String>) -> Option<Fact<ResolvedVersion<Kkp>>> {
        let place = self.place("kkp");
        let Some(text) = typed else {
            if !self.unusable.contains("kkp") {
                self.push(
                    super::codes::VERSION_UNKNOWN
                        .finding(
                            place,
                            format!("the KKP version of {} is not given", self.name),
                        )
                        .label("no `kkp` here or in `defaults`")
                        .help("add `kkp: \"2.30.5\"` with the version of your seed"),
                );
            }
            return None;
        };
        match profile::kkp_version(text) {
            Ok(resolved) => {
                self.note_unjudged("KKP", place.clone(), resolved.version, resolved.judged);
                Some(Fact::new(resolved, place))
            }
            Err(unknown) => {
                let finding = unknown_version("KKP", text, unknown, place, &profile::known_kkp());
                self.push(finding);
                None
            }
        }
    }

    /// The wished-for version, else the dumped one. A wish may be newer than the dump, never older.
    pub(super) fn cilium(
        &mut self,
        typed: Option<&String>,
        current: Option<&Current>,
    ) -> Option<Fact<ResolvedVersion<Cilium>>> {
        let dumped = current.and_then(|current| current.version.as_ref());
        let place = self.place("cilium");
        let (text, place) = match (typed, dumped) {
            (Some(typed), _) => (typed.clone(), place),
            (None, Some(dumped)) => (dumped.value.clone(), dumped.place.clone()),
            (None, None) => {
                if !self.unusable.contains("cilium") {
                    self.push(
                        super::codes::VERSION_UNKNOWN.finding(place, format!("the Cilium version of {} is not given", self.name))
                            .label("no `cilium` here or in `defaults`, and no dumped ApplicationInstallation")
                            .help("add `cilium: 1.18.10` with the version of the cluster, or dump its ApplicationInstallation"),
                    );
                }
                return None;
            }
        };
        let resolved = match profile::cilium_version(&text) {
            Ok(resolved) => resolved,
            Err(unknown) => {
                let finding =
                    unknown_version("Cilium", &text, unknown, place, &profile::known_cilium());
                self.push(finding);
                return None;
            }
        };
        if let Some(dumped) = dumped
            && let Ok(now) = profile::cilium_version(&dumped.value)
            && resolved.version < now.version
        {
            let finding = disagreement("cilium", place, &text, dumped.place.clone(), &dumped.value)
                .help("a downgrade is not something that a mesh patch does: write the version that the cluster has");
            self.push(finding);
            return None;
        }
        self.note_unjudged("Cilium", place.clone(), resolved.version, resolved.judged);
        Some(Fact::new(resolved, place))
    }

    fn note_unjudged(
        &mut self,
        product: &str,
        place: Place,
        version: profile::Version,
        judged: Judged,
    ) {
        let (major, minor) = version.line();
        let finding = match judged {
            Judged::Yes => return,
            Judged::Named => super::codes::VERSION_NEWER
                .finding(place, format!("{product} {version} is known by name only; it is taken as the {major}.{minor} that was judged"))
                .help("compare the release notes of the patches since, or look for a newer meshgen"),
            Judged::NewerPatch => super::codes::VERSION_NEWER
                .finding(place, format!("{product} {version} is newer than what meshgen knows; it is taken as {major}.{minor}"))
                .help("look for a newer meshgen, or compare the release notes of that patch"),
            Judged::NewerMinor => super::codes::VERSION_UNJUDGED
                .finding(place, format!("{product} {major}.{minor} is newer than every version that meshgen was judged with; it is taken as the newest that meshgen knows"))
                .label("not judged")
                .help("look for a newer meshgen; with this one try the output on a mesh that may break, and read the upgrade notes of that minor version"),
        };
        self.push(finding);
    }
}

fn unknown_version(
    product: &str,
    text: &str,
    unknown: UnknownVersion,
    place: Place,
    known: &str,
) -> Finding {
    let shown: String = text.chars().take(24).collect();
    let (message, help) = match unknown {
        UnknownVersion::Malformed => (
            format!("{} is no {product} version", quoted(text)),
            format!("write all three numbers; meshgen knows {known}"),
        ),
        UnknownVersion::PatchNeeded => (
            format!(
                "{product} {shown} does not say enough: what it does changes inside that minor"
            ),
            format!(
                "write the patch too, such as {}; meshgen knows {known}",
                example(&shown, known)
            ),
        ),
        UnknownVersion::Line => (
            format!("{product} {shown} is not known to meshgen"),
            format!("meshgen knows {known}"),
        ),
    };
    super::codes::VERSION_UNKNOWN
        .finding(place, message)
        .label("unknown version")
        .help(help)
}

/// The newest known patch of a release line, or any.
fn example<'k>(line: &str, known: &'k str) -> &'k str {
    let line = format!("{}.", line.trim_start_matches('v'));
    let ranges = known.split(", ").filter_map(|range| range.split_once('-'));
    let newest = ranges.map(|(_, last)| last);
    newest
        .clone()
        .find(|last| last.starts_with(&line))
        .or(newest.last())
        .unwrap_or(known)
}
