//! Findings as people and programs read them: one file per format.

pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod line;
mod location;
pub(crate) mod sarif;
pub(crate) mod text;

pub(crate) use location::Location;

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, Summary};
use crate::source::Sources;

/// What was found about one mesh file, fit to be shown.
///
/// Findings quote what users typed, and a user may have typed a key anywhere. So every format
/// takes its texts from here, where none holds key material or an invisible character any more.
pub struct Report<'s> {
    findings: &'s [Finding],
    sources: &'s Sources,
}

impl<'s> Report<'s> {
    /// The report of findings about what was read into `sources`.
    pub fn new(findings: &'s [Finding], sources: &'s Sources) -> Self {
        Self { findings, sources }
    }

    /// The findings, no more than so many of one code.
    fn shown(&self, limit: usize) -> Excerpt {
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut findings = Vec::new();
        for finding in self.findings {
            let count = counts.entry(finding.code).or_default();
            *count += 1;
            if *count <= limit {
                findings.push(shown(finding, self.sources));
            }
        }
        counts.retain(|_, count| *count > limit);
        for count in counts.values_mut() {
            *count -= limit;
        }
        Excerpt {
            findings,
            left_out: counts,
        }
    }

    /// The mesh file as given on the command line: the first file that was read.
    pub fn mesh_file(&self) -> String {
        let first = self.sources.ids().next();
        first.map_or_else(String::new, |id| {
            self.sources.shown(&self.sources.file(id).name)
        })
    }

    /// How many findings there are.
    pub fn summary(&self) -> Summary {
        Summary::of(self.findings)
    }
}

/// How many findings of one code the formats for programs list.
const PROGRAM_LIMIT: usize = 1000;

/// The findings that are shown.
struct Excerpt {
    findings: Vec<Finding>,
    /// How many more of a code there are.
    left_out: BTreeMap<&'static str, usize>,
}

/// How many findings there are in several reports.
pub(crate) fn summary(reports: &[Report<'_>]) -> Summary {
    let summaries = reports.iter().map(Report::summary);
    summaries.fold(Summary::default(), |all, one| Summary {
        errors: all.errors + one.errors,
        warnings: all.warnings + one.warnings,
        notes: all.notes + one.notes,
    })
}

/// The same finding with every text as it may be shown.
fn shown(finding: &Finding, sources: &Sources) -> Finding {
    let text = |text: &String| sources.shown(text);
    let label = |label: &Label| Label {
        place: label.place.clone(),
        text: text(&label.text),
    };
    Finding {
        code: finding.code,
        severity: finding.severity,
        message: text(&finding.message),
        help: finding.help.as_ref().map(text),
        primary: label(&finding.primary),
        related: finding.related.iter().map(label).collect(),
        clusters: finding.clusters.iter().map(text).collect(),
    }
}

/// The route of a finding as it may be shown: a key may have been typed as a key.
fn route(finding: &Finding, sources: &Sources) -> String {
    sources.shown(&sources.route(&finding.primary.place))
}
