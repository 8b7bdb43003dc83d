//! Every patch of every fixture mesh, applied as the API server applies it: what is not owned stays, what is owned
//! is what mesh.yaml says, and KKP's admission would let it through.

use std::path::Path;
use std::sync::LazyLock;

use crate::common::applied::{apply, block_values, not_owned, values};
use crate::common::{Fixture, fixtures, render, root};
use meshgen::testing::kkp::KkpVersion;
use meshgen::testing::kkp::webhook::{Known, admission, predict};
use serde_json::{Value, json};

/// A rendered cluster: its entry in mesh.yaml and in index.json, and its object before and after the patch.
struct Patched {
    name: String,
    written: Value,
    entry: Value,
    before: Value,
    after: Value,
}

#[test]
fn what_is_not_owned_stays() {
    let patched = for_each(|cluster, _| {
        let (before, after) = (values(&cluster.before), values(&cluster.after));
        assert_eq!(not_owned(&before), not_owned(&after), "{}", cluster.name);
    });
    assert!(patched >= 50, "only {patched} patches were looked at");
}

#[test]
fn nothing_beside_the_values_changes() {
    for_each(|cluster, _| {
        let without = |object: &Value| {
            let mut object = object.clone();
            let spec = object["spec"].as_object_mut().unwrap();
            spec.remove("values");
            spec.remove("valuesBlock");
            object
        };
        assert_eq!(
            without(&cluster.before),
            without(&cluster.after),
            "{}",
            cluster.name
        );
    });
}

#[test]
fn what_was_patched_comes_to_rest() {
    let mut at_rest = 0;
    for fixture in fixtures() {
        let Some((_, patched)) = all_of(&fixture) else {
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        let replaced = copy_as_patched(&fixture.folder, folder.path(), &patched);
        let again = Fixture {
            mesh: folder.path().join("mesh.yaml").display().to_string(),
            folder: folder.path().to_path_buf(),
            ..fixture
        };
        let Some((_, patched)) = all_of(&again) else {
            continue;
        };
        for cluster in patched
            .iter()
            .filter(|cluster| replaced.contains(&cluster.before))
        {
            let (before, after) = (values(&cluster.before), values(&cluster.after));
            assert_eq!(before, after, "{}", cluster.name);
            at_rest += 1;
        }
    }
    assert!(at_rest >= 30, "only {at_rest} clusters were looked at");
}

/// Copies a mesh with its ApplicationInstallations as they are after their patches, and gives these.
fn copy_as_patched(from: &Path, to: &Path, patched: &[Patched]) -> Vec<Value> {
    std::fs::create_dir_all(to).unwrap();
    let mut replaced = Vec::new();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            replaced.extend(copy_as_patched(&path, &target, patched));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let object = serde_saphyr::from_str::<Value>(&text).unwrap_or_default();
        let dumped = |one: &&Patched| {
            object["kind"] == one.before["kind"]
                && object["metadata"]["uid"] == one.before["metadata"]["uid"]
        };
        match patched.iter().find(dumped) {
            Some(cluster) => {
                std::fs::write(target, meshgen::testing::yaml::write(&cluster.after)).unwrap();
                replaced.push(cluster.after.clone());
            }
            None => std::fs::write(target, text).unwrap(),
        }
    }
    replaced
}

#[test]
fn owned_values_are_what_mesh_yaml_says() {
    for_each(|cluster, mesh| {
        let values = values(&cluster.after);
        let said = |key: &str| {
            let own = cluster.written.get(key);
            own.or_else(|| mesh["defaults"].get(key)).cloned()
        };
        let at = |pointer: &str| values.pointer(pointer).cloned().unwrap_or(Value::Null);
        let name = &cluster.name;
        assert_eq!(at("/cluster/name"), cluster.written["name"], "{name}");
        assert_eq!(at("/cluster/id"), cluster.written["id"], "{name}");
        assert_eq!(at("/clustermesh/useAPIServer"), json!(true), "{name}");
        assert_eq!(at("/clustermesh/config/enabled"), json!(true), "{name}");
        assert_eq!(
            at("/clustermesh/apiserver/tls/auto/method"),
            "cronJob",
            "{name}"
        );
        let service = said("apiserver").unwrap_or_default()["service"].clone();
        for (key, value) in service.as_object().into_iter().flatten() {
            assert_eq!(
                &at(&format!("/clustermesh/apiserver/service/{key}")),
                value,
                "{name}"
            );
        }
        if let Some(on) = said("kvstoremesh") {
            assert_eq!(
                at("/clustermesh/apiserver/kvstoremesh/enabled"),
                on,
                "{name}"
            );
        }
        if let Some(images) = said("images") {
            let image = at("/clustermesh/apiserver/image/override");
            assert_eq!(image, images["apiserver"], "{name}");
        }
        for (top, pointer) in [
            ("authMode", "/clustermesh/apiserver/tls/authMode"),
            ("maxConnectedClusters", "/clustermesh/maxConnectedClusters"),
        ] {
            if let Some(value) = mesh.get(top) {
                assert_eq!(&at(pointer), value, "{name}");
            }
        }
    });
}

#[test]
fn the_values_ca_stands_where_the_chart_reads_it_and_nowhere_else() {
    for_each(|cluster, mesh| {
        let values = values(&cluster.after);
        let ca = values.pointer("/clustermesh/apiserver/tls/ca");
        let is_1_13 = cluster.entry["cilium"]
            .as_str()
            .unwrap()
            .starts_with("1.13.");
        let shared = mesh.get("trust").is_none_or(|trust| trust == "sharedCA");
        let joins = matches!(cluster.entry["phase"].as_str(), Some("join" | "mesh"));
        assert!(is_1_13 || ca.is_none(), "{}: a refused key", cluster.name);
        assert_eq!(is_1_13 && shared && joins, ca.is_some(), "{}", cluster.name);
        let born = |object: &Value| {
            crate::common::applied::values(object)
                .pointer("/tls/ca")
                .is_some()
        };
        assert_eq!(
            born(&cluster.before),
            born(&cluster.after),
            "{}: Helm's CA",
            cluster.name
        );
    });
}

