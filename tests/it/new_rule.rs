//! `cargo run --example new-rule`: a rule that compiles from the first minute.

use std::fs;

use crate::common::root;

#[expect(dead_code, reason = "its `main` is for the command line")]
#[path = "../../examples/new-rule.rs"]
mod example;

#[test]
fn a_new_rule_has_all_its_places() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("src/rules")).unwrap();
    let registry = folder.path().join("src/rules/mod.rs");
    fs::copy(root().join("src/rules/mod.rs"), &registry).unwrap();
    let root = folder.path().to_str().unwrap();
    let begin = |code: &str| {
        let args = [code, "warning", root].map(str::to_owned);
        example::begin(&args).map_err(|error| error.to_string())
    };
    for code in ["aaa-first", "mtu-of-nodes", "zzz-last"] {
        begin(code).unwrap();
    }
    let text = fs::read_to_string(&registry).unwrap();
    syn::parse_file(&text).unwrap();
    for module in ["aaa_first", "mtu_of_nodes", "zzz_last"] {
        assert!(text.contains(&format!("\nmod {module};\n")), "{text}");
        assert!(
            text.contains(&format!("\n    &{module}::RULE,\n")),
            "{text}"
        );
        let rule = folder.path().join(format!("src/rules/{module}.rs"));
        syn::parse_file(&fs::read_to_string(rule).unwrap()).unwrap();
    }
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.ends_with("::RULE,"))
        .collect();
    assert!(lines.is_sorted(), "{lines:?}");
    assert!(
        begin("mtu-of-nodes").is_err(),
        "a rule that is there is not overwritten"
    );
    assert!(begin("Not A Code").is_err());
    assert!(
        folder
            .path()
            .join("fixtures/rules/zzz-last/bad/at")
            .is_file()
    );
}
