//! `--format text`: one line per finding, then its other places and its help. Source lines are not
//! shown, since the files hold key material.

use std::fmt::Write;

use super::json::location;
use crate::finding::{Finding, Summary};
use crate::source::{Place, Sources};

/// The report of findings, with a final newline unless there is nothing to say.
pub fn report(findings: &[Finding], sources: &Sources) -> String {
    let mut out = String::new();
    for finding in findings {
        // Writing to a string cannot fail.
        let _ = entry(&mut out, finding, sources);
    }
    out
}

/// `1 error, 2 warnings, 3 notes`.
pub fn summary(findings: &[Finding]) -> String {
    let Summary {
        errors,
        warnings,
        notes,
    } = Summary::of(findings);
    format!("{errors} errors, {warnings} warnings, {notes} notes")
}

fn entry(out: &mut String, finding: &Finding, sources: &Sources) -> std::fmt::Result {
    let severity = finding.severity.as_str();
    writeln!(
        out,
        "{}: {severity}[{}]: {}",
        at(&finding.primary.place, sources),
        finding.code,
        finding.message
    )?;
    for label in &finding.related {
        writeln!(out, "  {}: {}", at(&label.place, sources), label.text)?;
    }
    if let Some(help) = &finding.help {
        writeln!(out, "  help: {help}")?;
    }
    Ok(())
}

fn at(place: &Place, sources: &Sources) -> String {
    let location = location(place, sources);
    format!("{}:{}:{}", location.file, location.line, location.column)
}
