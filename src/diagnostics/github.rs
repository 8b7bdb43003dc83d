//! `--format github`: workflow commands, which GitHub Actions shows at the lines of a change.

use std::fmt::Write;

use super::location::{Location, path_from_here};
use super::{PROGRAM_LIMIT, Report};
use crate::finding::{Finding, Severity};
use crate::source::Sources;

/// One command per finding and line.
pub fn commands(reports: &[Report<'_>]) -> String {
    let mut out = String::new();
    for report in reports {
        for finding in &report.shown(PROGRAM_LIMIT).findings {
            out.push_str(&command(finding, report.sources));
        }
    }
    out
}

fn command(finding: &Finding, sources: &Sources) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = &finding.primary.place;
    let file = path_from_here(place.file, sources);
    format!(
        "::{name} file={},{},title={}::{}\n",
        property(&file),
        range(&Location::of(place, sources)),
        property(finding.code),
        data(&message(finding, sources)),
    )
}

/// GitHub takes columns only where all of the range is on one line.
fn range(at: &Location) -> String {
    let lines = format!("line={},endLine={}", at.line, at.end_line);
    if at.line == at.end_line {
        format!("{lines},col={},endColumn={}", at.column, at.end_column)
    } else {
        lines
    }
}

fn message(finding: &Finding, sources: &Sources) -> String {
    let mut text = finding.message.clone();
    // Writing to a string cannot fail.
    for label in &finding.related {
        let at = Location::of(&label.place, sources);
        let file = path_from_here(label.place.file, sources);
        let _ = write!(text, "\n{file}:{}:{}: {}", at.line, at.column, label.text);
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
