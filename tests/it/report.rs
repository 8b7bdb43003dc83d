//! The forms of a report, through the built binary. `INSTA_UPDATE=always cargo test --test it report` writes its snapshots
//! anew, which are to be read then.

use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

const NOW: &str = "2026-11-23T00:00:00Z";

fn meshgen(folder: &str, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("meshgen").expect("the binary is built");
    command
        .current_dir(format!("{}/fixtures/{folder}", env!("CARGO_MANIFEST_DIR")))
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .args(args);
    command.output().unwrap()
}

fn validate(folder: &str, args: &[&str]) -> Output {
    let always = ["validate", "--now", NOW];
    meshgen(folder, &[always.as_slice(), args].concat())
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn text_is_as_it_was_read_in_review() {
    for fixture in ["two-files", "pasted-key", "syntax", "notes"] {
        let output = validate(&format!("report/{fixture}"), &[]);
        assert_eq!(stderr(&output), "");
        insta::assert_snapshot!(fixture, stdout(&output));
    }
}

#[test]
fn the_other_forms_are_as_they_were_read_in_review() {
    for format in ["json", "github"] {
        let output = validate("report/two-files", &["--format", format]);
        assert_eq!(stderr(&output), "");
        insta::assert_snapshot!(format, stdout(&output));
    }
    let mut sarif = json(&validate("report/two-files", &["--format", "sarif"]));
    // Both change with every new rule or release.
    let driver = sarif["runs"][0]["tool"]["driver"].as_object_mut().unwrap();
    assert_eq!(driver["version"], env!("CARGO_PKG_VERSION"));
    driver.retain(|key, _| key == "name");
    for result in sarif["runs"][0]["results"].as_array_mut().unwrap() {
        result.as_object_mut().unwrap().remove("ruleIndex");
    }
    insta::assert_snapshot!("sarif", format!("{sarif:#}"));
}

#[test]
fn every_result_names_its_rule_and_every_rule_has_its_help() {
    let log = json(&validate("report/pasted-key", &["--format", "sarif"]));
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{rule}");
        }
    }
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn only_a_code_can_be_denied() {
    let output = validate("guide", &["--deny", "id-duplicat"]);
    assert_eq!((code(&output), stdout(&output)), (2, ""));
    assert!(
        stderr(&output).contains("did you mean `id-duplicate`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_sound_mesh_is_met_with_silence() {
    let output = validate("guide", &[]);
    assert_eq!(
        (code(&output), stdout(&output), stderr(&output)),
        (0, "", "")
    );
    let output = validate("guide", &["--format", "github"]);
    assert_eq!((code(&output), stdout(&output)), (0, ""));
}

#[test]
fn colour_is_for_those_who_want_it() {
    let forced = |variables: &[(&str, &str)]| {
        let mut command = Command::cargo_bin("meshgen").expect("the binary is built");
        let folder = format!("{}/fixtures/report/notes", env!("CARGO_MANIFEST_DIR"));
        command.current_dir(folder).arg("validate");
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        let output = command.envs(variables.iter().copied()).output().unwrap();
        stdout(&output).contains('\u{1b}')
    };
    assert!(!forced(&[]));
    assert!(forced(&[("CLICOLOR_FORCE", "1")]));
    assert!(!forced(&[("NO_COLOR", "1")]));
}

#[test]
fn denied_codes_decide_the_exit_status_and_nothing_else() {
    let plain = validate("report/notes", &[]);
    assert_eq!(code(&plain), 0);
    for deny in ["warnings", "input-missing", "current-missing"] {
        let denied = validate("report/notes", &["--deny", "peer-removed", "--deny", deny]);
        assert_eq!(code(&denied), 1, "{deny}");
        let expected = format!("; fails by `--deny {deny}`\n");
        assert!(stdout(&denied).ends_with(&expected), "{}", stdout(&denied));
        assert!(stdout(&denied).contains("warning[input-missing]"));
    }
    let other = validate("report/notes", &["--deny", "peer-removed"]);
    assert_eq!((code(&other), stdout(&other)), (0, stdout(&plain)));
}

#[test]
fn several_files_make_one_report() {
    let files = ["report/notes/mesh.yaml", "report/two-files/mesh.yaml"];
    let one = |file| json(&validate(".", &["--format", "json", file]));
    let (first, second) = (one(files[0]), one(files[1]));
    let both = validate(".", &["--format", "json", files[0], files[1]]);
    assert_eq!(code(&both), 1);
    let both = json(&both);
    let joined = |name: &str| {
        let list = |value: &Value| value[name].as_array().unwrap().clone();
        [list(&first), list(&second)].concat()
    };
    assert_eq!(both["findings"].as_array().unwrap(), &joined("findings"));
    for severity in ["errors", "warnings", "notes"] {
        let count = |value: &Value| value["summary"][severity].as_u64().unwrap();
        assert_eq!(count(&both), count(&first) + count(&second));
    }
    let sarif = json(&validate(".", &["--format", "sarif", files[0], files[1]]));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), both["findings"].as_array().unwrap().len());
    let text = validate(".", &files);
    assert!(
        stdout(&text).ends_with(" in 2 files\n"),
        "{}",
        stdout(&text)
    );
}

