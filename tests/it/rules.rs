//! Every code has a pair of fixtures, `fixtures/rules/<code>/{bad,good}`: the failing mesh fails with
//! exactly that code, at the line that its file `at` names; the mended one passes. What
//! `meshgen explain` shows (`report.txt`, `mended.diff`) and `docs/findings.md` are made from them:
//! `MESHGEN_UPDATE=1 cargo test --test it rules` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use meshgen::testing::Code;
use meshgen::testing::catalogue;
use meshgen::testing::finding::Severity;
use serde_json::Value;

const NOW: &str = "2026-11-23T00:00:00Z";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// A copy of all fixtures in which key files are as private as on the machine of a careful user;
/// a checkout gives them whatever the umask says.
fn fixtures() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&root().join("fixtures/rules"), copy.path());
    // What the fixtures share is in the same repository, and tracked.
    let shared = fs::read_dir(copy.path().join("shared")).unwrap();
    let names = shared.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut paths: Vec<String> = names.map(|name| format!("shared/{name}")).collect();
    paths.sort();
    fs::create_dir(copy.path().join(".git")).unwrap();
    fs::write(copy.path().join(".git/index"), git_index(&paths)).unwrap();
    copy
}

/// An index as Git writes it, version 2, with nothing but the paths.
fn git_index(paths: &[String]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let mut index = [&b"DIRC"[..], &number(2), &number(paths.len())].concat();
    for path in paths {
        let start = index.len();
        index.extend([0; 60]);
        index.extend([0, u8::try_from(path.len()).unwrap()]);
        index.extend(path.as_bytes());
        let padding = 8 - (index.len() - start) % 8;
        index.extend(vec![0; padding]);
    }
    index
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        // Git takes no folder called `.git` in.
        let name = entry.file_name().unwrap();
        let target = to.join(if name == "dot-git" {
            ".git".as_ref()
        } else {
            name
        });
        if entry.is_dir() {
            copy_folder(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
            make_private(&target);
        }
    }
}

#[cfg(unix)]
fn make_private(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    // A fixture about permissions says so by its name.
    let mode = if file.to_string_lossy().contains("readable-by-all") {
        0o644
    } else {
        0o600
    };
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}

fn validate(folder: &Path, format: &str) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("meshgen").unwrap();
    command
        .current_dir(folder)
        .env_clear()
        .env("MESHGEN_TEST_GIVEN", "given");
    command.args(["validate", "mesh.yaml", "--now", NOW, "--format", format]);
    let output = command.output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

fn findings(folder: &Path) -> Vec<Value> {
    let (_, text) = validate(folder, "json");
    let report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{}: {error}: {text}", folder.display()));
    report["findings"].as_array().unwrap().clone()
}

fn is(finding: &Value, severity: &str) -> bool {
    finding["severity"] == severity
}

/// What must be said of a failing mesh: the findings of its code, and beside them notes at most.
fn check_bad(code: &Code, folder: &Path, faults: &mut Vec<String>) {
    let name = code.name;
    let all = findings(folder);
    let (own, others): (Vec<_>, Vec<_>) = all.iter().partition(|finding| finding["code"] == name);
    let Some(first) = own.first() else {
        faults.push(format!(
            "{name}: the failing mesh does not fail with it, but with {all:#?}"
        ));
        return;
    };
    let expected = fs::read_to_string(folder.join("at")).unwrap_or_default();
    let found = format!(
        "{}:{}",
        first["primary"]["file"].as_str().unwrap(),
        first["primary"]["line"]
    );
    if found != expected.trim() {
        faults.push(format!(
            "{name}: found at {found}, expected at {:?}",
            expected.trim()
        ));
    }
    for other in others.iter().filter(|finding| !is(finding, "note")) {
        faults.push(format!(
            "{name}: the failing mesh has another fault: {other:#}"
        ));
    }
    if code.severity != Severity::Error && own.iter().any(|finding| is(finding, "error")) {
        faults.push(format!(
            "{name}: is an error here, and {} in the catalogue",
            code.severity.as_str()
        ));
    }
}

