//! `meshgen validate` on files that are no mesh files: what a hook hands over is the dump that changed.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

const DUMP: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: clustermesh-apiserver, namespace: kube-system}\n";

/// Two meshes, one inside the other's folder, and the dumps that they read.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "mesh.yaml", &mesh("outer", "dumps/a/"));
    write(folder.path(), "dumps/a/service.yaml", DUMP);
    write(folder.path(), "dumps/a/deep/er/service.yaml", DUMP);
    write(folder.path(), "inner/mesh.yml", &mesh("inner", "dumps/b/"));
    write(folder.path(), "inner/dumps/b/service.yaml", DUMP);
    folder
}

fn mesh(name: &str, dumps: &str) -> String {
    // Each has a fault of its own, so that what was validated shows in the findings.
    format!(
        "apiVersion: meshgen/v1\nmesh: {name}\ncolour-{name}: red\nclusters:\n  - {{name: a, id: 1, kkp: \"2.31.0\", cilium: 1.19.4, dumps: {dumps}}}\n"
    )
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn validate(folder: &Path, files: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("meshgen").unwrap();
    command
        .current_dir(folder)
        .args(["validate", "--format", "json"])
        .args(files)
        .assert()
}

/// The files in which findings are, as often as each has an unknown key.
fn judged(folder: &Path, files: &[&str]) -> Vec<String> {
    let output = validate(folder, files).code(1).get_output().stdout.clone();
    let reports = serde_json::Deserializer::from_slice(&output).into_iter::<Value>();
    let mut judged: Vec<String> = Vec::new();
    for report in reports {
        let findings = report.unwrap()["findings"].as_array().unwrap().clone();
        let unknown = findings
            .into_iter()
            .filter(|finding| finding["code"] == "unknown-key");
        judged
            .extend(unknown.map(|finding| finding["primary"]["file"].as_str().unwrap().to_owned()));
    }
    judged
}

#[test]
fn a_dump_stands_for_the_nearest_mesh_above_it() {
    let folder = repository();
    let top = folder.path();
    assert_eq!(judged(top, &["dumps/a/service.yaml"]), ["mesh.yaml"]);
    assert_eq!(
        judged(top, &["dumps/a/deep/er/service.yaml"]),
        ["mesh.yaml"]
    );
    assert_eq!(
        judged(top, &["inner/dumps/b/service.yaml"]),
        ["inner/mesh.yml"]
    );
    let absolute = top.join("inner/dumps/b/service.yaml");
    let mesh = top.join("inner/mesh.yml").display().to_string();
    assert_eq!(judged(top, &[absolute.to_str().unwrap()]), [mesh]);
}

#[test]
fn the_search_goes_on_above_the_working_directory() {
    let folder = repository();
    let inside = |path: &str| folder.path().join(path);
    assert_eq!(
        judged(&inside("dumps/a"), &["service.yaml"]),
        ["../../mesh.yaml"]
    );
    assert_eq!(
        judged(&inside("dumps/a/deep"), &["../service.yaml"]),
        ["../../../mesh.yaml"]
    );
    assert_eq!(
        judged(&inside("dumps/a"), &["./service.yaml"]),
        ["./../../mesh.yaml"]
    );
}

#[test]
fn each_mesh_is_validated_once() {
    let folder = repository();
    let files = [
        "dumps/a/service.yaml",
        "inner/dumps/b/service.yaml",
        "./mesh.yaml",
        "dumps/a/deep/er/service.yaml",
        "inner/mesh.yml",
    ];
    assert_eq!(
        judged(folder.path(), &files),
        ["mesh.yaml", "inner/mesh.yml"]
    );
}

#[test]
fn a_mesh_file_of_another_name_stands_for_itself() {
    let folder = repository();
    let text = mesh("named", "dumps/a/");
    let json = r#"{"apiVersion": "meshgen/v1", "mesh": "named", "colour": "red", "clusters": []}"#;
    for (name, text) in [
        ("dumps/production.yaml", text.as_str()),
        (
            "dumps/quoted.yaml",
            &text.replace("meshgen/v1", "\"meshgen/v1\""),
        ),
        ("dumps/mesh.json", json),
    ] {
        write(folder.path(), name, text);
        assert_eq!(judged(folder.path(), &[name]), [name]);
    }
    // Broken, but plainly a mesh file.
    write(folder.path(), "dumps/broken.yaml", &(text.clone() + "]\n"));
    let output = validate(folder.path(), &["dumps/broken.yaml"])
        .code(1)
        .get_output()
        .stdout
        .clone();
    assert!(
        String::from_utf8(output)
            .unwrap()
            .contains("\"file\": \"dumps/broken.yaml\"")
    );
}

#[test]
fn an_api_version_deeper_down_makes_no_mesh_file() {
    let folder = repository();
    let text = "kind: List\nitems:\n- apiVersion: meshgen/v1\n";
    write(folder.path(), "dumps/a/list.yaml", text);
    assert_eq!(judged(folder.path(), &["dumps/a/list.yaml"]), ["mesh.yaml"]);
}

#[test]
fn a_file_of_no_mesh_is_wrong_usage_and_the_others_are_validated() {
    let folder = repository();
    let elsewhere = tempfile::tempdir().unwrap();
    write(elsewhere.path(), "service.yaml", DUMP);
    let stray: PathBuf = elsewhere.path().join("service.yaml");
    let output = validate(folder.path(), &[stray.to_str().unwrap(), "mesh.yaml"]).code(2);
    let output = output.get_output();
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(
        message.contains("service.yaml belongs to no mesh"),
        "{message}"
    );
    assert!(
        String::from_utf8(output.stdout.clone())
            .unwrap()
            .contains("colour-outer")
    );
}

#[test]
fn a_file_that_is_not_there_is_not_looked_for_elsewhere() {
    let folder = repository();
    let output = validate(folder.path(), &["dumps/a/gone.yaml"]).code(2);
    let message = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(
        message.contains("cannot read dumps/a/gone.yaml"),
        "{message}"
    );
}

#[test]
fn the_hooks_are_the_commands_that_there_are() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/.pre-commit-hooks.yaml"
    ))
    .unwrap();
    let hooks: Value = serde_saphyr::from_str(&text).unwrap();
    let hooks = hooks.as_array().unwrap();
    let languages: Vec<&str> = hooks
        .iter()
        .map(|hook| hook["language"].as_str().unwrap())
        .collect();
    assert_eq!(languages, ["python", "rust", "system"]);
    for hook in hooks {
        assert_eq!(hook["files"], r"(^|/)mesh\.ya?ml$|(^|/)dumps/");
        let words: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(words[0], "meshgen");
        Command::cargo_bin("meshgen")
            .unwrap()
            .args(&words[1..])
            .arg("--help")
            .assert()
            .success();
    }
}