#[test]
fn a_file_that_cannot_be_read_hides_no_other() {
    let files = ["nowhere.yaml", "report/two-files/mesh.yaml"];
    let output = validate(".", &files);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("cannot read nowhere.yaml"));
    assert!(stdout(&output).contains("error[id-duplicate]"));
    let output = validate(".", &files[..1]);
    assert_eq!((code(&output), stdout(&output)), (2, ""));
}

#[test]
fn what_makes_nothing_says_why_on_standard_error() {
    for command in ["render", "firewall"] {
        let output = meshgen("report/two-files", &[command, "mesh.yaml"]);
        assert_eq!((code(&output), stdout(&output)), (1, ""), "{command}");
        assert!(stderr(&output).contains("error[id-duplicate]"));
        assert!(stderr(&output).contains(" --> mesh.yaml:15:9"));
    }
}

#[test]
fn the_json_form_has_its_schema() {
    let kept = format!(
        "{}/schemas/findings.schema.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let kept = std::fs::read_to_string(kept).unwrap();
    let printed = meshgen(".", &["schema", "findings"]);
    assert!(
        stdout(&printed) == kept,
        "run: cargo run -- schema findings > schemas/findings.schema.json"
    );
    let schema = jsonschema::validator_for(&serde_json::from_str(&kept).unwrap()).unwrap();
    for fixture in [
        "report/two-files",
        "report/pasted-key",
        "report/syntax",
        "guide",
    ] {
        let mut document = json(&validate(fixture, &["--format", "json"]));
        assert!(schema.is_valid(&document), "{fixture}");
        document["summary"]["errors"] = "many".into();
        assert!(!schema.is_valid(&document), "{fixture}");
    }
}

#[test]
fn fingerprints_outlive_a_moved_line_and_tell_findings_apart() {
    let fingerprints = |folder: &std::path::Path| {
        let mut command = Command::cargo_bin("meshgen").expect("the binary is built");
        command.current_dir(folder);
        let args = ["validate", "--now", NOW, "--format", "sarif"];
        let log: Value =
            serde_json::from_slice(&command.args(args).output().unwrap().stdout).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let prints = results
            .iter()
            .map(|r| r["partialFingerprints"]["meshgen/v1"].to_string());
        prints.collect::<Vec<_>>()
    };
    let source = format!(
        "{}/fixtures/report/notes/mesh.yaml",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(source).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mesh.yaml"), &text).unwrap();
    let before = fingerprints(folder.path());
    std::fs::write(
        folder.path().join("mesh.yaml"),
        format!("# moved\n\n{text}"),
    )
    .unwrap();
    assert_eq!(fingerprints(folder.path()), before);
    let distinct: std::collections::BTreeSet<_> = before.iter().collect();
    assert_eq!(distinct.len(), before.len());
}

#[test]
fn github_commands_stay_on_their_lines() {
    let output = validate("report/two-files", &["--format", "github"]);
    for line in stdout(&output).lines() {
        let starts = ["::error file=", "::warning file=", "::notice file="];
        assert!(starts.iter().any(|start| line.starts_with(start)), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_fault() {
    use std::process::{Command, Stdio};
    for args in [
        ["validate", "mesh.yaml"],
        ["schema", "findings"],
        ["firewall", "../../guide/mesh.yaml"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("meshgen"));
        command.current_dir(format!(
            "{}/fixtures/report/notes",
            env!("CARGO_MANIFEST_DIR")
        ));
        let output = command
            .args(args)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!((code(&output), stderr(&output)), (0, ""), "{args:?}");
    }
}
