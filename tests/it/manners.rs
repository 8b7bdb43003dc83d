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
        last.ends_with("; missing: address of b, remote certificate of a, remote certificate of b; next: sh out/dump.sh"),
        "{last}"
    );
    mesh(folder.path(), ", apiserver: {ips: [203.0.113.2]}");
    let (_, stderr) = meshgen(folder.path(), "render mesh.yaml -o out --cluster a");
    let last = stderr.lines().last().unwrap();
    assert!(
        last.ends_with("; missing: remote certificate of b; next: sh out/dump.sh"),
        "{last}"
    );
}

/// Dumps the ApplicationInstallation of a cluster as it was born, in no mesh.
fn dump(folder: &Path, cluster: &str) {
    let dumps = folder.join("dumps").join(cluster);
    std::fs::create_dir_all(&dumps).unwrap();
    let object = crate::common::root().join("fixtures/kkp-objects/2.24.15-ebpf.yaml");
    let text = std::fs::read_to_string(object).unwrap();
    let text = text.replacen(
        "metadata:\n",
        &format!("metadata:\n  uid: u-{cluster}\n"),
        1,
    );
    let range = if cluster == "a" {
        "172.1.0.0/16"
    } else {
        "172.2.0.0/16"
    };
    let text = text.replace("172.25.0.0/16", range);
    std::fs::write(dumps.join("cilium.yaml"), text).unwrap();
}

#[test]
fn the_next_script_is_the_one_that_will_not_refuse() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "");
    let last = |arguments: &str| {
        let (_, stderr) = meshgen(folder.path(), arguments);
        stderr.lines().last().unwrap().to_owned()
    };
    dump(folder.path(), "a");
    let of_b = last("render mesh.yaml -o out");
    assert!(of_b.ends_with("; next: sh out/dump.sh"), "{of_b}");
    let of_a = last("render mesh.yaml -o out --cluster a");
    assert!(of_a.ends_with("; next: sh out/steps.sh"), "{of_a}");
    dump(folder.path(), "b");
    let of_both = last("render mesh.yaml -o out");
    assert!(of_both.ends_with("; next: sh out/steps.sh"), "{of_both}");
}

#[test]
fn what_steps_sh_makes_is_not_looked_for_in_dumps() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "");
    let asks = |what: &str| {
        let (_, stderr) = meshgen(folder.path(), "render mesh.yaml -o out");
        let finding = stderr.split_once(what).unwrap().1;
        let help = finding.split_once("= help: ").unwrap().1;
        help.lines().next().unwrap().to_owned()
    };
    let address = "the address of clustermesh-apiserver in b is not known";
    let leaf = "the remote certificate of b is not known";
    for what in [address, leaf] {
        assert!(
            asks(what).starts_with("run `sh DIR/dump.sh b`"),
            "{}",
            asks(what)
        );
    }
    dump(folder.path(), "b");
    for what in [address, leaf] {
        assert!(
            asks(what).starts_with("run `sh DIR/steps.sh`"),
            "{}",
            asks(what)
        );
    }
    assert!(asks(address).contains("it makes the Service"));
    assert!(asks(leaf).contains("named as `remoteCert`"));
}

#[test]
fn a_phase_that_cannot_be_rendered_yet_says_what_writes_the_scripts() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), "");
    let run = Command::cargo_bin("meshgen")
        .unwrap()
        .current_dir(folder.path())
        .args("render mesh.yaml -o out --phase mesh".split(' '))
        .assert()
        .code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let way = "`meshgen render -o DIR` without `--phase` writes the scripts";
    assert!(said.contains(way), "{said}");
    let (_, without) = meshgen(folder.path(), "render mesh.yaml -o out");
    assert!(!without.contains(way), "{without}");
}

#[test]
fn a_file_that_pki_makes_is_not_asked_of_kubectl() {
    let folder = tempfile::tempdir().unwrap();
    let pair = |name: &str| format!("cert: {{file: {name}.crt}}, key: {{file: {name}.key}}");
    mesh(folder.path(), &format!(", remoteCert: {{{}}}", pair("tls")));
    let text = std::fs::read_to_string(folder.path().join("mesh.yaml")).unwrap();
    let text = text.replace("trust: inline", &format!("ca: {{{}}}", pair("ca")));
    std::fs::write(folder.path().join("mesh.yaml"), text).unwrap();
    let (said, _) = meshgen(folder.path(), "validate");
    for made in ["`meshgen pki ca` makes", "`meshgen pki remote` makes"] {
        assert!(said.contains(made), "{made}: {said}");
    }
    assert!(
        !said.contains("commands that `meshgen render` prints"),
        "{said}"
    );
}

#[test]
fn where_all_is_done_the_next_script_only_saves() {
    let folder = tempfile::tempdir().unwrap();
    let made = crate::common::root().join("fixtures/meshes/phase-mesh/mesh.yaml");
    let (_, stderr) = meshgen(folder.path(), &format!("render {} -o out", made.display()));
    let last = stderr.lines().last().unwrap();
    assert!(
        last.ends_with("; next: sh out/steps.sh, which saves what `meshgen verify` reads: nothing is to be changed"),
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
