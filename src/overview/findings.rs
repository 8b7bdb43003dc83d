//! Findings as rows.

use serde::Serialize;

use super::Input;
use crate::finding::Severity;
use crate::report::Report;
use crate::report::line;

/// One finding.
#[derive(Serialize)]
pub(super) struct Row {
    severity: &'static str,
    text: String,
}

/// How many are listed.
const LISTED: usize = 100;

/// The findings, the worst first, and how many more there are.
pub(super) fn rows(input: &Input<'_>) -> (Vec<Row>, usize) {
    let report = Report::new(input.findings, input.sources);
    let severities = [Severity::Error, Severity::Warning, Severity::Note].into_iter();
    let mut rows: Vec<Row> = severities
        .flat_map(|severity| {
            let lines = line::lines(&report, severity).into_iter();
            lines.map(move |text| Row {
                severity: severity.as_str(),
                text,
            })
        })
        .collect();
    let more = rows.len().saturating_sub(LISTED);
    rows.truncate(LISTED);
    (rows, more)
}
