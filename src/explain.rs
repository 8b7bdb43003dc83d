//! `meshgen explain`: what a code means, with the example that is also its test.

use std::fmt::Write;

use crate::catalogue::catalogue;
use crate::code::Code;

/// One code, as text for a terminal.
pub(crate) fn text(code: &Code) -> String {
    let mut out = format!(
        "{} ({})\n\n{}\n\n{}\n\nFor example:\n\n{}\n",
        code.name,
        code.severity.as_str(),
        code.what,
        code.why,
        indented(code.example.report)
    );
    if !code.example.mended.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(out, "Mended:\n\n{}", indented(code.example.mended));
    }
    out
}

/// One line per code.
pub(crate) fn list() -> String {
    let codes = catalogue();
    let width = codes.iter().map(|code| code.name.len()).max().unwrap_or(0);
    let line = |code: &&Code| {
        let first = code.what.split_inclusive(". ").next().unwrap_or(code.what);
        format!(
            "{:width$}  {:7}  {}\n",
            code.name,
            code.severity.as_str(),
            first.trim_end()
        )
    };
    codes.iter().map(line).collect()
}

/// The page of all codes, in Markdown: `docs/findings.md`.
pub fn page() -> String {
    let mut out = String::from(
        "# Findings\n\nWhat `meshgen validate` can find. This page is made from the program's own texts, and every example in it is a test.\n\n",
    );
    for code in catalogue() {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "## {}\n\n*{}.* {}\n\n{}\n\n```text\n{}```\n\n",
            code.name,
            code.severity.as_str(),
            code.what,
            code.why,
            code.example.report
        );
        if !code.example.mended.is_empty() {
            let _ = write!(out, "Mended:\n\n```diff\n{}```\n\n", code.example.mended);
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        if !line.is_empty() {
            out.push_str("    ");
            out.push_str(line);
        }
        out.push('\n');
        out
    })
}
