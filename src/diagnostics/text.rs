//! `--format text`: for people, in the manner of rustc. Source lines are shown masked.
//!
//! The text is styled; the stream that it is written to takes the styles out where they are not
//! wanted.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
    normalize_untrusted_str,
};

use super::Report;
use crate::finding::{Finding, Label, Severity, Summary};
use crate::source::{FileId, MASK, Sources};
use crate::yaml::Position;

/// How many findings of one code are shown to people who do not ask for all.
const LIMIT: usize = 20;

/// The findings, an empty line after each; no more than 20 of one code, and how many there are beside these.
pub fn findings(reports: &[Report<'_>]) -> String {
    limited(reports, LIMIT)
}

/// The same with every finding.
pub fn all_findings(reports: &[Report<'_>]) -> String {
    limited(reports, usize::MAX)
}

fn limited(reports: &[Report<'_>], limit: usize) -> String {
    let mut out = String::new();
    for report in reports {
        let lines = ShownFiles::new(report.sources);
        let mut shown = report.shown(limit);
        // What must be mended first; those of one severity as they stand in the files.
        shown.findings.sort_by_key(|finding| finding.severity);
        for finding in &shown.findings {
            out.push_str(&block(finding, &lines));
            out.push_str("\n\n");
        }
        for (code, count) in &shown.left_out {
            let text = format!("{count} more of {code}; `meshgen validate --all` shows them");
            let group = Group::with_title(Level::NOTE.primary_title(text));
            out.push_str(&Renderer::styled().render(&[group]));
            out.push_str("\n\n");
        }
    }
    out
}

/// The last line, such as `error: 1 error, 2 warnings in mesh.yaml`. `failing` tells whether what was found is
/// too bad, `remark` stands behind.
pub(crate) fn closing(summary: Summary, failing: bool, subject: &str, remark: &str) -> String {
    let level = if failing {
        Level::ERROR
    } else if summary.warnings > 0 {
        Level::WARNING
    } else {
        Level::NOTE
    };
    let text = format!("{} in {subject}{remark}", counts(summary));
    let group = Group::with_title(level.primary_title(text));
    Renderer::styled().render(&[group]) + "\n"
}

/// `1 error, 2 warnings`; what there is none of is left out.
pub(crate) fn counts(summary: Summary) -> String {
    let counted = [
        (summary.errors, "error"),
        (summary.warnings, "warning"),
        (summary.notes, "note"),
    ];
    let parts: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if parts.is_empty() {
        "nothing found".to_owned()
    } else {
        parts.join(", ")
    }
}

fn block(finding: &Finding, shown: &ShownFiles<'_>) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = level
        .primary_title(finding.message.as_str())
        .id(finding.code)
        .elements(snippets(finding, shown));
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    Renderer::styled().render(&[group])
}

/// A snippet for each file: the primary place's first, then the others as they are met.
fn snippets<'s>(finding: &'s Finding, shown: &'s ShownFiles<'_>) -> Vec<Element<'s>> {
    let primary = std::iter::once((AnnotationKind::Primary, &finding.primary));
    let related = finding
        .related
        .iter()
        .map(|label| (AnnotationKind::Context, label));
    let mut files: Vec<(FileId, Vec<(AnnotationKind, &Label)>)> = Vec::new();
    for (kind, label) in primary.chain(related) {
        let id = label.place.file;
        match files.iter_mut().find(|(file, _)| *file == id) {
            Some((_, labels)) => labels.push((kind, label)),
            None => files.push((id, vec![(kind, label)])),
        }
    }
    files
        .into_iter()
        .map(|(file, labels)| match shown.lines(file) {
            Some(lines) => snippet(file, lines, &labels, shown.sources).into(),
            None => origin(file, &labels, shown.sources).into(),
        })
        .collect()
}

/// Where the first of some places is, without the text there.
fn origin<'s>(file: FileId, labels: &[(AnnotationKind, &Label)], sources: &Sources) -> Origin<'s> {
    let origin = Origin::path(sources.shown(&sources.path(file).display().to_string()));
    let Some((_, label)) = labels.first() else {
        return origin;
    };
    let (start, _) = sources.positions(&label.place);
    origin.line(start.line).char_column(start.column)
}

fn snippet<'s>(
    file: FileId,
    lines: &[String],
    labels: &[(AnnotationKind, &'s Label)],
    sources: &Sources,
) -> Snippet<'s, Annotation<'s>> {
    let positions = |(_, label): &(_, &Label)| sources.positions(&label.place);
    let places: Vec<(Position, Position)> = labels.iter().map(positions).collect();
    let window = Window::new(lines, &places);
    let annotations = labels.iter().zip(&places).map(|((kind, label), place)| {
        let text = (!label.text.is_empty()).then(|| normalize_untrusted_str(&label.text));
        kind.span(window.underlined(place)).label(text)
    });
    let annotations: Vec<_> = annotations.collect();
    Snippet::source(window.text)
        .line_start(window.first)
        .path(sources.shown(&sources.path(file).display().to_string()))
        .annotations(annotations)
}

/// The files as they may be shown, each masked when it is first needed.
struct ShownFiles<'s> {
    sources: &'s Sources,
    files: BTreeMap<FileId, OnceCell<Option<Vec<String>>>>,
}

impl<'s> ShownFiles<'s> {
    fn new(sources: &'s Sources) -> Self {
        let files = sources.ids().map(|id| (id, OnceCell::new()));
        Self {
            sources,
            files: files.collect(),
        }
    }

    fn lines(&self, id: FileId) -> Option<&[String]> {
        let lines = self.files[&id].get_or_init(|| self.sources.masked_lines(id));
        lines.as_deref()
    }
}

/// The lines from the first to the last of some places.
struct Window {
    text: String,
    /// Number of the first line.
    first: usize,
    /// Where each line begins in `text`.
    starts: Vec<usize>,
}

impl Window {
    fn new(lines: &[String], places: &[(Position, Position)]) -> Self {
        let numbers = || places.iter().map(|(start, _)| start.line);
        let (first, last) = (numbers().min().unwrap_or(1), numbers().max().unwrap_or(1));
        let mut window = Self {
            text: String::new(),
            first,
            starts: Vec::new(),
        };
        for number in first..=last {
            let line = lines.get(number - 1).map_or("", String::as_str);
            let begun = places.iter().filter(|(start, _)| start.line == number);
            let needed = begun.map(|(start, _)| start.column).max().unwrap_or(0);
            window.starts.push(window.text.len());
            window.text += shortened(line, needed);
            window.text.push('\n');
        }
        window
    }

    /// What to underline: of a value on several lines, the first one.
    fn underlined(&self, (start, end): &(Position, Position)) -> Range<usize> {
        let last = if end.line == start.line {
            end.column
        } else {
            usize::MAX
        };
        self.offset(start.line, start.column)..self.offset(start.line, last)
    }

    fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.starts[line - self.first];
        let text = self.text[start..].lines().next().unwrap_or_default();
        let mut characters = text.char_indices().map(|(at, _)| at);
        start + characters.nth(column - 1).unwrap_or(text.len())
    }
}

/// A line without most of a mask at its end, which says nothing but how long a secret is. Columns
/// up to `needed` stay.
fn shortened(line: &str, needed: usize) -> &str {
    const LEFT: usize = 8;
    let tail = line
        .trim_end_matches(MASK)
        .chars()
        .count()
        .max(needed.saturating_sub(1));
    let mut ends = line.char_indices().map(|(at, _)| at);
    ends.nth(tail + LEFT).map_or(line, |end| &line[..end])
}
