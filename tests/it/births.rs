//! `render --as initial-values`: a cluster is born in the mesh, and the next render finds nothing to do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use meshgen::testing::kkp::reconcile::reconcile;
use serde_json::{Value, json};

use crate::common::applied::values;
use crate::common::{Run, files, meshgen, root, run};

const ANNOTATION: &str = "kubermatic.io/initial-cni-values-request";

fn go(folder: &Path, words: &str) -> Run {
    run(meshgen().current_dir(folder).args(words.split(' ')))
}

/// KKP, Cilium, and an object that this KKP wrote.
const PAIRS: [(&str, &str, &str); 6] = [
    ("2.22.13", "1.13.8", "2.22.13-ebpf"),
    ("2.24.15", "1.14.16", "2.24.15-ebpf"),
    ("2.25.18", "1.14.16", "2.25.18-ebpf"),
    ("2.27.12", "1.16.9", "2.27.12-ebpf"),
    ("2.31.0", "1.18.10", "2.31.0-ebpf"),
    ("2.31.0", "1.19.4", "2.31.0-ebpf"),
];

/// Three clusters with a CA of the mesh; with `own`, each with a CA and a remote certificate of its own.
fn mesh(folder: &Path, (kkp, cilium): (&str, &str), trust: &str) {
    let now = "--now 2026-11-23T00:00:00Z";
    assert_eq!(go(folder, &format!("pki ca -o ca {now}")).code, 0);
    let mut text = format!(
        "apiVersion: meshgen/v1\ntrust: {trust}\ndefaults: {{kkp: \"{kkp}\", cilium: {cilium}}}\n"
    );
    if trust == "sharedCA" {
        text += "ca: {cert: {file: ca/ca.crt}, key: {file: ca/ca.key}}\n";
    }
    text += "clusters:\n";
    for id in 1..=3 {
        text += &format!(
            "- name: c{id}\n  id: {id}\n  podCIDRs: [10.{id}.0.0/16]\n  apiserver: {{ips: [203.0.113.{id}]}}\n  remoteCert: {{cert: {{file: remote/c{id}/tls.crt}}, key: {{file: remote/c{id}/tls.key}}}}\n"
        );
        if trust != "sharedCA" {
            assert_eq!(go(folder, &format!("pki ca -o ca{id} {now}")).code, 0);
            text +=
                &format!("  ca: {{cert: {{file: ca{id}/ca.crt}}, key: {{file: ca{id}/ca.key}}}}\n");
        }
    }
    fs::write(folder.join("mesh.yaml"), &text).unwrap();
    if trust == "bundle" {
        return fs::write(folder.join("mesh.yaml"), without_leaves(&text)).unwrap();
    }
    let made = go(folder, &format!("pki remote mesh.yaml -o remote {now}"));
    assert_eq!(made.code, 0, "{}", made.stderr);
}

/// With `bundle` no peer carries a certificate.
fn without_leaves(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("remoteCert"));
    lines.map(|line| format!("{line}\n")).collect()
}

