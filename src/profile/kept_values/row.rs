//! One row: what must hold of the values, on which versions, and what the chart does then.

use serde_json::Value;

use super::super::version::Version;
use crate::truth::is_true;

/// What a chart does with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueEffect {
    /// Rendering fails.
    Refused,
    /// Nothing.
    Ignored,
}

/// Values from the first version on, up to but without the second.
pub(super) type Span = (Version, Option<Version>);

/// A condition on the value at a path; an absent one is null.
pub(super) type Condition = (&'static str, Test);

#[derive(Debug)]
pub(super) enum Test {
    /// It is there.
    Set,
    /// A template's `if` takes it for true.
    True,
    /// It is there, and a template's `if` takes it for false.
    False,
    /// A template's `if` takes it for false, or it is absent.
    Off,
    /// It is one of these.
    OneOf(&'static [&'static str]),
    /// It, or the chart's default in its place, is none of these.
    NoneOf(&'static [&'static str], &'static str),
    /// It is there, and of none of these kinds.
    NotA(&'static [JsonKind]),
    /// It is a number in one of these ranges, ends included.
    Within(&'static [(u64, u64)]),
    /// It is a list or text of other than one entry.
    NotOne,
}

/// A kind of value, as a chart's schema names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonKind {
    Boolean,
    Integer,
    Text,
    List,
}

impl JsonKind {
    fn is_of(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            Self::Text => value.is_string(),
            Self::List => value.is_array(),
        }
    }
}

/// One row.
#[derive(Debug)]
pub(crate) struct KeptValue {
    /// The path at fault.
    pub(crate) path: &'static str,
    /// What must hold, of this path first.
    when: &'static [Condition],
    /// The versions of which this is so.
    spans: &'static [Span],
    /// What the chart does with it.
    pub(crate) effect: ValueEffect,
    /// What to do, as an imperative.
    pub(crate) mend: &'static str,
}

impl KeptValue {
    /// Whether the key itself is at fault, whatever it holds.
    pub(crate) fn is_about_the_key(&self) -> bool {
        matches!(self.when[0].1, Test::Set | Test::True)
    }

    /// Whether a chart does this with the values that `value_at` finds by their dotted paths.
    pub(crate) fn is_met<'v>(
        &self,
        version: Version,
        value_at: impl Fn(&str) -> Option<&'v Value>,
    ) -> bool {
        let in_span = |(from, to): &Span| *from <= version && to.is_none_or(|end| version < end);
        let holds = |(path, test): &Condition| test.holds(value_at(path).unwrap_or(&Value::Null));
        self.spans.iter().any(in_span) && self.when.iter().all(holds)
    }
}

/// What the judge reads.
#[cfg(test)]
impl KeptValue {
    pub(super) fn described(&self) -> Value {
        let spans = self.spans.iter().map(|(from, to)| {
            let end = to.map(|end| end.to_string());
            serde_json::json!([from.to_string(), end])
        });
        let when = self.when.iter().map(|(path, test)| {
            let mut said = test.described();
            said["path"] = Value::from(*path);
            said
        });
        serde_json::json!({
            "path": self.path,
            "effect": if self.effect == ValueEffect::Refused { "refused" } else { "ignored" },
            "spans": spans.collect::<Vec<_>>(),
            "when": when.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
impl Test {
    fn described(&self) -> Value {
        use serde_json::json;
        match self {
            Self::Set => json!({"test": "set"}),
            Self::True => json!({"test": "true"}),
            Self::False => json!({"test": "false"}),
            Self::Off => json!({"test": "off"}),
            Self::OneOf(list) => json!({"test": "one of", "values": list}),
            Self::NoneOf(list, default) => {
                json!({"test": "none of", "values": list, "default": default})
            }
            Self::NotA(kinds) => {
                let kinds = kinds.iter().map(|kind| format!("{kind:?}").to_lowercase());
                json!({"test": "not a", "values": kinds.collect::<Vec<_>>()})
            }
            Self::Within(ranges) => json!({"test": "within", "ranges": ranges}),
            Self::NotOne => json!({"test": "not one"}),
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        let text = match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        match self {
            Self::Set => !value.is_null(),
            Self::True => is_true(value),
            Self::False => !value.is_null() && !is_true(value),
            Self::Off => !is_true(value),
            Self::OneOf(list) => text.is_some_and(|text| list.contains(&text.as_str())),
            Self::NoneOf(list, default) => !list.contains(&text.as_deref().unwrap_or(default)),
            Self::NotA(kinds) => !value.is_null() && !kinds.iter().any(|kind| kind.is_of(value)),
            Self::Within(ranges) => value.as_u64().is_some_and(|number| {
                ranges
                    .iter()
                    .any(|(low, high)| (*low..=*high).contains(&number))
            }),
            Self::NotOne => match value {
                Value::Array(items) => items.len() != 1,
                Value::String(text) => text.split(' ').count() != 1,
                _ => false,
            },
        }
    }
}

pub(super) const fn v(minor: u16, patch: u16) -> Version {
    Version::new(1, minor, patch)
}

pub(super) const fn refused(
    path: &'static str,
    when: &'static [Condition],
    spans: &'static [Span],
    mend: &'static str,
) -> KeptValue {
    KeptValue {
        path,
        when,
        spans,
        effect: ValueEffect::Refused,
        mend,
    }
}

pub(super) const fn ignored(
    path: &'static str,
    when: &'static [Condition],
    spans: &'static [Span],
    mend: &'static str,
) -> KeptValue {
    KeptValue {
        effect: ValueEffect::Ignored,
        ..refused(path, when, spans, mend)
    }
}
