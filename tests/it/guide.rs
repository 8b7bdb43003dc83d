//! The guide's own mesh, through the built binary.

use assert_cmd::Command;
use serde_json::{Value, json};

const MESH: &str = "fixtures/guide/mesh.yaml";

fn meshgen() -> Command {
    let mut command = Command::cargo_bin("meshgen").expect("the binary is built");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn data(file: &str, path: &str) -> String {
    let text = std::fs::read_to_string(format!(
        "{}/fixtures/guide/dumps/{file}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let secret: Value = serde_saphyr::from_str(&text).unwrap();
    secret["data"][path].as_str().unwrap().to_owned()
}

fn rendered(cluster: &str, phase: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = meshgen();
    command
        .args(["render", MESH, "--quiet", "--cluster", cluster, "-o"])
        .arg(folder.path())
        .args(phase);
    command.assert().success();
    let text = std::fs::read_to_string(
        folder
            .path()
            .join(format!("clusters/{cluster}/20-patch.yaml")),
    )
    .unwrap();
    let patch: Value = serde_saphyr::from_str(&text).unwrap();
    patch["spec"]["values"].clone()
}

fn with_peer(own: (&str, u64), peer: (&str, &str)) -> Value {
    let remote = format!("{}/clustermesh-apiserver-remote-cert.secret.yaml", peer.0);
    json!({
        "cluster": {"name": own.0, "id": own.1},
        "clustermesh": {
            "useAPIServer": true,
            "config": {"enabled": true, "clusters": [{
                "name": peer.0, "address": "", "port": 2379, "ips": [peer.1],
                "tls": {"cert": data(&remote, "tls.crt"), "key": data(&remote, "tls.key")},
            }]},
            "apiserver": {
                "tls": {"auto": {"method": "cronJob"}, "ca": {
                    "cert": data("cluster-1/cilium-ca.secret.yaml", "ca.crt"),
                    "key": data("cluster-1/cilium-ca.secret.yaml", "ca.key"),
                }},
                "service": {"type": "LoadBalancer"},
            },
        },
    })
}

#[test]
fn step_2_is_the_bootstrap_of_cluster_1() {
    let expected = json!({
        "cluster": {"name": "cluster-1", "id": 1},
        "clustermesh": {
            "useAPIServer": true,
            "config": {"enabled": true},
            "apiserver": {"tls": {"auto": {"method": "cronJob"}}, "service": {"type": "LoadBalancer"}},
        },
    });
    assert!(
        rendered("cluster-1", &["--phase", "bootstrap"]) == expected,
        "step 2 differs"
    );
}

#[test]
fn steps_4_and_6_join_the_two_with_the_ca_of_cluster_1() {
    let step_4 = with_peer(("cluster-2", 2), ("cluster-1", "203.0.113.10"));
    let step_6 = with_peer(("cluster-1", 1), ("cluster-2", "203.0.113.20"));
    // Not `assert_eq`: the values hold keys.
    assert!(rendered("cluster-2", &[]) == step_4, "step 4 differs");
    assert!(rendered("cluster-1", &[]) == step_6, "step 6 differs");
}

#[test]
fn the_guide_is_sound() {
    let now = "2026-11-23T00:00:00Z";
    let output = meshgen()
        .args(["validate", MESH, "--now", now])
        .assert()
        .success();
    assert!(output.get_output().stdout.is_empty());
}

#[test]
fn rendering_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let render = || {
        let output = meshgen()
            .args(["render", MESH, "-o"])
            .arg(folder.path())
            .assert()
            .success();
        String::from_utf8(output.get_output().stderr.clone()).unwrap()
    };
    assert!(render().contains("15 files written"));
    assert!(render().contains("0 files written, 15 unchanged, 0 removed"));
}

#[test]
fn the_schema_is_the_one_in_the_folder() {
    let output = meshgen().arg("schema").assert().success();
    let kept = std::fs::read(format!(
        "{}/schemas/mesh.schema.json",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    assert!(
        output.get_output().stdout == kept,
        "run: cargo run -- schema > schemas/mesh.schema.json"
    );
}

/// The file at the three times at which the README goes through it.
#[test]
fn every_round_of_the_walk_reaches_further() {
    let folder = tempfile::tempdir().unwrap();
    let phases = |file: &str| {
        let mut command = meshgen();
        command.args(["render", &format!("fixtures/guide/{file}"), "-o"]);
        command.arg(folder.path()).assert().success();
        let index = std::fs::read_to_string(folder.path().join("index.json")).unwrap();
        let index: Value = serde_json::from_str(&index).unwrap();
        let clusters = index["clusters"].as_array().unwrap().iter();
        let phases: Vec<String> = clusters
            .map(|cluster| cluster["phase"].as_str().unwrap().to_owned())
            .collect();
        phases
    };
    assert_eq!(phases("rounds/step-2.yaml"), ["bootstrap", "none"]);
    assert_eq!(phases("rounds/step-4.yaml"), ["bootstrap", "mesh"]);
    assert_eq!(phases("mesh.yaml"), ["mesh", "mesh"]);
}
