//! Places, structure, limits.

use proptest::prelude::*;
use serde_json::json as data;

use super::{json, read, refused};
use crate::yaml::ScalarRules::{Go, Yaml12};
use crate::yaml::style::ScalarStyle;
use crate::yaml::{Kind, LineIndex, Position, parse};

#[test]
fn values_and_keys_know_their_bytes() {
    let text = "é: 2.30\nm:\n  k: 'v'\n  l:\n  - 1\n  - {a: b}\nn: |\n  x\n\n";
    let root = &read(text, Yaml12).documents[0];
    let entry = root.entry("é").expect("the key is there");
    assert_eq!(&text[entry.key_span.clone()], "é");
    assert!(entry.value.is_plain());
    assert_eq!(entry.value.raw(text), "2.30");
    assert_eq!(entry.value.kind, Kind::Float(2.3));
    let mapping = root.get("m").expect("the key is there");
    assert_eq!(
        &text[mapping.span.clone()],
        "k: 'v'\n  l:\n  - 1\n  - {a: b}"
    );
    assert_eq!(
        mapping.get("k").map(|v| (v.style, v.raw(text))),
        Some((ScalarStyle::SingleQuoted, "'v'"))
    );
    let item = mapping
        .get("l")
        .and_then(|list| list.at(1))
        .expect("the item is there");
    assert_eq!(&text[item.span.clone()], "{a: b}");
    let block = root.get("n").expect("the key is there");
    assert_eq!(
        (&text[block.span.clone()], block.as_str()),
        ("x", Some("x\n"))
    );
}

#[test]
fn core_schema_of_mesh_yaml() {
    for (plain, expected) in [
        ("yes", data!("yes")),
        ("on", data!("on")),
        ("y", data!("y")),
        ("True", data!(true)),
        ("0644", data!(644)),
        ("0o17", data!(15)),
        ("0x1f", data!(31)),
        ("0b1", data!("0b1")),
        ("1_000", data!("1_000")),
        ("1e3", data!(1000)),
        ("+12", data!(12)),
        ("-0o7", data!("-0o7")),
        ("1.18.10", data!("1.18.10")),
        ("2.30", data!(2.3)),
        ("~", data!(null)),
        ("", data!(null)),
        ("12:34", data!("12:34")),
        ("2026-01-01", data!("2026-01-01")),
        ("=", data!("=")),
        ("18446744073709551615", data!(u64::MAX)),
        ("!!str 1", data!("1")),
        ("!!int \"1\"", data!(1)),
        ("! 1", data!("1")),
    ] {
        assert_eq!(
            json(&format!("v: {plain}\n"), Yaml12)["v"],
            expected,
            "{plain}"
        );
    }
    assert_eq!(
        json("1: a\ntrue: b\n2.30: c\n", Yaml12),
        data!({"1": "a", "true": "b", "2.30": "c"})
    );
}

#[test]
fn every_duplicate_key_is_reported_at_the_later_one() {
    let text = "a: 1\nb: {c: 1, c: 2, c: 3}\na: 2\n";
    let stream = read(text, Go);
    let found: Vec<_> = stream
        .duplicates
        .iter()
        .map(|d| (d.key.as_str(), d.span.start, d.first.start))
        .collect();
    assert_eq!(found, [("c", 15, 9), ("c", 21, 9), ("a", 27, 0)]);
    assert_eq!(
        stream.documents[0].to_json(),
        data!({"a": 2, "b": {"c": 3}})
    );
}

#[test]
fn duplicates_are_found_in_a_large_mapping() {
    let mut text: String = (0..100).map(|n| format!("k{n}: {n}\n")).collect();
    text.push_str("k3: x\nk99: y\n");
    let stream = read(&text, Yaml12);
    assert_eq!(stream.duplicates.len(), 2);
    assert_eq!(
        stream.documents[0].get("k99").and_then(|v| v.as_str()),
        Some("y")
    );
    assert_eq!(stream.documents[0].entries().map(<[_]>::len), Some(100));
}

#[test]
fn merge_keys_follow_the_rules_of_each_reader() {
    let text = "x: &x {a: 2, b: 3}\nv:\n  a: 1\n  <<: *x\nw:\n  <<: [*x, {a: 9, c: 1}]\n  b: 0\n\"<<\": q\n";
    let core = json(text, Yaml12);
    assert_eq!(core["v"], data!({"a": 1, "b": 3}));
    assert_eq!(core["w"], data!({"a": 2, "b": 0, "c": 1}));
    assert_eq!(core["<<"], "q");
    // Go overwrites what stands above the merge.
    assert_eq!(json(text, Go)["v"], data!({"a": 2, "b": 3}));
    assert_eq!(json(text, Go)["w"], data!({"a": 2, "b": 0, "c": 1}));
    assert_eq!(read(text, Go).duplicates, []);
    refused("<<: 1", Go);
}

