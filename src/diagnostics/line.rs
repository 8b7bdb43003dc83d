//! One line per finding, for readers that show a few lines of text and no more.

use super::{Location, PROGRAM_LIMIT, Report};
use crate::finding::{Finding, Severity};
use crate::source::Sources;

/// `file:line:column: severity[code]: message` of all findings of a severity.
pub(crate) fn lines(report: &Report<'_>, severity: Severity) -> Vec<String> {
    let shown = report.shown(PROGRAM_LIMIT);
    let findings = shown.findings.iter();
    findings
        .filter(|finding| finding.severity == severity)
        .map(|finding| line(finding, report.sources))
        .collect()
}

fn line(finding: &Finding, sources: &Sources) -> String {
    let at = Location::of(&finding.primary.place, sources);
    let (severity, code) = (finding.severity.as_str(), finding.code);
    let message = finding.message.replace('\n', " ");
    format!(
        "{}:{}:{}: {severity}[{code}]: {message}",
        at.file, at.line, at.column
    )
}
