//! What is written, to the letter. Where no deviation is named, Go's library was seen to write the same.

use serde_json::json;

use crate::yaml::{scalar, write, write_around, write_at};

#[test]
fn strings_that_some_reader_would_misread_are_quoted() {
    for text in [
        "y",
        "n",
        "Yes",
        "NO",
        "on",
        "Off",
        "true",
        "null",
        "~",
        "",
        "12",
        "-1",
        "0644",
        "0o17",
        "0x1F",
        "08",
        "1e3",
        "1e-7",
        "1.5",
        "1.",
        ".5",
        ".inf",
        ".NaN",
        "2.30",
        "1_000",
        "12:34",
        "190:20:30.15",
        "2026-01-01",
        "2026-1-1",
        "2026-01-01T00:00:00Z",
        "2001-12-14 21:59:43.10 -5",
        "18446744073709551616",
        // Go would leave these bare.
        "=",
        "<<",
        "1e400",
        "0x_",
        ".5_",
        "2026-13-01",
        "0xFFFFFFFFFFFFFFFFF",
    ] {
        assert_eq!(scalar(text), format!("\"{text}\""));
    }
}

#[test]
fn harmless_strings_stay_bare() {
    for text in [
        "eu-west-1",
        "10.0.1.5",
        "1.18.10",
        "172.25.0.0/16",
        "2001:db8::1",
        "v1",
        "nO",
        "a:b",
        "a#b",
        "x y",
        "10m0s",
        "1Gi",
        "-a",
        "?x",
        ":x",
        "é",
        "0b",
        "0o8",
        "1 000",
        "_1",
        "+",
        "1.2.3",
        "e3",
        "-----BEGIN",
    ] {
        let expected = if text.starts_with("---") {
            format!("'{text}'")
        } else {
            text.to_owned()
        };
        assert_eq!(scalar(text), expected);
    }
}

#[test]
fn syntax_is_quoted_and_invisible_characters_are_escaped() {
    for (text, expected) in [
        ("a: b", "'a: b'"),
        ("it's: so", "'it''s: so'"),
        ("- a", "'- a'"),
        ("a #b", "'a #b'"),
        (" a", "' a'"),
        ("a ", "'a '"),
        ("@a", "'@a'"),
        ("a:", "'a:'"),
        ("---", "'---'"),
        ("a\tb", r#""a\tb""#),
        ("a\rb", r#""a\rb""#),
        ("a\nb", r#""a\nb""#),
        ("\u{0}\u{7f}\u{85}", r#""\0\x7F\N""#),
        ("\u{2028}\u{2029}\u{feff}", r#""\L\P\uFEFF""#),
        ("\u{1f600}", r#""\U0001F600""#),
    ] {
        assert_eq!(scalar(text), expected);
    }
}

#[test]
fn keys_are_sorted_with_their_numbers_as_numbers() {
    let value = json!({"b10": 1, "b9": 1, "b": 1, "B": 1, "a.b": 1, "a-b": 1, "ab": 1, "_": 1, "10": 1, "9": 1, "b09": 1, "b100": 1});
    let written = write(&value);
    let keys: Vec<_> = written
        .lines()
        .map(|line| line.trim_end_matches(": 1"))
        .collect();
    assert_eq!(
        keys,
        [
            "_", "\"9\"", "\"10\"", "B", "a-b", "a.b", "ab", "b", "b9", "b09", "b10", "b100"
        ]
    );
}

#[test]
fn collections_and_blocks_have_the_shape_that_go_gives_them() {
    let value = json!({
        "deep": {"b": [{"c": [[1, 2], []], "d": {}}]},
        "lines": ["\n a", "x\n", "x\n\n", "\n", " x\ny", "x\ny", "x \ny"],
        "several\nlines": [1, [2]],
        "two\nlines": {"k": 1, "l": 2},
        "text": "a\nb\n",
        "none": null,
    });
    insta::assert_snapshot!(write(&value), @r#"
    deep:
      b:
      - c:
        - - 1
          - 2
        - []
        d: {}
    lines:
    - |2-

       a
    - |
      x
    - |+
      x

    - |2+

    - |2-
       x
      y
    - |-
      x
      y
    - "x \ny"
    none: null
    ? |-
      several
      lines
    : - 1
      - - 2
    text: |
      a
      b
    ? |-
      two
      lines
    : k: 1
      l: 2
    "#);
}

#[test]
fn numbers_are_spelled_as_go_spells_them() {
    for (value, expected) in [
        (json!(0.0025), "0.0025"),
        (json!(5.0), "5"),
        (json!(1e20), "1e+20"),
        (json!(1e19), "10000000000000000000"),
        (
            json!(12_345_678_901_234_567_890_f64),
            "12345678901234567000",
        ),
        (json!(1e-7), "1e-07"),
        (json!(0.0001), "0.0001"),
        (json!(1_234_567.5), "1.2345675e+06"),
        (json!(-2.5e300), "-2.5e+300"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(-0.0), "0"),
    ] {
        assert_eq!(write(&value), format!("{expected}\n"));
    }
}

#[test]
fn long_lines_are_folded_as_kkp_folds_them_and_only_there() {
    let words = "word ".repeat(20) + "end";
    let value = json!({"key": words});
    insta::assert_snapshot!(write(&value), @r#"
    key: word word word word word word word word word word word word word word word word
      word word word word end
    "#);
    assert_eq!(write_at(&value, 2), format!("  key: {words}\n"));
}

#[test]
fn a_list_written_apart_goes_where_the_writer_would_put_it() {
    const WAY: &[&str] = &["b", "list"];
    let whole = json!({"a": {"list": ["x"]}, "b": {"k": ["list"], "list": [{"n": 1}, {"n": 2}], "z": {"list": 3}}, "c": 1});
    let mut without = whole.clone();
    without["b"]["list"] = json!([]);
    let [before, after] = write_around(&without, 0, true, WAY);
    assert_eq!(
        format!("{before}  - \"n\": 1\n  - \"n\": 2\n{after}"),
        write(&whole)
    );
    let [before, after] = write_around(&whole, 2, false, &[]);
    assert_eq!((before, after.as_str()), (write_at(&whole, 2), ""));
}
