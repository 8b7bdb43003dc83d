//! What Helm's templates take for true.

use serde_json::Value;

/// Whether a template's `if` takes a value for true, as Go does.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(on) => *on,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_that_of_go_templates() {
        for (text, expected) in [
            ("null", false),
            ("false", false),
            ("0", false),
            ("\"\"", false),
            ("[]", false),
            ("{}", false),
            ("true", true),
            ("\"false\"", true),
            ("-1", true),
            ("[0]", true),
        ] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(is_true(&value), expected, "{text}");
        }
    }
}
