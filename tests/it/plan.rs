//! `meshgen plan`: what it says is what the patches do, and no key is in it.

use serde_json::Value;

use crate::common::applied::{apply, installation, patch_of, read, values};
use crate::common::{fixtures, meshgen, root, run};

fn plan(mesh: &str, args: &[&str]) -> crate::common::Run {
    run(meshgen().args(["plan", mesh]).args(args))
}

fn json(mesh: &str) -> Value {
    let planned = plan(mesh, &["--format", "json"]);
    assert_eq!(planned.code, 0, "{mesh}: {}", planned.stderr);
    serde_json::from_str(&planned.stdout).unwrap()
}

const FIVE: &str = "fixtures/meshes/five-clusters/mesh.yaml";

#[test]
fn peers_values_and_restarts_are_named() {
    let preview = json(FIVE);
    let cluster = &preview["clusters"].as_array().unwrap()[1];
    assert_eq!(cluster["name"], "fra-1");
    assert_eq!(
        cluster["phase"],
        serde_json::json!({"now": "none", "reachable": "mesh"})
    );
    assert_eq!(cluster["changed"], true);
    assert_eq!(
        cluster["peers"]["added"],
        serde_json::json!(["ams-1", "fra-2", "lon-1", "lon-2"])
    );
    assert_eq!(cluster["peers"]["removed"], serde_json::json!(["fra-0"]));
    let values = cluster["values"].as_array().unwrap();
    let id = values
        .iter()
        .find(|value| value["path"] == "cluster.id")
        .unwrap();
    assert_eq!((&id["from"], &id["to"]), (&Value::Null, &1.into()));
    let restarts = cluster["restarts"].as_array().unwrap();
    let by_step = |workload: &str| {
        restarts
            .iter()
            .any(|restart| restart["workload"] == workload && restart["by"] == "step")
    };
    assert!(
        by_step("daemonset/cilium") && by_step("deployment/cilium-operator"),
        "{restarts:?}"
    );
}

#[test]
fn exit_codes_are_those_of_terraform() {
    assert_eq!(plan(FIVE, &[]).code, 0);
    assert_eq!(plan(FIVE, &["--detailed-exitcode"]).code, 2);
    for (mesh, plain) in [
        ("fixtures/nowhere.yaml", 2),
        ("fixtures/rules/id-duplicate/bad/mesh.yaml", 1),
    ] {
        assert_eq!(plan(mesh, &[]).code, plain, "{mesh}");
        assert_eq!(plan(mesh, &["--detailed-exitcode"]).code, 1, "{mesh}");
    }
    assert_eq!(
        plan(FIVE, &["--detailed-exitcode", "--no-such-option"]).code,
        1
    );
}

/// The wanted side of a diff is what the patch makes, keys apart: applied and planned again, nothing is left but restarts.
#[test]
fn after_the_patch_nothing_is_to_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("mesh");
    copy_folder(
        &crate::common::root().join("fixtures/meshes/trust-inline"),
        &copy,
    );
    let mesh = copy.join("mesh.yaml");
    let out = folder.path().join("out");
    let rendered = run(meshgen().arg("render").arg(&mesh).arg("-o").arg(&out));
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    let before = json(mesh.to_str().unwrap());
    for cluster in before["clusters"].as_array().unwrap() {
        let name = cluster["name"].as_str().unwrap();
        let Some(dump) = installation(&copy, name) else {
            continue;
        };
        let object = read(&dump);
        let (patch, kind) = patch_of(&out, name);
        let after = apply(&object, &patch, kind);
        assert_eq!(
            cluster["changed"],
            values(&object) != values(&after),
            "{name}"
        );
        std::fs::write(&dump, after.to_string()).unwrap();
    }
    let after = json(mesh.to_str().unwrap());
    for cluster in after["clusters"].as_array().unwrap() {
        if cluster["changed"].is_null() {
            continue;
        }
        assert_eq!(cluster["values"], serde_json::json!([]), "{cluster:#}");
        assert_eq!(
            cluster["peers"]["added"],
            serde_json::json!([]),
            "{cluster:#}"
        );
        assert_eq!(
            cluster["peers"]["altered"],
            serde_json::json!([]),
            "{cluster:#}"
        );
    }
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn no_key_is_shown_in_any_form() {
    for fixture in fixtures() {
        for args in [&["--diff"][..], &["--diff", "--format", "json"]] {
            let planned = plan(&fixture.mesh, args);
            for text in [&planned.stdout, &planned.stderr] {
                assert!(!text.contains("PRIVATE KEY"), "{}", fixture.name);
                assert!(!text.contains("LS0tLS1CRUdJTiB"), "{}", fixture.name);
            }
        }
    }
}

#[test]
fn the_diff_is_yaml_line_by_line() {
    let planned = plan(FIVE, &["--diff"]);
    assert!(
        planned.stdout.contains("\n    +  name: fra-1\n"),
        "{}",
        planned.stdout
    );
    assert!(!planned.stdout.contains("\\n"), "no escaped text");
}

