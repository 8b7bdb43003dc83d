//! One line per finding, for readers that show a few lines of text and no more.

use super::json::location;
use crate::finding::Finding;
use crate::source::Sources;

/// `file:line:column: severity[code]: message`.
pub fn line(finding: &Finding, sources: &Sources) -> String {
    let at = location(&finding.primary.place, sources);
    let (severity, code) = (finding.severity.as_str(), finding.code);
    let message = finding.message.replace('\n', " ");
    format!(
        "{}:{}:{}: {severity}[{code}]: {message}",
        at.file, at.line, at.column
    )
}
