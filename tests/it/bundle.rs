//! The CA bundle, on the conformance suite's cases.

use assert_cmd::Command;
use serde_json::Value;

/// How many CA certificates stand in the bundle of each cluster.
fn certificates(mesh: &str, phase: &str) -> Vec<usize> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("meshgen").unwrap();
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["render", "--quiet", "--phase", phase, mesh, "-o"])
        .arg(folder.path())
        .assert()
        .success();
    let clusters = ["cluster-1", "cluster-2", "cluster-3"];
    let patches = clusters.map(|name| {
        let path = folder.path().join(format!("clusters/{name}/20-patch.json"));
        let operations: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        operations[2]["value"].as_str().unwrap().to_owned()
    });
    patches
        .iter()
        .map(|block| block.matches("BEGIN CERTIFICATE").count())
        .collect()
}

/// cluster-3 has no address yet, so nobody dials it; but it dials the others, who must trust its CA.
#[test]
fn a_cluster_without_an_address_is_trusted_already() {
    let mesh = "conformance/cases/1.19.4-bundle-kvstoremesh/join.yaml";
    assert_eq!(certificates(mesh, "join"), [3, 3, 3]);
    assert_eq!(certificates(mesh, "bootstrap"), [0, 0, 0]);
}