/// A copy of the finished mesh of two.
fn finished() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mesh = crate::common::root().join("fixtures/meshes/phase-mesh");
    for name in crate::common::files(&mesh.join("dumps")) {
        let copy = folder.path().join("dumps").join(&name);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::copy(mesh.join("dumps").join(&name), copy).unwrap();
    }
    std::fs::copy(mesh.join("mesh.yaml"), folder.path().join("mesh.yaml")).unwrap();
    folder
}

/// Replaces text in a file, where it must stand.
fn change(file: &std::path::Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(file, text.replace(from, to)).unwrap();
}

/// What the plan of the finished mesh of two says that `cluster-2` disturbs after a change of its entry, and whom it loses.
fn disturbed(from: &str, to: &str) -> (String, usize) {
    let folder = finished();
    let file = folder.path().join("mesh.yaml");
    change(&file, from, to);
    let preview = json(file.to_str().unwrap());
    let sentences = preview["clusters"][1]["disturbs"].as_array();
    let sentences = sentences.into_iter().flatten().filter_map(Value::as_str);
    let loses = preview["clusters"][1]["loses"].as_array();
    (
        sentences.collect::<Vec<_>>().join("\n"),
        loses.map_or(0, Vec::len),
    )
}

#[test]
fn a_new_name_or_id_and_an_upgrade_say_whom_they_disturb() {
    let entry = "{name: cluster-2, id: 2, ";
    for (to, expected, lost) in [
        ("{name: cluster-2, id: 2, ", "", 0),
        ("{name: cluster-2, id: 7, ", "its ID changes from 2 to 7", 1),
        (
            "{name: paris, id: 2, ",
            "its name changes from cluster-2 to paris: cluster-1 and this cluster lose each other",
            1,
        ),
        (
            "{name: cluster-2, id: 2, cilium: 1.19.4, ",
            "Cilium is to become 1.19.4, and is 1.18.10",
            0,
        ),
    ] {
        let (said, loses) = disturbed(entry, to);
        assert_eq!(loses, lost, "{to}");
        assert!(said.starts_with(expected), "{to}: {said}");
        assert_eq!(said.is_empty(), expected.is_empty(), "{to}: {said}");
    }
}

#[test]
fn a_peer_of_the_dump_writes_no_line_of_its_own() {
    let folder = finished();
    let dump = folder
        .path()
        .join("dumps/cluster-1/cilium.applicationinstallation.yaml");
    change(
        &dump,
        "name: cluster-2",
        r#"name: "A\n::error::B\nNothing to do\e[31m""#,
    );
    let planned = plan(folder.path().join("mesh.yaml").to_str().unwrap(), &[]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let peer = r"- peer A\n::error::B\nNothing to do\u{1b}[31m";
    assert!(planned.stdout.contains(peer), "{}", planned.stdout);
}

#[test]
fn a_bundle_that_is_switched_on_restarts_the_agents_once() {
    let folder = finished();
    let file = folder.path().join("mesh.yaml");
    change(&file, "mesh: phases\n", "mesh: phases\ntrust: bundle\n");
    change(
        &file,
        "cilium: 1.18.10",
        "cilium: 1.18.10\n  kvstoremesh: false",
    );
    let preview = json(file.to_str().unwrap());
    let restarts = preview["clusters"][0]["restarts"]
        .as_array()
        .unwrap()
        .iter();
    let agents = restarts.filter(|one| one["workload"] == "daemonset/cilium");
    assert_eq!(agents.count(), 1, "{preview:#}");
}

#[test]
fn a_cluster_that_has_left_may_be_deleted_from_mesh_yaml() {
    const OFF: &str =
        "    clustermesh: {useAPIServer: false, config: {enabled: false, clusters: []}}\n";
    let folder = tempfile::tempdir().unwrap();
    let mesh = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.31.0\", cilium: 1.19.4}\nclusters:\n- {name: a, id: 1, podCIDRs: [10.1.0.0/16], apiserver: {ips: [203.0.113.1]}}\n- {name: b, id: 2, leaves: true}\n";
    std::fs::write(folder.path().join("mesh.yaml"), mesh).unwrap();
    let dump =
        std::fs::read_to_string(root().join("fixtures/kkp-objects/2.31.0-ebpf.yaml")).unwrap();
    let at = dump.find("valuesBlock: |\n").unwrap() + "valuesBlock: |\n".len();
    let said = |block: &str| {
        let dumps = folder.path().join("dumps/b");
        std::fs::create_dir_all(&dumps).unwrap();
        let text = format!("{}{block}{}", &dump[..at], &dump[at..]);
        std::fs::write(dumps.join("cilium.yaml"), text).unwrap();
        run(meshgen().current_dir(folder.path()).arg("plan")).stdout
    };
    let left = "has left the mesh; its entry in mesh.yaml may be deleted";
    let of_b = |said: &str| {
        said.lines()
            .find(|line| line.starts_with("b ("))
            .unwrap()
            .to_owned()
    };
    assert!(of_b(&said(OFF)).ends_with(left), "{}", said(OFF));
    let still = said("");
    assert!(of_b(&still).ends_with(": changes"), "{still}");
}
