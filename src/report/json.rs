//! `--format json`.

use serde::Serialize;

use crate::finding::{Finding, Label, Severity, Summary};
use crate::source::{Place, Sources};

/// The whole report.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Report {
    /// Form of this report: 1.
    pub version: u32,
    /// All findings, in source order.
    pub findings: Vec<Entry>,
    /// How many there are.
    pub summary: Summary,
}

/// One finding.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Entry {
    /// Kebab-case name of the fault.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to type.
    pub help: Option<String>,
    /// The way to the value, such as `clusters[1].podCIDRs[0]`.
    pub route: String,
    /// Where it is.
    pub primary: Location,
    /// Other places that matter.
    pub related: Vec<Related>,
    /// Names of the clusters concerned.
    pub clusters: Vec<String>,
}

/// A range of a file: lines and columns from 1, columns in characters.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The file, as given on the command line or relative to mesh.yaml.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column after the last character.
    pub end_column: usize,
}

/// A place with its label.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Related {
    /// Where.
    #[serde(flatten)]
    pub location: Location,
    /// Why it is shown.
    pub label: String,
}

/// The report of findings.
pub fn report(findings: &[Finding], sources: &Sources) -> Report {
    Report {
        version: 1,
        findings: findings
            .iter()
            .map(|finding| entry(finding, sources))
            .collect(),
        summary: Summary::of(findings),
    }
}

fn entry(finding: &Finding, sources: &Sources) -> Entry {
    Entry {
        code: finding.code.to_owned(),
        severity: finding.severity,
        message: finding.message.clone(),
        help: finding.help.clone(),
        route: finding.primary.place.route.to_string(),
        primary: location(&finding.primary.place, sources),
        related: finding
            .related
            .iter()
            .map(|label| related(label, sources))
            .collect(),
        clusters: finding.clusters.clone(),
    }
}

fn related(label: &Label, sources: &Sources) -> Related {
    Related {
        location: location(&label.place, sources),
        label: label.text.clone(),
    }
}

/// Where a place is.
pub fn location(place: &Place, sources: &Sources) -> Location {
    let (start, end) = sources.positions(place);
    Location {
        file: sources.file(place.file).name.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
