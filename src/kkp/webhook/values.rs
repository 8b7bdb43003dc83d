//! The rules about the Helm values of a CNI that KKP manages.
//! Source: `pkg/validation/application_installation.go` (which values, when) and, for the rules on keys, the files named
//! at [`Admission::protected`].

use serde_json::{Map, Value};

use super::printed::printed;
use super::{Admission, Comparison, Known, Reason, Side, ValuesFrom, text};

const MANAGED_BY: &str = "apps.kubermatic.k8c.io/managed-by";
const TYPE: &str = "apps.kubermatic.k8c.io/type";

type ValuesMap = Map<String, Value>;

/// Both labels, then the values, if KKP manages the old object and the new one is the CNI `cilium`.
pub(super) fn check(
    admission: &Admission,
    old: &Value,
    new: &Value,
    known: &Known<'_>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    reasons.extend(changed_label(old, new, MANAGED_BY));
    if label(old, MANAGED_BY) != "kkp" {
        return reasons;
    }
    reasons.extend(changed_label(old, new, TYPE));
    if label(new, TYPE) != "cni" {
        return reasons;
    }
    let mut read = |object, side| {
        values_of(admission, object, side, known).unwrap_or_else(|reason| {
            reasons.push(reason);
            ValuesMap::new()
        })
    };
    let (new_values, old_values) = (read(new, Side::New), read(old, Side::Old));
    if text(new, "/metadata/name") == "cilium" {
        reasons.extend(check_keys(admission, &old_values, &new_values));
    }
    reasons
}

/// Whether both fields hold something; `{}` and null count as nothing.
pub(super) fn both_set(object: &Value) -> bool {
    raw(object).is_some() && !block(object).is_empty()
}

fn label<'a>(object: &'a Value, name: &str) -> &'a str {
    object["metadata"]["labels"][name]
        .as_str()
        .unwrap_or_default()
}

fn changed_label(old: &Value, new: &Value, name: &'static str) -> Option<Reason> {
    (label(old, name) != label(new, name)).then_some(Reason::LabelChanged { label: name })
}

fn raw(object: &Value) -> Option<&ValuesMap> {
    object["spec"]["values"]
        .as_object()
        .filter(|values| !values.is_empty())
}

fn block(object: &Value) -> &str {
    text(object, "/spec/valuesBlock")
}

/// The Helm values of an object. Where they cannot be read KKP goes on with none.
fn values_of(
    admission: &Admission,
    object: &Value,
    side: Side,
    known: &Known<'_>,
) -> Result<ValuesMap, Reason> {
    let from_raw = raw(object).cloned();
    match admission.values_from {
        ValuesFrom::Values => Ok(from_raw.unwrap_or_default()),
        ValuesFrom::Either if both_set(object) => Err(Reason::BothSet { side }),
        ValuesFrom::Either => match from_raw {
            Some(values) => Ok(values),
            None if block(object).is_empty() => Ok(ValuesMap::new()),
            None => match (known.read_block)(block(object)) {
                Some(Value::Object(values)) => Ok(values),
                Some(Value::Null) => Ok(ValuesMap::new()),
                _ => Err(Reason::ValuesUnreadable { side }),
            },
        },
    }
}

/// The rules on single keys.
fn check_keys(admission: &Admission, old: &ValuesMap, new: &ValuesMap) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for key in admission.protected {
        let exempt = is_exempt(admission, key, old) || is_exempt(admission, key, new);
        reasons.extend(check_protected(admission, key, old, new, exempt, ""));
    }
    reasons.extend(missing(admission.mandatory, new));
    if new
        .get("kubeProxyReplacement")
        .is_some_and(|value| value == "strict")
    {
        reasons.extend(missing(admission.mandatory_when_strict, new));
    }
    let nothing = ValuesMap::new();
    let mut operator = |values: &ValuesMap, side| match values.get("operator") {
        Some(Value::Object(map)) => map.clone(),
        _ => {
            reasons.push(Reason::OperatorNotAMap { side });
            nothing.clone()
        }
    };
    let (new, old) = (operator(new, Side::New), operator(old, Side::Old));
    for key in admission.operator_protected {
        reasons.extend(check_protected(
            admission,
            key,
            &old,
            &new,
            false,
            "operator.",
        ));
    }
    reasons
}

fn check_protected(
    admission: &Admission,
    key: &str,
    old: &ValuesMap,
    new: &ValuesMap,
    exempt: bool,
    parent: &str,
) -> Option<Reason> {
    let name = || format!("{parent}{key}");
    let (before, after) = (old.get(key), new.get(key));
    let gone = || after.is_none_or(|value| value.is_null() || printed(Some(value)).is_empty());
    if admission.keeps_protected && before.is_some() && gone() {
        return Some(Reason::ProtectedRemoved { key: name() });
    }
    let same = match admission.comparison {
        Comparison::Typed => same_data(
            before.unwrap_or(&Value::Null),
            after.unwrap_or(&Value::Null),
        ),
        Comparison::Printed => printed(before) == printed(after),
    };
    (!same && !exempt).then(|| Reason::ProtectedChanged { key: name() })
}

/// Whether a path of the exemptions that begins with `key` exists, with whatever value.
fn is_exempt(admission: &Admission, key: &str, values: &ValuesMap) -> bool {
    let mut paths = admission
        .exemptions
        .iter()
        .filter(|path| path.first() == Some(&key));
    paths.any(|path| {
        let Some((last, parents)) = path.split_last() else {
            return false;
        };
        let holder = parents
            .iter()
            .try_fold(values, |map, key| map.get(*key)?.as_object());
        holder.is_some_and(|map| map.contains_key(*last))
    })
}

fn missing<'a>(
    keys: &'a [&'static str],
    values: &'a ValuesMap,
) -> impl Iterator<Item = Reason> + 'a {
    keys.iter()
        .filter(|key| !values.contains_key(**key))
        .map(|&key| Reason::MandatoryMissing { key })
}

/// Equality of Go data, where every number is a float64.
fn same_data(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_data(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same_data(a, b)))
        }
        _ => a == b,
    }
}
