//! A patch applied as the API server does it, and what the contract says about the result: which paths are
//! owned, written here a second time so that the program's own list is not its own judge.

use meshgen::testing::yaml::{ScalarRules, parse};
use serde_json::{Map, Value};

/// The contract's owned paths, key by key.
pub(crate) const OWNED: &[&[&str]] = &[
    &["cluster", "name"],
    &["cluster", "id"],
    &["clustermesh", "useAPIServer"],
    &["clustermesh", "maxConnectedClusters"],
    &["clustermesh", "config", "enabled"],
    &["clustermesh", "config", "clusters"],
    &["clustermesh", "apiserver", "tls", "auto", "method"],
    &["clustermesh", "apiserver", "tls", "authMode"],
    &["clustermesh", "apiserver", "tls", "ca"],
    &["clustermesh", "apiserver", "tls", "server", "extraDnsNames"],
    &[
        "clustermesh",
        "apiserver",
        "tls",
        "auto",
        "server",
        "extraDnsNames",
    ],
    &["clustermesh", "apiserver", "service"],
    &[
        "clustermesh",
        "apiserver",
        "updateStrategy",
        "rollingUpdate",
        "maxUnavailable",
    ],
    &["clustermesh", "apiserver", "kvstoremesh", "enabled"],
    &["clustermesh", "apiserver", "image"],
    &["clustermesh", "apiserver", "etcd", "image"],
    &["clustermesh", "apiserver", "podLabels", "meshgen/ca"],
    &["tls", "ca"],
    &["tls", "caBundle"],
];

/// The values without what a patch owns. Mappings that held nothing else go too, and so do keys without a value on
/// the way to what is owned.
pub(crate) fn not_owned(values: &Value) -> Value {
    let mut kept = values.clone();
    for path in OWNED {
        remove(&mut kept, path);
    }
    kept
}

fn remove(value: &mut Value, path: &[&str]) {
    let Some(map) = value.as_object_mut() else {
        return;
    };
    let (key, rest) = (path[0], &path[1..]);
    if rest.is_empty() {
        map.remove(key);
    } else if let Some(inner) = map.get_mut(key) {
        remove(inner, rest);
        if inner.is_null() || inner.as_object().is_some_and(Map::is_empty) {
            map.remove(key);
        }
    }
}

/// Applies the text of a patch to a whole object, as `kubectl patch --patch-file` has it done.
pub(crate) fn apply(object: &Value, patch: &str, kind: &str) -> Value {
    let mut patched = object.clone();
    match kind {
        "merge" => {
            let patch: Value = serde_saphyr::from_str(patch).expect("a merge patch is YAML");
            json_patch::merge(&mut patched, &patch);
        }
        "json" => {
            let patch: json_patch::Patch =
                serde_json::from_str(patch).expect("a JSON Patch is JSON");
            json_patch::patch(&mut patched, &patch).expect("all tests of the patch hold");
        }
        other => panic!("no such patch type: {other}"),
    }
    let uid = |object: &Value| object["metadata"]["uid"].clone();
    assert_eq!(uid(object), uid(&patched), "a server refuses a foreign uid");
    patched
}

/// The Helm values of an ApplicationInstallation, as KKP reads them.
pub(crate) fn values(object: &Value) -> Value {
    match object["spec"]["valuesBlock"].as_str() {
        Some(block) if !block.trim().is_empty() => {
            block_values(block).expect("KKP can read the block")
        }
        _ => object["spec"]["values"].clone(),
    }
}

/// A block by Go's rules; `None` where KKP could not read it.
pub(crate) fn block_values(block: &str) -> Option<Value> {
    let stream = parse(block, ScalarRules::Go).ok()?;
    Some(stream.documents.first()?.to_json())
}

/// The dumped ApplicationInstallation of a cluster.
pub(crate) fn installation(mesh: &std::path::Path, cluster: &str) -> Option<std::path::PathBuf> {
    let file = mesh
        .join("dumps")
        .join(cluster)
        .join("cilium.applicationinstallation.yaml");
    file.is_file().then_some(file)
}

/// An object that kubectl wrote as YAML.
pub(crate) fn read(file: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap();
    let stream = parse(&text, ScalarRules::Go).unwrap();
    stream.documents[0].to_json()
}

/// The patch of a cluster in an output folder, and its kind.
pub(crate) fn patch_of(out: &std::path::Path, cluster: &str) -> (String, &'static str) {
    let folder = out.join("clusters").join(cluster);
    match std::fs::read_to_string(folder.join("20-patch.json")) {
        Ok(text) => (text, "json"),
        Err(_) => (
            std::fs::read_to_string(folder.join("20-patch.yaml")).unwrap(),
            "merge",
        ),
    }
}

/// Applies all patches of an output folder to the dumps beside mesh.yaml, as if the steps had been run.
pub(crate) fn apply_all(mesh: &std::path::Path, out: &std::path::Path, clusters: &[&str]) {
    for cluster in clusters {
        let dump = installation(mesh, cluster).expect("the cluster was dumped");
        let (patch, kind) = patch_of(out, cluster);
        let after = apply(&read(&dump), &patch, kind);
        std::fs::write(&dump, after.to_string()).expect("the dump can be written");
    }
}
