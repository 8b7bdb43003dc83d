//! A prediction of what KKP's admission answers to an UPDATE of the ApplicationInstallation `cilium`.
//!
//! Three gates stand in a row, as in a cluster: the CRD (pruning, defaults, types), the mutating handler and the
//! validating handler (`pkg/webhook/application/applicationinstallation/{mutation,validation}/` and
//! `pkg/validation/application_installation.go` in kubermatic/kubermatic). A gate that refuses ends the prediction.
//!
//! Not modelled, since no patch of ours touches it: the patterns and lengths of names, and everything outside `spec`
//! but the labels.

mod admission;
mod crd;
mod duration;
mod printed;
mod reason;
mod spec;
mod values;

use serde_json::Value;

use crate::yaml::{self, Node, ScalarRules};

pub use admission::admission;
pub(crate) use admission::{Admission, Comparison, ValuesFrom};
pub use reason::Reason;
pub(crate) use reason::Side;

/// Reads the text of a `valuesBlock` as KKP does; `None` where KKP could not. This is what [`Known`] asks for.
#[must_use]
pub fn read_block(text: &str) -> Option<Value> {
    let stream = yaml::parse(text, ScalarRules::Go).ok()?;
    Some(stream.documents.first().map_or(Value::Null, Node::to_json))
}

/// What admission answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The object is stored.
    Accepted {
        /// Paths that the CRD does not know: dropped without a word, so that what they asked for never happens.
        pruned: Vec<String>,
    },
    /// The object is refused, for all of these reasons; never empty.
    Refused(Vec<Reason>),
}

impl Verdict {
    /// Whether the object is stored.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }
}

/// What the prediction needs beside the two objects.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Reads the text of a `valuesBlock` as KKP does: Go's YAML 1.1 rules, first document only, the last of two equal keys
    /// wins, nothing but comments is null. `None` where KKP could not read it. Never asked about empty text.
    pub read_block: &'a dyn Fn(&str) -> Option<Value>,
    /// Whether the ApplicationDefinition lists the new object's `applicationRef.version`. `None`: not known, taken as listed.
    pub version_listed: Option<bool>,
}

impl std::fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known")
            .field("version_listed", &self.version_listed)
            .finish_non_exhaustive()
    }
}

/// Predicts the answer to replacing `old` by `new`, both being whole objects (`new` as it stands after the patch).
#[must_use]
pub fn predict(admission: &Admission, old: &Value, new: &Value, known: &Known<'_>) -> Verdict {
    let old = crd::settle(admission.schema, old).object;
    let new = crd::settle(admission.schema, new);
    if !new.faults.is_empty() {
        return Verdict::Refused(new.faults);
    }
    let reasons = judge(admission, &old, &new.object, known);
    if reasons.is_empty() {
        Verdict::Accepted { pruned: new.pruned }
    } else {
        Verdict::Refused(reasons)
    }
}

/// The paths of `object` that this KKP's CRD drops, whatever the verdict, sorted.
#[must_use]
pub fn pruned_paths(admission: &Admission, object: &Value) -> Vec<String> {
    crd::settle(admission.schema, object).pruned
}

/// The mutating and the validating handler.
fn judge(admission: &Admission, old: &Value, new: &Value, known: &Known<'_>) -> Vec<Reason> {
    if [old, new]
        .iter()
        .any(|object| object["spec"]["namespace"].is_null())
        && !admission.reads_absent_namespace
    {
        return vec![Reason::NamespaceAbsent];
    }
    let mut reasons = spec::check(admission, new, known);
    if reasons.iter().any(Reason::is_decoding) {
        return reasons;
    }
    let others = spec::check_fixed_fields(old, new)
        .into_iter()
        .chain(values::check(admission, old, new, known));
    for reason in others {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// The text at a JSON pointer; absent is empty, as Go's zero value.
fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
