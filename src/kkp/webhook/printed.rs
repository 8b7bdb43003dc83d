//! The printed form of Go values, which is what KKP compares from 2.24.0 on.
//!
//! Source: `fmt.Sprint` of Go's standard library on what `encoding/json` decodes into an interface: maps, slices,
//! texts, booleans, nil, and float64 for every number. The expectations in the tests were printed by Go itself.

use serde_json::{Map, Value};

/// What Go prints for a value; an absent one prints as nil.
pub(super) fn printed(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "<nil>".to_owned(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.as_f64().map_or_else(|| number.to_string(), float),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            format!("[{}]", joined(items.iter().map(|item| printed(Some(item)))))
        }
        Some(Value::Object(map)) => printed_map(map),
    }
}

/// Keys in byte order, neither keys nor values quoted.
fn printed_map(map: &Map<String, Value>) -> String {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    format!(
        "map[{}]",
        joined(
            entries
                .iter()
                .map(|(key, value)| format!("{key}:{}", printed(Some(value))))
        )
    )
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(" ")
}

/// A float64 with the fewest digits that give it back; with an exponent of at least two digits below 1e-4 and from 1e+06 on.
fn float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_print_as_go_prints_them() {
        for (json, expected) in [
            ("0", "0"),
            ("-0", "-0"),
            ("24", "24"),
            ("24.0", "24"),
            ("0.1", "0.1"),
            ("100000", "100000"),
            ("999999", "999999"),
            ("1000000", "1e+06"),
            ("1234567", "1.234567e+06"),
            ("12345678.5", "1.23456785e+07"),
            ("123456.789", "123456.789"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("0.00012345", "0.00012345"),
            ("1e100", "1e+100"),
            ("1e-7", "1e-07"),
            ("21000000", "2.1e+07"),
            ("9007199254740993", "9.007199254740992e+15"),
            ("12345678901234567000", "1.2345678901234567e+19"),
            ("-1.5e-10", "-1.5e-10"),
            ("5e-324", "5e-324"),
        ] {
            let value: Value = serde_json::from_str(json).expect("test data");
            assert_eq!(printed(Some(&value)), expected, "{json}");
        }
    }

    #[test]
    fn containers_print_as_go_prints_them() {
        let value =
            json!({"b": [1, "x y", null, [], {}], "a": {"z": true, "B": null, "é": 1.5}, "": ""});
        assert_eq!(
            printed(Some(&value)),
            "map[: a:map[B:<nil> z:true é:1.5] b:[1 x y <nil> [] map[]]]"
        );
        assert_eq!(printed(None), "<nil>");
    }
}