fn initial(folder: &Path, cluster: &str) -> Value {
    let rendered = go(
        folder,
        &format!("render -q -o out --phase mesh --cluster {cluster} --as initial-values"),
    );
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    let path = folder.join(format!("out/clusters/{cluster}/20-initial-values.json"));
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The object that KKP makes of initial values: what it enforces merged over them.
fn born(initial: &Value, object: &str, cilium: &str) -> Value {
    let path = root().join(format!("fixtures/kkp-objects/{object}.yaml"));
    let id = &initial["cluster"]["id"];
    let text = fs::read_to_string(path).unwrap();
    let text = text.replace("172.25.0.0/16", &format!("10.{id}.0.0/16"));
    let mut object: Value = serde_saphyr::from_str(&text).unwrap();
    let enforced = values(&object);
    let merged = reconcile(initial, &enforced);
    object["metadata"]["uid"] = format!("u-{id}").into();
    object["spec"]["applicationRef"]["version"] = cilium.into();
    match object["spec"].get("valuesBlock") {
        Some(_) => object["spec"]["valuesBlock"] = meshgen::testing::yaml::write(&merged).into(),
        None => object["spec"]["values"] = merged,
    }
    object
}

#[test]
fn a_mesh_is_complete_when_the_last_cluster_is_born() {
    for trust in ["sharedCA", "inline", "bundle"] {
        for (kkp, cilium, object) in PAIRS {
            let is_old = cilium.starts_with("1.13");
            // The bundle is not read by KVStoreMesh before 1.18.5.
            if (is_old && trust != "sharedCA") || (trust == "bundle" && cilium == "1.16.9") {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path();
            mesh(folder, (kkp, cilium), trust);
            for cluster in ["c1", "c2", "c3"] {
                let initial = initial(folder, cluster);
                assert_eq!(initial["cluster"]["name"], cluster);
                assert_eq!(initial["hubble"]["tls"]["auto"]["method"], "cronJob");
                assert_eq!(initial["operator"]["replicas"], 1);
                let peers = initial["clustermesh"]["config"]["clusters"].as_array();
                assert_eq!(peers.unwrap().len(), 2, "{trust} {cilium}");
                assert_eq!(
                    initial["tls"]["ca"]["key"].is_string(),
                    !is_old,
                    "{trust} {cilium}"
                );
                let dumps = folder.join("dumps").join(cluster);
                fs::create_dir_all(&dumps).unwrap();
                let object = serde_json::to_string(&born(&initial, object, cilium)).unwrap();
                fs::write(dumps.join("cilium.yaml"), object).unwrap();
            }
            let after = go(folder, "render -q -o after --phase mesh");
            assert_eq!(after.code, 0, "{trust} {cilium}: {}", after.stderr);
            let index = fs::read_to_string(folder.join("after/index.json")).unwrap();
            let index: Value = serde_json::from_str(&index).unwrap();
            for cluster in index["clusters"].as_array().unwrap() {
                assert_eq!(cluster["changed"], false, "{trust} {cilium}: {cluster:#}");
                assert_eq!(cluster["phase"], "mesh");
            }
        }
    }
}

#[test]
fn the_printed_command_puts_the_very_values_into_the_annotation() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mesh(folder, ("2.31.0", "1.19.4"), "sharedCA");
    let wanted = initial(folder, "c3");
    let index = fs::read_to_string(folder.join("out/index.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    assert!(!folder.join("out/steps.sh").exists());
    assert!(
        !files(&folder.join("out")).contains(&"clusters/c3/10-cilium-ca.secret.yaml".to_owned())
    );
    let cluster = index["clusters"].as_array().unwrap().iter();
    let cluster = cluster
        .clone()
        .find(|cluster| cluster["name"] == "c3")
        .unwrap();
    assert_eq!(cluster["files"][0]["kind"], "initial-values");
    assert_eq!(cluster["files"][0]["secret"], true);
    let actions: Vec<&str> = cluster["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|step| step["action"].as_str())
        .collect();
    assert_eq!(actions[..2], ["apply", "wait"]);
    assert!(!actions.contains(&"restart"), "{actions:?}");
    // A kubectl that shows what it is told to patch with, and hands the rest on.
    let stub = "#!/bin/sh\ncase \"$1 $3\" in patch*) tee ../patch.json ;; *create) cat > /dev/null; echo \"$@\" > ../created ;; esac\n";
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("kubectl"), stub).unwrap();
    fs::set_permissions(bin.join("kubectl"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let ran = std::process::Command::new("sh")
        .args(["-c", cluster["steps"][0]["command"].as_str().unwrap()])
        .current_dir(folder.join("out"))
        .env("PATH", path)
        .status();
    assert!(ran.unwrap().success());
    assert_eq!(
        fs::read_to_string(folder.join("created")).unwrap(),
        "--context SEED create -f -\n"
    );
    // Which cluster is the seed is not known, so the command as it is must reach none.
    let page = fs::read_to_string(folder.join("out/STEPS.md")).unwrap();
    assert!(page.contains("context of the seed"), "{page}");
    let text = fs::read_to_string(folder.join("mesh.yaml")).unwrap();
    fs::write(
        folder.join("mesh.yaml"),
        format!("{text}seed: {{context: the-seed}}\n"),
    )
    .unwrap();
    initial(folder, "c3");
    let page = fs::read_to_string(folder.join("out/STEPS.md")).unwrap();
    assert!(page.contains("the-seed create -f -"), "{page}");
    assert!(!page.contains("context of the seed"), "{page}");
    let patch = fs::read_to_string(folder.join("patch.json")).unwrap();
    let patch: Value = serde_json::from_str(&patch).unwrap();
    let annotation = patch["metadata"]["annotations"][ANNOTATION]
        .as_str()
        .unwrap();
    assert_eq!(serde_json::from_str::<Value>(annotation).unwrap(), wanted);
}

#[test]
fn mixed_with_clusters_that_exist_it_has_those_that_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mesh(folder, ("2.31.0", "1.18.10"), "sharedCA");
    let text = fs::read_to_string(folder.join("mesh.yaml")).unwrap();
    let text = text.replace("  apiserver: {ips: [203.0.113.2]}\n", "");
    fs::write(folder.join("mesh.yaml"), text).unwrap();
    let rendered = go(folder, "render -q -o out --cluster c3 --as initial-values");
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    let path = folder.join("out/clusters/c3/20-initial-values.json");
    let values: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(values["clustermesh"]["config"]["clusters"][0]["name"], "c1");
    assert_eq!(
        values["clustermesh"]["config"]["clusters"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // Without this the first install waits for certificates that are made after it.
    let update = &values["clustermesh"]["apiserver"]["updateStrategy"];
    assert_eq!(update["rollingUpdate"]["maxUnavailable"], json!(1));
}

#[test]
fn it_is_refused_where_it_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mesh(folder, ("2.31.0", "1.19.4"), "sharedCA");
    let all = go(folder, "render -q -o out --as initial-values");
    assert_eq!(all.code, 2, "{}", all.stderr);
    let born = born(&initial(folder, "c2"), "2.31.0-ebpf", "1.19.4");
    fs::remove_dir_all(folder.join("out")).unwrap();
    fs::create_dir_all(folder.join("dumps/c2")).unwrap();
    fs::write(folder.join("dumps/c2/cilium.yaml"), born.to_string()).unwrap();
    let exists = go(folder, "render -q -o out --cluster c2 --as initial-values");
    assert_eq!(exists.code, 1, "{}", exists.stderr);
    assert!(exists.stderr.contains("c2 exists"), "{}", exists.stderr);
    let text = fs::read_to_string(folder.join("mesh.yaml")).unwrap();
    for (pair, code) in [
        ("kkp: \"2.31.0\", cilium: 1.13.8", "version-pair"),
        ("kkp: \"2.31.0\", cilium: 1.15.1", "cilium-not-offered"),
    ] {
        let changed = text.replace("kkp: \"2.31.0\", cilium: 1.19.4", pair);
        fs::write(folder.join("mesh.yaml"), changed).unwrap();
        let refused = go(folder, "render -q -o out --cluster c3 --as initial-values");
        assert_eq!(refused.code, 1, "{}", refused.stderr);
        assert!(
            refused.stderr.contains(&format!("error[{code}]")),
            "{}",
            refused.stderr
        );
    }
    let index = folder.join("out/index.json");
    assert!(!index.exists(), "nothing is written");
}
