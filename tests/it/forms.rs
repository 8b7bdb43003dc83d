//! The forms of a cluster's values by `--as`, through the built binary.

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

/// What somebody has added to the values that KKP wrote.
const ADDED: &str = "cluster:\n  name: old\n  id: 0\nclustermesh:\n  apiserver:\n    tls:\n      ca:\n        cert: x\n";

/// Two clusters: the first on KKP 2.31 with its object as dumped, the second without.
fn mesh(folder: &Path) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/kkp-objects/2.31.0-ebpf.yaml"
    );
    let mut object: Value =
        serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let server =
        json!({"uid": "u-1", "resourceVersion": "7", "generation": 3, "managedFields": []});
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.extend(server.as_object().unwrap().clone());
    object["status"] = json!({"conditions": {}});
    let block = object["spec"]["valuesBlock"].as_str().unwrap().to_owned() + ADDED;
    object["spec"]["valuesBlock"] = block.into();
    std::fs::create_dir_all(folder.join("dumps/a")).unwrap();
    let text = serde_json::to_string_pretty(&object).unwrap();
    std::fs::write(folder.join("dumps/a/cilium.yaml"), text).unwrap();
    let text = "apiVersion: meshgen/v1\nmesh: test\ntrust: inline\nclusters:\n\
        - {name: a, id: 1, kkp: \"2.31.0\", cilium: 1.19.4, podCIDRs: [172.25.0.0/16], apiserver: {ips: [203.0.113.1]}, dumps: dumps/a/}\n\
        - {name: b, id: 2, kkp: \"2.24.15\", cilium: 1.14.16, podCIDRs: [172.26.0.0/16], apiserver: {ips: [203.0.113.2]}}\n";
    std::fs::write(folder.join("mesh.yaml"), text).unwrap();
}

fn meshgen(folder: &Path, arguments: &str) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("meshgen").unwrap();
    command
        .current_dir(folder)
        .args(arguments.split(' '))
        .assert()
}

/// The text of a form, and what it reads as.
fn form(folder: &Path, form: &str, cluster: &str) -> (String, Value) {
    meshgen(
        folder,
        &format!("render mesh.yaml -q -o out --cluster {cluster} --as {form}"),
    )
    .success();
    let text =
        std::fs::read_to_string(folder.join(format!("out/clusters/{cluster}/20-{form}.yaml")))
            .unwrap();
    let data = serde_saphyr::from_str(&text).unwrap();
    (text, data)
}

#[test]
fn values_are_what_the_mesh_adds() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path());
    let (text, values) = form(folder.path(), "values", "a");
    assert_eq!(values["cluster"], json!({"name": "a", "id": 1}));
    assert!(values.get("hubble").is_none());
    assert!(!text.contains("null"), "{text}");
    for said in [
        "It overwrites cluster.name\n",
        "It overwrites cluster.id\n",
        "Remove by hand, since values can only add: clustermesh.apiserver.tls.ca\n",
    ] {
        assert!(text.contains(said), "{text}");
    }
    let (text, _) = form(folder.path(), "values", "b");
    assert!(text.contains("The current values were not given"), "{text}");
}

#[test]
fn a_fragment_repeats_what_is_known_and_takes_the_place_of_all() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path());
    let (text, values) = form(folder.path(), "fragment", "a");
    assert_eq!(values["hubble"]["relay"]["enabled"], true);
    assert_eq!(values["cluster"]["id"], 1);
    assert!(
        values["clustermesh"]["apiserver"]["tls"]
            .get("ca")
            .is_none()
    );
    for said in [
        "tab Applications",
        "in place of all values",
        "It removes clustermesh.apiserver.tls.ca\n",
    ] {
        assert!(text.contains(said), "{text}");
    }
    let (text, values) = form(folder.path(), "fragment", "b");
    assert_eq!(values["cluster"], json!({"name": "b", "id": 2}));
    assert!(
        text.contains("Add it to the values that stand there"),
        "{text}"
    );
}

#[test]
fn a_manifest_is_the_object_with_its_labels_and_without_what_the_server_adds() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path());
    let (text, object) = form(folder.path(), "manifest", "a");
    assert_eq!(
        object["metadata"],
        json!({
            "name": "cilium", "namespace": "kube-system",
            "labels": {"apps.kubermatic.k8c.io/managed-by": "kkp", "apps.kubermatic.k8c.io/type": "cni"},
        })
    );
    assert!(object.get("status").is_none());
    assert_eq!(
        object["spec"]["applicationRef"],
        json!({"name": "cilium", "version": "1.19.4"})
    );
    let (_, whole) = form(folder.path(), "fragment", "a");
    let block: Value =
        serde_saphyr::from_str(object["spec"]["valuesBlock"].as_str().unwrap()).unwrap();
    assert_eq!(block, whole);
    assert!(text.contains("it overwrites cluster.name\n"), "{text}");
}

#[test]
fn without_the_object_there_is_no_manifest() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path());
    let run = meshgen(folder.path(), "render mesh.yaml -q -o out --as manifest").code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        said.contains("the manifest of b is its object as it is now")
            && said.contains("kubectl --context b"),
        "{said}"
    );
    assert!(!folder.path().join("out/index.json").exists());
}

#[test]
fn a_form_takes_the_place_of_the_patch_and_the_index_says_so() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path());
    meshgen(folder.path(), "render mesh.yaml -q -o out").success();
    assert!(folder.path().join("out/clusters/a/20-patch.json").exists());
    form(folder.path(), "fragment", "a");
    assert!(!folder.path().join("out/clusters/a/20-patch.json").exists());
    let index: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("out/index.json")).unwrap())
            .unwrap();
    let entry = &index["clusters"][0];
    assert_eq!(entry["files"][0]["kind"], "fragment");
    assert_eq!(entry["files"][0]["patchType"], Value::Null);
    assert_eq!(entry["files"][0]["secret"], true);
    assert!(
        entry["steps"][0]["command"]
            .as_str()
            .unwrap()
            .contains("edit applicationinstallations"),
        "{entry}"
    );
    let run = meshgen(folder.path(), "render mesh.yaml -q --as values --cluster b").success();
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(
        said.starts_with("---\n# meshgen: clusters/b/20-values.yaml\n# meshgen: the Helm values"),
        "{said}"
    );
}
