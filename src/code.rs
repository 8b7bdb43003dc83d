//! A kind of fault: its stable name, and what `meshgen explain` says about it.
//!
//! Each stage declares the codes of its findings in its `codes.rs`; a rule declares its own in its file.

use crate::finding::{Finding, Severity};
use crate::source::Place;

/// A kind of fault.
#[derive(Debug)]
pub struct Code {
    /// Kebab-case name, for good.
    pub name: &'static str,
    /// How bad it usually is.
    pub severity: Severity,
    /// What is wrong: one or two sentences.
    pub what: &'static str,
    /// Why it matters, and how to mend it.
    pub why: &'static str,
    /// A mesh with the fault, and what meshgen says about it.
    pub example: Example,
}

/// The fixture pair of a code, under `fixtures/rules/<code>/`: it is both run and shown.
#[derive(Debug)]
pub struct Example {
    /// What `meshgen validate` prints about the failing mesh.
    pub report: &'static str,
    /// What changes from the failing mesh to the mended one, as a unified diff.
    pub mended: &'static str,
}

impl Code {
    /// A finding of this fault at a place, as bad as the fault usually is.
    pub fn finding(&self, place: Place, message: impl Into<String>) -> Finding {
        self.finding_as(self.severity, place, message)
    }

    /// The same where it is not as bad, or worse, than usual.
    pub fn finding_as(
        &self,
        severity: Severity,
        place: Place,
        message: impl Into<String>,
    ) -> Finding {
        Finding::new(self.name, severity, place, message)
    }
}

/// Declares a [`Code`] with the example that bears its name.
macro_rules! code {
    ($name:literal, $severity:ident, what: $what:expr, why: $why:expr $(,)?) => {
        $crate::code::Code {
            name: $name,
            severity: $crate::finding::Severity::$severity,
            what: $what,
            why: $why,
            example: $crate::code::Example {
                report: include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"),
                    "/fixtures/rules/",
                    $name,
                    "/report.txt"
                )),
                mended: include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"),
                    "/fixtures/rules/",
                    $name,
                    "/mended.diff"
                )),
            },
        }
    };
}
pub(crate) use code;