/// A mended mesh has no error and no warning, and not the finding that was mended.
fn check_good(code: &Code, folder: &Path, faults: &mut Vec<String>) {
    for finding in findings(folder) {
        if !is(&finding, "note") || finding["code"] == code.name {
            faults.push(format!(
                "{}: the mended mesh has a finding: {finding:#}",
                code.name
            ));
        }
    }
}

#[test]
fn every_code_has_its_failing_mesh_and_its_mended_one() {
    let copy = fixtures();
    let mut faults = Vec::new();
    for code in catalogue() {
        let folder = copy.path().join(code.name);
        if folder.join("bad/mesh.yaml").is_file() && folder.join("good/mesh.yaml").is_file() {
            check_bad(code, &folder.join("bad"), &mut faults);
            check_good(code, &folder.join("good"), &mut faults);
        } else {
            faults.push(format!("{}: has no fixtures", code.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_fixture_is_one_of_a_code() {
    let names: BTreeSet<String> = catalogue()
        .iter()
        .map(|code| code.name.to_owned())
        .collect();
    for entry in fs::read_dir(root().join("fixtures/rules")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            names.contains(&name) || name == "shared",
            "no code is called {name}"
        );
    }
}

#[test]
fn codes_are_kebab_case_unique_and_explained() {
    let codes = catalogue();
    let names: BTreeSet<&str> = codes.iter().map(|code| code.name).collect();
    assert_eq!(names.len(), codes.len(), "a code is declared twice");
    for code in codes {
        assert!(
            code.name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        );
        for text in [code.what, code.why] {
            assert!(
                text.len() > 20 && text.ends_with('.'),
                "{}: {text:?}",
                code.name
            );
        }
    }
}

#[test]
fn the_examples_that_explain_shows_are_current() {
    let copy = fixtures();
    for code in catalogue() {
        let folder = copy.path().join(code.name);
        let (_, report) = validate(&folder.join("bad"), "text");
        let own = root().join("fixtures/rules").join(code.name);
        is_current(&own.join("report.txt"), &report);
        is_current(&own.join("mended.diff"), &mended(&folder));
    }
}

#[test]
fn the_page_of_findings_is_current() {
    is_current(
        &root().join("docs/findings.md"),
        &meshgen::testing::explain::page(),
    );
}

fn is_current(file: &Path, wanted: &str) {
    let found = fs::read_to_string(file).unwrap_or_default();
    if found == wanted {
        return;
    }
    if std::env::var_os("MESHGEN_UPDATE").is_some() {
        fs::write(file, wanted).unwrap();
    } else {
        panic!(
            "{} is old; run `MESHGEN_UPDATE=1 cargo test --test it rules` twice, since the program holds these texts",
            file.display()
        );
    }
}

/// What changes from `bad` to `good`, file by file, key material left out.
fn mended(folder: &Path) -> String {
    let (bad, good) = (folder.join("bad"), folder.join("good"));
    let mut names = BTreeSet::new();
    relative_files(&bad, &bad, &mut names);
    relative_files(&good, &good, &mut names);
    names.remove(Path::new("at"));
    let mut out = String::new();
    for name in names {
        let read = |folder: &Path| fs::read_to_string(folder.join(&name)).unwrap_or_default();
        let (old, new) = (without_secrets(&read(&bad)), without_secrets(&read(&good)));
        if name
            .extension()
            .is_some_and(|extension| extension == "crt" || extension == "key")
        {
            if read(&bad) != read(&good) {
                out += &format!("{}: another one\n", name.display());
            }
        } else if old != new {
            let diff = similar::TextDiff::from_lines(&old, &new);
            let shown = name.display().to_string();
            out += &diff
                .unified_diff()
                .context_radius(1)
                .header(&shown, &shown)
                .to_string();
        }
    }
    out
}

fn relative_files(top: &Path, folder: &Path, names: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap().path();
        if entry.is_dir() {
            relative_files(top, &entry, names);
        } else {
            names.insert(entry.strip_prefix(top).unwrap().to_owned());
        }
    }
}

/// Long runs of base64 are shown by their first characters only.
fn without_secrets(text: &str) -> String {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if is_base64(c) {
            run.push(c);
            continue;
        }
        out += if run.len() > 40 { "…" } else { &run };
        run.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}