#[test]
fn peers_are_all_others_that_are_known_sorted_by_id() {
    for_each(|cluster, mesh| {
        let missing = cluster.entry["missing"].as_array().unwrap();
        let lacks = |name: &Value| missing.iter().any(|fact| &fact["of"] == name);
        let mut expected: Vec<(i64, &str)> = clusters(mesh)
            .filter(|other| other["name"] != cluster.written["name"] && !lacks(&other["name"]))
            .map(|other| {
                (
                    other["id"].as_i64().unwrap(),
                    other["name"].as_str().unwrap(),
                )
            })
            .collect();
        expected.sort_unstable();
        let values = values(&cluster.after);
        let peers = values.pointer("/clustermesh/config/clusters");
        if cluster.entry["phase"] == "bootstrap" {
            assert!(
                peers.is_none() || peers == Some(&json!([])),
                "{}",
                cluster.name
            );
            return;
        }
        let peers = peers
            .and_then(Value::as_array)
            .expect("a list on every chart");
        let names: Vec<&str> = peers
            .iter()
            .map(|peer| peer["name"].as_str().unwrap())
            .collect();
        let expected: Vec<&str> = expected.into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, expected, "{}", cluster.name);
        for peer in peers {
            let port = peer["port"].as_u64();
            assert!(
                port.is_some_and(|port| port > 0),
                "an endpoint without a port"
            );
            let dials = |key: &str| {
                peer.get(key)
                    .is_some_and(|value| value != "" && value != &json!([]))
            };
            assert!(
                dials("ips") != dials("address"),
                "{}: {}",
                cluster.name,
                peer["name"]
            );
        }
    });
}

#[test]
fn kkp_accepts_every_patch() {
    for_each(|cluster, _| {
        let kkp = version(cluster.entry["kkp"].as_str().unwrap());
        let known = Known {
            read_block: &block_values,
            version_listed: None,
        };
        let verdict = predict(admission(kkp), &cluster.before, &cluster.after, &known);
        assert!(verdict.is_accepted(), "{}: {verdict:?}", cluster.name);
    });
}

fn version(text: &str) -> KkpVersion {
    let parts: Vec<u32> = text.split('.').map(|part| part.parse().unwrap()).collect();
    (parts[0], parts[1], parts[2])
}

/// Looks at every patch of every fixture that can be rendered, and says how many there are.
fn for_each(look: impl Fn(&Patched, &Value)) -> usize {
    static ALL: LazyLock<Vec<(Value, Vec<Patched>)>> = LazyLock::new(|| {
        let rendered = fixtures()
            .into_iter()
            .filter_map(|fixture| all_of(&fixture));
        rendered.collect()
    });
    for (mesh, patched) in ALL.iter() {
        patched.iter().for_each(|cluster| look(cluster, mesh));
    }
    ALL.iter().map(|(_, patched)| patched.len()).sum()
}

fn all_of(fixture: &Fixture) -> Option<(Value, Vec<Patched>)> {
    let out = tempfile::tempdir().unwrap();
    if render(fixture, out.path()).code != 0 {
        return None;
    }
    let text = std::fs::read_to_string(fixture.folder.join("mesh.yaml")).unwrap();
    let mesh: Value = serde_saphyr::from_str(&text).unwrap();
    let patched = patched(fixture, &mesh, out.path());
    Some((mesh, patched))
}

fn clusters(mesh: &Value) -> impl Iterator<Item = &Value> {
    mesh["clusters"].as_array().unwrap().iter()
}

fn patched(fixture: &Fixture, mesh: &Value, out: &Path) -> Vec<Patched> {
    let index = std::fs::read_to_string(out.join("index.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    let objects = objects(fixture);
    let mut patched = Vec::new();
    for (written, object) in clusters(mesh).zip(objects) {
        let entries = index["clusters"].as_array().unwrap();
        let entry = entries
            .iter()
            .find(|entry| entry["name"] == written["name"]);
        let entry = entry.expect("every cluster is in the index").clone();
        let files = entry["files"].as_array().unwrap();
        let Some(patch) = files.iter().find(|file| file["kind"] == "patch") else {
            continue;
        };
        let text = std::fs::read_to_string(out.join(patch["path"].as_str().unwrap())).unwrap();
        let after = apply(&object, &text, patch["patchType"].as_str().unwrap());
        let name = format!("{}/{}", fixture.name, written["name"].as_str().unwrap());
        patched.push(Patched {
            name,
            written: written.clone(),
            entry,
            before: object,
            after,
        });
    }
    patched
}

/// The dumped object of each cluster, in file order; where none is dumped, one that KKP 2.22 made.
fn objects(fixture: &Fixture) -> Vec<Value> {
    let input = meshgen::testing::input::load(&root().join(&fixture.mesh)).unwrap();
    let mesh = meshgen::testing::resolve::resolve(&input).mesh;
    let clusters = mesh.expect("a fixture is a mesh").clusters;
    let objects = clusters.into_iter().map(|cluster| match cluster.current {
        Some(current) => current.object,
        None => undumped(),
    });
    objects.collect()
}

fn undumped() -> Value {
    let path = root().join("fixtures/kkp-objects/2.22.13-ebpf.yaml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
