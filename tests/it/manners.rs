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