#[test]
fn an_alias_is_placed_where_it_is_used() {
    let text = "a: &x 2.30\nb: *x\n*x : c\n";
    let root = &read(text, Yaml12).documents[0];
    let alias = root.get("b").expect("the key is there");
    assert_eq!((&text[alias.span.clone()], alias.raw(text)), ("*x", "2.30"));
    assert_eq!(
        json("a: &x y1\n*x : c\n&k d: *k\n", Go),
        data!({"a": "y1", "y1": "c", "d": "d"})
    );
}

#[test]
fn bombs_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let before = vec![format!("*a{}", n - 1); 9].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{before}]\n"));
    }
    assert_eq!(
        refused(&bomb, Go).message,
        "aliases multiply the values too far"
    );
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for n in 1..400 {
        deep.push_str(&format!("a{n}: &a{n} [*a{}]\n", n - 1));
    }
    assert_eq!(refused(&deep, Go).message, "values are nested too deeply");
    assert_eq!(
        refused(&("[".repeat(200) + &"]".repeat(200)), Go).message,
        "values are nested too deeply"
    );
    assert_eq!(
        refused(&"- ".repeat(100_000), Go).message,
        "values are nested too deeply"
    );
    refused("a: &a [*a]", Go);
}

#[test]
fn all_documents_are_read() {
    assert_eq!(read("", Go).documents, []);
    assert_eq!(read("# only a comment\n", Go).documents, []);
    assert_eq!(read("---\n", Go).documents.len(), 1);
    assert_eq!(
        read("a: 1\n---\nb: 2\n...\n---\nc: 3\n", Go)
            .documents
            .len(),
        3
    );
}

#[test]
fn byte_order_mark_and_windows_lines_keep_their_places() {
    let text = "\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\nc: z\r\n";
    let root = &read(text, Go).documents[0];
    assert_eq!(root.to_json(), data!({"a": 1, "b": "x\ny\n", "c": "z"}));
    let block = root.get("b").expect("the key is there");
    assert_eq!(
        &text[block.range_within(text, &block.marks(text), 2..3)],
        "y"
    );
    let c = root.entry("c").expect("the key is there");
    assert_eq!(
        LineIndex::new(text).position(c.value.span.start),
        Position { line: 5, column: 4 }
    );
}

