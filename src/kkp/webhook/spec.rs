//! The rules about the object around the values.
//! Source: `pkg/validation/application_installation.go` and `pkg/defaulting/application_installation.go`.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Admission, Known, Reason, Side, duration, text, values};

const TIMEOUT: &str = "/spec/deployOptions/helm/timeout";
const INTERVAL: &str = "/spec/reconciliationInterval";

/// Fields that cannot change after creation.
const FIXED: [&str; 3] = [
    "spec.namespace.create",
    "spec.namespace.name",
    "spec.applicationRef.name",
];

/// What the new object has to fulfil by itself.
pub(super) fn check(admission: &Admission, new: &Value, known: &Known<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut length = |pointer, path| match new.pointer(pointer).and_then(Value::as_str) {
        None => Ordering::Equal,
        Some(text) => duration::sign(text).unwrap_or_else(|| {
            reasons.push(Reason::NotADuration { path });
            Ordering::Equal
        }),
    };
    let interval = length(INTERVAL, "spec.reconciliationInterval");
    let timeout = length(TIMEOUT, "spec.deployOptions.helm.timeout");
    if interval == Ordering::Less {
        reasons.push(Reason::NegativeInterval);
    }
    let deleting = !new["metadata"]["deletionTimestamp"].is_null();
    if known.version_listed == Some(false) && !deleting {
        reasons.push(Reason::VersionNotListed);
    }
    if timeout == Ordering::Greater && !waits(new) {
        reasons.push(Reason::TimeoutWithoutWait);
    }
    if admission.refuses_both && values::both_set(new) {
        reasons.push(Reason::BothSet { side: Side::New });
    }
    reasons
}

/// Whether Helm waits once the mutating handler is done: atomic makes it wait.
fn waits(object: &Value) -> bool {
    let helm = &object["spec"]["deployOptions"]["helm"];
    helm["wait"] == true || helm["atomic"] == true
}

/// What cannot change from the old object to the new one.
pub(super) fn check_fixed_fields(old: &Value, new: &Value) -> Vec<Reason> {
    FIXED
        .into_iter()
        .filter(|path| {
            let pointer = format!("/{}", path.replace('.', "/"));
            zero_or(old, &pointer) != zero_or(new, &pointer)
        })
        .map(|path| Reason::FieldChanged { path })
        .collect()
}

/// The text or flag at a JSON pointer; absent and `false` are empty text here, as both are Go's zero values.
fn zero_or<'a>(object: &'a Value, pointer: &str) -> &'a str {
    match object.pointer(pointer) {
        Some(Value::Bool(true)) => "true",
        _ => text(object, pointer),
    }
}
