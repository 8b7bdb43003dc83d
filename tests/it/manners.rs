//! What the program says beside its output, through the built binary.

use std::path::Path;

use assert_cmd::Command;

fn meshgen(folder: &Path, arguments: &str) -> (String, String) {
    let mut command = Command::cargo_bin("meshgen").unwrap();
    let run = command
        .current_dir(folder)
        .args(arguments.split(' '))
        .assert()
        .success();
    let output = run.get_output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn mesh(folder: &Path, second: &str) {
    let text = format!(
        "apiVersion: meshgen/v1\nmesh: test\ndefaults: {{kkp: \"2.24.15\", cilium: 1.14.16}}\ntrust: inline\nclusters:\n\
         - {{name: a, id: 1, podCIDRs: [172.1.0.0/16], apiserver: {{ips: [203.0.113.1]}}}}\n\
         - {{name: b, id: 2, podCIDRs: [172.2.0.0/16]{second}}}\n"
    );
    std::fs::write(folder.join("mesh.yaml"), text).unwrap();
}

#[test]
fn the_summary_says_what_was_done_and_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "");
    let (stdout, stderr) = meshgen(folder.path(), "render mesh.yaml -o out");
    assert_eq!(stdout, "");
    let last = stderr.lines().last().unwrap().to_owned();
    assert!(
        last.starts_with("out: 15 files written, 0 unchanged, 0 removed; "),
        "{last}"
    );
    assert!(
        last.ends_with("; missing: address of b, remote certificate of a, remote certificate of b; next: sh out/steps.sh"),
        "{last}"
    );
    mesh(folder.path(), ", apiserver: {ips: [203.0.113.2]}");
    let (_, stderr) = meshgen(folder.path(), "render mesh.yaml -o out --cluster a");
    let last = stderr.lines().last().unwrap();
    assert!(
        last.ends_with("; missing: remote certificate of b; next: sh out/steps.sh"),
        "{last}"
    );
}

#[test]
fn quiet_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "");
    let (stdout, stderr) = meshgen(folder.path(), "render mesh.yaml --quiet -o out");
    assert_eq!((stdout.as_str(), stderr.as_str()), ("", ""));
    let (stdout, stderr) = meshgen(folder.path(), "render mesh.yaml -q");
    assert!(
        stdout.starts_with("---\n# meshgen: clusters/a/20-patch.yaml\n"),
        "{stdout}"
    );
    assert_eq!(stderr, "");
}

#[test]
fn shells_and_man_know_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let (manual, _) = meshgen(folder.path(), "man");
    assert!(manual.contains(".TH meshgen"), "{manual}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (completions, _) = meshgen(folder.path(), &format!("completions {shell}"));
        for command in [
            "validate",
            "render",
            "firewall",
            "terraform",
            "explain",
            "schema",
            "completions",
            "man",
        ] {
            assert!(completions.contains(command), "{shell}: {command}");
            let heading = format!(".SH MESHGEN {}", command.to_uppercase());
            assert!(manual.contains(&heading), "{command}");
        }
    }
}

/// What is said of arguments that are refused.
fn refused(folder: &Path, arguments: &str) -> String {
    let mut command = Command::cargo_bin("meshgen").unwrap();
    let run = command
        .current_dir(folder)
        .args(arguments.split(' '))
        .assert()
        .failure();
    let output = run.get_output();
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(said).unwrap()
}

#[test]
fn an_argument_that_is_refused_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "id: 2");
    let key = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
    let base64 = "MHcCAQEEIK7vbV6WmLr0Q3oXq1TqkEwq5xY2hF3uGJmA9sPpD4zVoAoGCCqGSM49";
    for secret in [key, base64] {
        for arguments in [
            secret.to_owned(),
            format!("--{secret}"),
            format!("validate --{secret}=1"),
            format!("validate --format {secret}"),
            format!("validate --now {secret}"),
            format!("render --phase {secret}"),
            format!("render --as={secret}"),
            format!("render --cluster {secret}"),
            format!("render --unlock {secret}"),
            format!("firewall --format {secret}"),
            format!("explain {secret}"),
            format!("schema {secret}"),
            format!("completions {secret}"),
            format!("pki ca -o out --days {secret}"),
            format!("validate mesh.yaml --quiet={secret}"),
        ] {
            let said = refused(folder.path(), &arguments);
            assert!(!said.contains(&secret[..25]), "{arguments}: {said}");
            assert!(
                said.contains("error") || said.contains("no "),
                "{arguments}: {said}"
            );
        }
    }
    let short = refused(folder.path(), "render --phase tomorrow");
    assert!(short.contains("invalid value 'tomorrow'"), "{short}");
    let near = refused(folder.path(), "rendr");
    assert!(near.contains("'render'"), "{near}");
}
