//! The classic mistakes with KKP's guide, each told by a folder of `fixtures/stories/`: the mesh as
//! somebody would have it, and in `expected` what must be said of it (`MESHGEN_UPDATE=1` writes it).

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn stories() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stories");
    let entries = fs::read_dir(folder).unwrap();
    let mut stories: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    stories.sort();
    stories
}

/// Exit status, then one line for each finding that is more than a note.
fn told(story: &Path) -> String {
    // Away from this repository, in which git tracks the keys of the fixtures.
    let copy = tempfile::tempdir().unwrap();
    copy_folder(story, copy.path());
    let mut command = Command::cargo_bin("meshgen").unwrap();
    command.current_dir(copy.path()).env_clear();
    command.args([
        "validate",
        "--now",
        "2026-11-23T00:00:00Z",
        "--format",
        "json",
    ]);
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut text = format!("exit {}\n", output.status.code().unwrap());
    let findings = report["findings"].as_array().unwrap().iter();
    for finding in findings.filter(|finding| finding["severity"] != "note") {
        let at = &finding["primary"];
        let words = [&finding["severity"], &finding["code"], &at["file"]]
            .map(|word| word.as_str().unwrap());
        writeln!(
            text,
            "{}: {} {}:{}",
            words[0], words[1], words[2], at["line"]
        )
        .unwrap();
        writeln!(text, "  {}", finding["message"].as_str().unwrap()).unwrap();
    }
    text
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_folder(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
        }
    }
}

#[test]
fn every_story_is_told_as_expected() {
    let stories = stories();
    assert!(stories.len() >= 5);
    for story in stories {
        let told = told(&story);
        if std::env::var_os("MESHGEN_UPDATE").is_some() {
            fs::write(story.join("expected"), &told).unwrap();
        }
        let expected = fs::read_to_string(story.join("expected")).unwrap_or_default();
        assert_eq!(told, expected, "{}", story.display());
    }
}