#[test]
fn json_is_read_as_well() {
    let text = "{\n\t\"a\": [1, -2.5e3, true, null],\n\t\"b\\u0020\": {\"c\": \"x\\ny\"}\n}\n";
    let expected: serde_json::Value = serde_json::from_str(text).expect("this is JSON");
    let expected = json(&expected.to_string(), Go);
    assert_eq!(json(text, Go), expected);
    // Go's YAML library knows neither of these two escapes of JSON.
    let escapes = r#"{"\ud83d\ude00": "\/"}"#;
    assert_eq!(json(escapes, Yaml12)["😀"], "/");
    refused(escapes, Go);
    refused(r#"{"a": "\/"}"#, Go);
    let node = read(text, Go);
    let string = node.documents[0]
        .entries()
        .and_then(|e| e[1].value.get("c"))
        .cloned()
        .expect("it is there");
    assert_eq!(
        &text[string.range_within(text, &string.marks(text), 2..3)],
        "y"
    );
}

#[test]
fn keys_must_be_strings() {
    for text in [
        "[a]: 1",
        "{a: b}: 1",
        "? [a]\n: 1",
        "~: 1",
        "null: 1",
        ": 1",
        "? \n: 1",
    ] {
        let error = refused(text, Yaml12);
        assert!(
            error.message.starts_with("a key must"),
            "{text}: {}",
            error.message
        );
        refused(text, Go);
    }
}

#[test]
fn errors_have_a_place_and_no_text_of_the_file() {
    for (text, at) in [
        ("a: b: c", 4),
        ("a:\n\t- b", 3),
        ("a: \"x", 3),
        ("a: *b", 3),
        ("a: @secret", 3),
        ("a: .inf", 3),
        ("a: [1, 2", 3),
        ("a: 1\n b: 2\n", 7),
    ] {
        let error = refused(text, Go);
        assert_eq!(error.span.start, at, "{text}: {}", error.message);
        assert!(!error.message.contains("secret"));
    }
}

#[test]
fn a_block_without_a_final_newline_ends_as_its_reader_has_it() {
    assert_eq!(json("a: |\n  x", Go)["a"], "x");
    assert_eq!(json("a: |\n  x", Yaml12)["a"], "x\n");
}

#[test]
fn half_a_megabyte_of_one_line_is_no_trouble() {
    let items: Vec<_> = (0..20_000)
        .map(|n| format!("{{\"name\":\"é{n}\"}}"))
        .collect();
    let text = format!("{{\"items\":[{}]}}", items.join(","));
    let root = &read(&text, Go).documents[0];
    let index = LineIndex::new(&text);
    let list = root
        .get("items")
        .and_then(|items| items.items())
        .expect("it is a list");
    assert_eq!(list.len(), 20_000);
    for item in list {
        assert_eq!(index.position(item.span.start).line, 1);
    }
}

proptest! {
    #[test]
    fn every_byte_of_a_literal_block_is_found_again(
        body in "(\n| |a|é|#|: ){0,30}",
        indent in 1..6_usize,
        crlf in any::<bool>(),
    ) {
        let newline = if crlf { "\r\n" } else { "\n" };
        let lines: Vec<_> = body.split('\n').map(|line| " ".repeat(indent) + line).collect();
        let text = format!("k: |{indent}+{newline}{}{newline}", lines.join(newline));
        let Ok(stream) = parse(&text, Yaml12) else {
            return Ok(());
        };
        let node = stream.documents[0].get("k").cloned().expect("the key is there");
        let value = node.as_str().expect("a block is a string").to_owned();
        for (at, character) in value.char_indices().filter(|(_, c)| *c != '\n') {
            let place = node.range_within(&text, &node.marks(&text), at..at).start;
            prop_assert!(text[place..].starts_with(character), "{text:?} {at}");
        }
    }

    #[test]
    fn every_byte_of_a_quoted_string_is_found_again(value in "(a|é|😀|\n|\t|'|\"|\\\\|\u{85}){0,20}") {
        let text = format!("k: {}\n", serde_json::Value::from(value.as_str()));
        let node = read(&text, Yaml12).documents[0].get("k").cloned().expect("the key is there");
        for (at, character) in value.char_indices() {
            let place = node.range_within(&text, &node.marks(&text), at..at).start;
            let plain = text[place..].starts_with(character);
            prop_assert!(plain || text[place..].starts_with('\\'));
        }
        prop_assert_eq!(node.range_within(&text, &node.marks(&text), value.len()..value.len()).start, text.len() - 2);
    }

    #[test]
    fn every_byte_of_a_folded_quoted_string_is_found_again(value in "(\n|a|é|:b|'){1,30}", is_double in any::<bool>()) {
        let fold = |text: &str| {
            let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
                Some(line) => format!("{line}\n"),
                None => line.to_owned(),
            });
            // Of the breaks of a run the first is dropped, so each run gets one more.
            let mut out = String::new();
            let mut is_run = false;
            for part in lines {
                let (line, broken) = part.strip_suffix('\n').map_or((part.as_str(), false), |line| (line, true));
                if is_run && !line.is_empty() {
                    out.push_str("\n   ");
                }
                out.push_str(line);
                if broken {
                    out.push('\n');
                }
                is_run = broken;
            }
            if is_run {
                out.push_str("\n   ");
            }
            out
        };
        let text = if is_double {
            format!("k: \"{}\"\n", fold(&value.replace('\'', "\\x27")))
        } else {
            format!("k: '{}'\n", fold(&value.replace('\'', "''")))
        };
        let node = read(&text, Yaml12).documents[0].get("k").cloned().expect("the key is there");
        prop_assert_eq!(node.as_str(), Some(value.as_str()));
        for (at, character) in value.char_indices().filter(|(_, c)| *c != '\n') {
            let place = node.range_within(&text, &node.marks(&text), at..at).start;
            let rest = &text[place..];
            prop_assert!(rest.starts_with(character) || rest.starts_with("\\x27"), "{text:?} {at}");
        }
    }
}

#[test]
fn a_tab_that_indents_is_named_where_it_stands() {
    let text = "apiVersion: meshgen/v1\n\tmesh: x\n";
    let error = parse(text, Yaml12).unwrap_err();
    assert_eq!(&text[error.span.clone()], "\t");
    assert!(error.message.contains("tab"), "{}", error.message);
}
