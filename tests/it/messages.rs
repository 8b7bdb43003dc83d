//! What people get wrong in mesh.yaml most often, and whether the help says what to type.

use std::fs;

use crate::common::{NOW, meshgen, root, run};
use serde_json::Value;

/// Code, message and help of each finding that is more than a note.
fn found(mesh: &str) -> Vec<[String; 3]> {
    let folder = tempfile::tempdir().unwrap();
    for file in ["ca.crt", "ca.key"] {
        fs::copy(
            root().join("fixtures/rules/shared").join(file),
            folder.path().join(file),
        )
        .unwrap();
    }
    fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    let args = ["validate", "--format", "json", "--now", NOW];
    let done = run(meshgen().current_dir(&folder).args(args));
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .filter(|finding| finding["severity"] != "note")
        .map(|finding| ["code", "message", "help"].map(|key| text(&finding[key])))
        .collect()
}

#[track_caller]
fn assert_helps(mesh: &str, code: &str, help: &str) {
    let found = found(mesh);
    let is_meant = |finding: &&[String; 3]| finding[0] == code && finding[2].contains(help);
    assert!(found.iter().any(|finding| is_meant(&finding)), "{found:#?}");
}

#[test]
fn wrong_indentation_names_both_lines() {
    let mesh =
        "apiVersion: meshgen/v1\ndefaults:\n  kkp: \"2.30.5\"\n   cilium: 1.18.10\nclusters: []\n";
    let help = "line 4 begins in column 4, and line 3 above it in column 3";
    assert_helps(mesh, "syntax", help);
    let mesh = "apiVersion: meshgen/v1\nclusters:\n  - name: cluster-1\n  id: 1\n";
    let help = "line 4 begins in column 3, and line 3 above it in column 5";
    assert_helps(mesh, "syntax", help);
    let mesh = "apiVersion: meshgen/v1\ndefaults:\n\tkkp: \"2.30.5\"\nclusters: []\n";
    assert_helps(mesh, "syntax", "replace the tab by spaces");
}

#[test]
fn a_key_on_the_wrong_level_is_sent_where_it_belongs() {
    let mesh = "apiVersion: meshgen/v1\ndefaults:\nkkp: \"2.30.5\"\nclusters:\n- {name: cluster-1, id: 1}\n";
    assert_helps(mesh, "unknown-key", "write `kkp` below `defaults:`");
    let mesh = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.30.5\", cilium: 1.18.10}\nclusters:\n- name: cluster-1\n  id: 1\n  apiserver:\n  ips: [203.0.113.10]\n";
    assert_helps(mesh, "unknown-key", "write `ips` below `apiserver:`");
    let mesh = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.30.5\", cilium: 1.18.10}\nclusters:\n- name: cluster-1\n  id: 1\n  encryption: wireguard\n";
    assert_helps(
        mesh,
        "unknown-key",
        "said once for all clusters: write it in the first column",
    );
}

#[test]
fn a_release_line_as_a_number_asks_for_the_patch_too() {
    let mesh = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.30.5\", cilium: 1.18}\nclusters:\n- {name: cluster-1, id: 1}\n";
    assert_helps(
        mesh,
        "wrong-type",
        "`cilium: \"1.18\"` would be a string that lacks the patch",
    );
    let mesh = "apiVersion: meshgen/v1\ndefaults: {kkp: 2.30, cilium: 1.18.10}\nclusters:\n- {name: cluster-1, id: 1}\n";
    assert_helps(mesh, "wrong-type", "quote it: `kkp: \"2.30\"`");
}

#[test]
fn certificate_and_key_in_each_others_place_are_told_as_that() {
    let mesh = "apiVersion: meshgen/v1\nca: {cert: {file: ca.key}, key: {file: ca.crt}}\ndefaults: {kkp: \"2.30.5\", cilium: 1.18.10}\nclusters:\n- {name: cluster-1, id: 1}\n";
    assert_helps(
        mesh,
        "certificate-unreadable",
        "exchange `cert` and `key` where each holds the other",
    );
    assert_helps(
        mesh,
        "key-unreadable",
        "exchange `cert` and `key` where each holds the other",
    );
    let found = found(mesh);
    assert_eq!(found.len(), 2, "{found:#?}");
}

#[test]
fn a_port_that_is_no_mapping_is_one_fault() {
    let mesh = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.30.5\", cilium: 1.18.10}\nservices: [{name: web, namespace: shop, ports: [80, 443]}]\nclusters:\n- {name: cluster-1, id: 1}\n- {name: cluster-2, id: 2, podCIDRs: [172.26.0.0/16]}\n";
    assert_helps(mesh, "wrong-type", "write it as a mapping: `{port: 80}`");
    assert!(
        found(mesh)
            .iter()
            .all(|finding| finding[0] != "service-target-shared")
    );
}

#[test]
fn errors_come_first() {
    let mesh = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.30.5\", cilium: 1.18.10}\nclusters:\n- {name: cluster-1, id: 1, podCIDRs: [172.25.0.0/16]}\n- {name: cluster-2, id: 1, podCIDRs: [172.26.0.0/16]}\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    let done = run(meshgen()
        .current_dir(&folder)
        .args(["validate", "--now", NOW]));
    assert!(
        done.stdout.starts_with("error[id-duplicate]"),
        "{}",
        done.stdout
    );
    assert!(done.stdout.contains("note["), "{}", done.stdout);
}
