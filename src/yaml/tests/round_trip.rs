//! Whatever is written is read back as the same data, by both rules.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::json;
use crate::yaml::{ScalarRules, scalar, write, write_at};

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            " ", "  ", "\n", "\n\n", "\t", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{0}", "\u{7f}",
            "#", ": ", ":", "- ", "-", "---", "...", "=", "<<", "? ", "?", "|", ">", "&a", "*a", "!x", "%", "@", "`", "'",
            "\"", "\\", "{", "}", "[", "]", ",", "y", "no", "0", "1", "7", "_", ".", "e", "+", "0x", "0o", "a", "z", "é",
            "\u{1f600}", "\u{fffe}", "T", "Z", "2026-01-01", "12:34", "null", "~", "\u{a0}",
            "a long run of words that goes beyond the width at which lines are folded by the library ",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        "[a-z0-9._-]{0,12}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// Only numbers that JSON data can tell apart: a float without a fraction is read as an integer.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite, with a fraction", |f| f.is_finite()
                && f.fract() != 0.0)
            .prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number(),
        text().prop_map(Value::String),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(text(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_written_is_read_back(value in value()) {
        for rules in [ScalarRules::Go, ScalarRules::Yaml12] {
            for written in [write(&value), write_at(&value, 0)] {
                prop_assert_eq!(&json(&written, rules), &value, "{}", written);
            }
        }
    }

    #[test]
    fn indented_entries_and_items_are_read_back(key in text(), value in value()) {
        let entry = write_at(&serde_json::json!({key.as_str(): value}), 3);
        let item = write_at(&serde_json::json!([value]), 1);
        let written = format!("top:\n{entry}list:\n{item}");
        let read = json(&written, ScalarRules::Go);
        prop_assert_eq!(&read["top"][&key], &value, "{}", written);
        prop_assert_eq!(&read["list"][0], &value, "{}", written);
    }

    #[test]
    fn one_scalar_is_one_line_and_read_back(text in text()) {
        let written = scalar(&text);
        prop_assert!(!written.contains('\n'));
        for rules in [ScalarRules::Go, ScalarRules::Yaml12] {
            let read = json(&format!("k: {written}"), rules);
            prop_assert_eq!(read["k"].as_str(), Some(text.as_str()));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in text(), more in ".*") {
        for rules in [ScalarRules::Go, ScalarRules::Yaml12] {
            let _ = crate::yaml::parse(&(text.clone() + &more), rules);
        }
    }
}
