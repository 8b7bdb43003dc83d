//! Findings: what is wrong with a mesh, where, why it matters, and what to type instead.

use crate::source::{Place, Sources};

/// How bad a finding is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Would fail, or quietly do something else, when applied.
    Error,
    /// Works, but something about it will hurt.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place with a few words about why it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// Why it is shown; may be empty.
    pub text: String,
}

/// One thing found. There is always a primary place, so it can always be shown in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Kebab-case name of the fault, for good.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, naming the values: lower case, no full stop.
    pub message: String,
    /// What to type, or which command to run.
    pub help: Option<String>,
    /// What the finding is about.
    pub primary: Label,
    /// Other places that matter to it.
    pub related: Vec<Label>,
    /// Names of the clusters concerned.
    pub clusters: Vec<String>,
}

impl Finding {
    /// A finding about one place; a fault's [`Code`](crate::code::Code) makes it.
    pub(crate) fn new(
        code: &'static str,
        severity: Severity,
        place: Place,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            help: None,
            primary: Label {
                place,
                text: String::new(),
            },
            related: Vec::new(),
            clusters: Vec::new(),
        }
    }

    /// The words beside the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// What to type, or which command to run.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// One more place that matters.
    #[must_use]
    pub fn related(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push(Label {
            place,
            text: text.into(),
        });
        self
    }

    fn is_same_fault(&self, other: &Self) -> bool {
        self.code == other.code
            && self.severity == other.severity
            && self.message == other.message
            && self.primary == other.primary
    }

    fn absorb(&mut self, other: &mut Self) {
        for label in other.related.drain(..) {
            if !self.related.contains(&label) {
                self.related.push(label);
            }
        }
        for name in other.clusters.drain(..) {
            if !self.clusters.contains(&name) {
                self.clusters.push(name);
            }
        }
    }

    /// A cluster that the finding concerns; named once however often it is added.
    #[must_use]
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if !self.clusters.contains(&name) {
            self.clusters.push(name);
        }
        self
    }
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Summary {
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// Number of notes.
    pub notes: usize,
}

impl Summary {
    /// Counts.
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }
}

/// Whether any finding is an error.
pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.severity == Severity::Error)
}

/// Puts findings into source order (file, place, code). What is found twice at one place, such as about
/// a version in `defaults`, becomes one finding about all the clusters concerned.
pub(crate) fn settle(mut findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    findings.sort_by_cached_key(|f| (sources.order(&f.primary.place), f.code, f.message.clone()));
    findings.dedup_by(|next, kept| {
        let is_same = next.is_same_fault(kept);
        if is_same {
            kept.absorb(next);
        }
        is_same
    });
    findings
}
