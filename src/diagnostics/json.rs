//! `--format json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Location, PROGRAM_LIMIT, Report, route, summary};
use crate::finding::{Finding, Label, Severity, Summary};
use crate::source::Sources;

/// What `meshgen validate --format json` prints.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(title = "meshgen findings")]
pub struct Document {
    /// Form of this document: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// All findings, file by file, in source order.
    pub findings: Vec<JsonFinding>,
    /// How many there are.
    pub summary: Summary,
    /// How many findings of a code were left out: no more than 1,000 of one code are listed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub omitted: BTreeMap<String, usize>,
}

/// One finding.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "Entry")]
pub struct JsonFinding {
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

/// A place with its label.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Related {
    /// Where.
    #[serde(flatten)]
    pub location: Location,
    /// Why it is shown.
    pub label: String,
}

/// All findings of a run.
pub fn document(reports: &[Report<'_>]) -> Document {
    let (mut findings, mut omitted) = (Vec::new(), BTreeMap::new());
    for report in reports {
        let shown = report.shown(PROGRAM_LIMIT);
        findings.extend(
            shown
                .findings
                .iter()
                .map(|finding| entry(finding, report.sources)),
        );
        for (code, count) in shown.left_out {
            *omitted.entry(code.to_owned()).or_default() += count;
        }
    }
    Document {
        version: 1,
        findings,
        summary: summary(reports),
        omitted,
    }
}

/// The JSON Schema of [`Document`].
pub(crate) fn schema() -> serde_json::Value {
    // `help` is null where there is none, but the key is always there.
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document>()
        .to_value()
}

fn entry(finding: &Finding, sources: &Sources) -> JsonFinding {
    let related = |label: &Label| Related {
        location: Location::of(&label.place, sources),
        label: label.text.clone(),
    };
    JsonFinding {
        code: finding.code.to_owned(),
        severity: finding.severity,
        message: finding.message.clone(),
        help: finding.help.clone(),
        route: route(finding, sources),
        primary: Location::of(&finding.primary.place, sources),
        related: finding.related.iter().map(related).collect(),
        clusters: finding.clusters.clone(),
    }
}
