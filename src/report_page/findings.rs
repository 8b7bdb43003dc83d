//! Findings as rows.

use serde::Serialize;

use super::ReportInput;
use crate::diagnostics::Report;
use crate::diagnostics::line;
use crate::finding::Severity;

/// One finding.
#[derive(Serialize)]
pub(super) struct FindingRow {
    severity: &'static str,
    text: String,
}

/// How many are listed.
const LISTED: usize = 100;

/// The findings, the worst first, and how many more there are.
pub(super) fn rows(input: &ReportInput<'_>) -> (Vec<FindingRow>, usize) {
    let report = Report::new(input.findings, input.sources);
    let severities = [Severity::Error, Severity::Warning, Severity::Note].into_iter();
    let mut rows: Vec<FindingRow> = severities
        .flat_map(|severity| {
            let lines = line::lines(&report, severity).into_iter();
            lines.map(move |text| FindingRow {
                severity: severity.as_str(),
                text,
            })
        })
        .collect();
    let more = rows.len().saturating_sub(LISTED);
    rows.truncate(LISTED);
    (rows, more)
}
