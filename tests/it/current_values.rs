//! What the current values of a cluster give rise to, on objects that KKP wrote with a few lines added.

use std::fs;

use crate::common::{NOW, meshgen, root, run};
use serde_json::Value;

/// An object of KKP's, with lines added to the top of its block, as the dump of the only cluster; every
/// finding that is more than a note, by code and message.
fn found(object: &str, kkp: &str, added: &str, mesh: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("fixtures/kkp-objects").join(object)).unwrap();
    let (head, block) = text.split_once("valuesBlock: |\n").unwrap();
    let added: String = added.lines().map(|line| format!("    {line}\n")).collect();
    let folder = tempfile::tempdir().unwrap();
    let dump = format!("{head}valuesBlock: |\n{added}{block}");
    fs::write(folder.path().join("cilium.yaml"), dump).unwrap();
    let file = folder.path().join("mesh.yaml");
    let text = format!(
        "apiVersion: meshgen/v1\nclusters:\n  - name: cluster-1\n    id: 1\n    kkp: \"{kkp}\"\n    dumps: cilium.yaml\n{mesh}"
    );
    fs::write(&file, text).unwrap();
    let args = ["validate", "--format", "json", "--now", NOW];
    let report: Value = serde_json::from_str(&run(meshgen().args(args).arg(&file)).stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .filter(|finding| finding["severity"] != "note")
        .map(|finding| (text(&finding["code"]), text(&finding["message"])))
        .collect()
}

fn codes(object: &str, kkp: &str, added: &str) -> Vec<String> {
    let found = found(object, kkp, added, "");
    found.into_iter().map(|(code, _)| code).collect()
}

const NEW: &str = "2.31.0-ebpf.yaml";
const OLD: &str = "2.25.18-ebpf.yaml";

#[test]
fn templates_that_kkp_knows_are_left_alone() {
    for (object, kkp, value, hazard) in [
        (NEW, "2.31.0", "'{{ .Cluster.Name }}'", false),
        (NEW, "2.31.0", "'{{ index .Cluster.Labels \"a\" }}'", false),
        (NEW, "2.31.0", "'{{ .Values.a }}'", true),
        (NEW, "2.31.0", "'a < b'", true),
        (NEW, "2.31.0", "'<!-- x'", true),
        (NEW, "2.31.0", "'}}'", false),
        (NEW, "2.31.0", "<base64-encoded-cert>", true),
        // Nothing is executed there yet, but a template is not what was meant.
        (OLD, "2.25.18", "'{{ .Cluster.Name }}'", true),
        (OLD, "2.25.18", "'a < b'", false),
        (OLD, "2.25.18", "'< contents-of-ca.crt >'", true),
    ] {
        let codes = codes(object, kkp, &format!("mine: {{a: [{value}]}}"));
        let codes: Vec<&str> = codes
            .iter()
            .map(String::as_str)
            .filter(|code| *code != "cilium-deprecated")
            .collect();
        let expected: &[&str] = if hazard { &["template-hazard"] } else { &[] };
        assert_eq!(codes, expected, "{kkp} {value}");
    }
}

#[test]
fn what_the_patch_replaces_is_no_hazard() {
    let peers = "clustermesh: {config: {clusters: [{name: cluster-1, tls: {cert: <base64-encoded-cert>}}]}}";
    let one_cluster_writes_the_list = codes(NEW, "2.31.0", peers);
    assert!(
        !one_cluster_writes_the_list.contains(&"template-hazard".to_owned()),
        "{one_cluster_writes_the_list:?}"
    );
    let name = codes(
        NEW,
        "2.31.0",
        "cluster: {name: '{{ .Cluster.Name }}-x{{ a }}'}",
    );
    assert!(!name.contains(&"template-hazard".to_owned()), "{name:?}");
}

/// A block on a KKP that does not know the field: the seed's version in mesh.yaml is wrong.
#[test]
fn a_patch_that_would_be_dropped_is_told() {
    let found = found(OLD, "2.24.0", "", "");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "webhook-refusal");
    assert!(found[0].1.contains("without a word"), "{found:?}");
}

#[test]
fn both_fields_at_once_are_refused() {
    let text = fs::read_to_string(root().join("fixtures/kkp-objects").join(NEW)).unwrap();
    assert!(text.contains("  values: {}\n"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("cilium.yaml"),
        text.replace("  values: {}\n", "  values: {a: 1}\n"),
    )
    .unwrap();
    let file = folder.path().join("mesh.yaml");
    fs::write(&file, "apiVersion: meshgen/v1\nclusters:\n  - {name: c, id: 1, kkp: \"2.31.0\", dumps: cilium.yaml}\n").unwrap();
    let done = run(meshgen().args(["validate", "--now", NOW]).arg(&file));
    assert_eq!(done.code, 1);
    assert!(
        done.stdout.contains("error[webhook-refusal]") && done.stdout.contains("both set"),
        "{}",
        done.stdout
    );
}

#[test]
fn a_cluster_keeps_the_name_and_id_that_it_has() {
    let born = codes(NEW, "2.31.0", "cluster: {name: default, id: 0}");
    assert!(born.is_empty(), "{born:?}");
    let named = codes(NEW, "2.31.0", "cluster: {name: other, id: 7}");
    assert_eq!(named, ["name-changed", "id-changed"]);
    let same = codes(NEW, "2.31.0", "cluster: {name: cluster-1, id: 1}");
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn one_mesh_has_one_number_of_clusters() {
    let other = "  - {name: cluster-2, id: 2, kkp: \"2.31.0\", cilium: 1.19.4, podCIDRs: [172.30.0.0/16]}\n";
    let many = "clustermesh: {maxConnectedClusters: 511}";
    let silent = found(NEW, "2.31.0", many, other);
    assert_eq!(silent.len(), 1, "{silent:?}");
    assert_eq!(silent[0].0, "max-connected-differs");
    let told = found(
        NEW,
        "2.31.0",
        many,
        &format!("{other}maxConnectedClusters: 511\n"),
    );
    assert!(told.is_empty(), "{told:?}");
}
