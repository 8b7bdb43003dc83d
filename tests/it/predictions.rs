//! What `validate` predicts of KKP's webhook, against what KKP's real admission code answered, and against objects
//! that KKP itself wrote.

use std::fs;
use std::path::Path;

use crate::common::applied::{not_owned, values};
use crate::common::{NOW, meshgen, run};
use meshgen::testing::kkp::webhook::read_block;
use meshgen::testing::yaml::{ScalarRules, parse};
use serde_json::Value;

/// The cases of fixtures/webhook/runs.jsonl.gz.
fn cases() -> Vec<Value> {
    crate::common::recorded(include_bytes!("../../fixtures/webhook/runs.jsonl.gz"))
}

fn is_block(object: &Value) -> bool {
    object["spec"]["valuesBlock"].is_string()
}

/// Whether a patch of meshgen's could have made `new` of `old`: the same object, in the same form, with nothing
/// changed but values that a patch owns.
fn is_a_mesh_patch(old: &Value, new: &Value) -> bool {
    let around = |object: &Value| {
        let mut object = object.clone();
        let spec = object["spec"].as_object_mut().unwrap();
        let own = if is_block(old) {
            "valuesBlock"
        } else {
            "values"
        };
        spec.remove(own);
        object
    };
    let readable = |object: &Value| {
        object["spec"]["valuesBlock"]
            .as_str()
            .is_none_or(|block| read_block(block).is_some_and(|values| values.is_object()))
    };
    readable(old)
        && readable(new)
        && is_block(old) == is_block(new)
        && around(old) == around(new)
        && not_owned(&values(old)) == not_owned(&values(new))
}

/// A mesh of one cluster with an object as its dump, under the name that it has; what `validate` finds.
fn findings(folder: &Path, kkp: &str, object: &str) -> Vec<Found> {
    let dumped = parse(object, ScalarRules::Yaml12).unwrap().documents[0].to_json();
    let cluster = &values(&dumped)["cluster"];
    let name = cluster["name"].as_str().unwrap_or("cluster-1");
    let id = cluster["id"].as_i64().filter(|id| *id > 0).unwrap_or(1);
    let mesh = format!(
        "apiVersion: meshgen/v1\nclusters:\n  - {{name: {name}, id: {id}, kkp: \"{kkp}\", dumps: [cilium.yaml]}}\n"
    );
    let file = folder.join("mesh.yaml");
    fs::write(&file, mesh).unwrap();
    fs::write(folder.join("cilium.yaml"), object).unwrap();
    let args = ["validate", "--format", "json", "--now", NOW];
    let report: Value = serde_json::from_str(&run(meshgen().args(args).arg(&file)).stdout).unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let all = report["findings"].as_array().unwrap().iter();
    all.map(|finding| Found {
        severity: text(finding, "severity"),
        code: text(finding, "code"),
        message: text(finding, "message"),
    })
    .collect()
}

#[derive(Debug)]
struct Found {
    severity: String,
    code: String,
    #[allow(dead_code, reason = "shown when a test fails")]
    message: String,
}

#[test]
fn validate_answers_recorded_mesh_patches_as_kkp_did() {
    let folder = tempfile::tempdir().unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for case in cases() {
        if !is_a_mesh_patch(&case["old"], &case["new"]) {
            continue;
        }
        let tag = case["tag"].as_str().unwrap();
        let found = findings(folder.path(), tag, &case["old"].to_string());
        let predicted = !found
            .iter()
            .any(|finding| finding.code == "webhook-refusal");
        let expected = case["accepted"].as_bool().unwrap();
        assert_eq!(predicted, expected, "{tag} {}: {found:?}", case["name"]);
        *(if expected {
            &mut accepted
        } else {
            &mut refused
        }) += 1;
    }
    assert!(
        accepted >= 40 && refused >= 1,
        "{accepted} accepted, {refused} refused"
    );
}

/// What can be said of a Cilium version that an upgraded KKP still has.
const OF_VERSIONS: [&str; 2] = ["cilium-deprecated", "version-pair"];
/// What is wrong with a mesh of one cluster whose values already speak of a peer and of WireGuard.
const OF_THE_MESH: [&str; 2] = ["peer-removed", "datapath-differs"];

/// An object that KKP wrote is sound on that KKP, but for its Cilium version.
#[test]
fn objects_that_kkp_wrote_are_sound() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/kkp-objects");
    let mut read = 0;
    for entry in fs::read_dir(objects).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (kkp, _) = name.split_once('-').unwrap();
        let found = findings(folder.path(), kkp, &fs::read_to_string(&path).unwrap());
        let faults: Vec<_> = found
            .iter()
            .filter(|found| found.severity != "note")
            .filter(|found| {
                ![OF_VERSIONS, OF_THE_MESH]
                    .concat()
                    .contains(&found.code.as_str())
            })
            // Its user has added a key that charts from 1.14 on refuse, and KKP keeps it.
            .filter(|found| name != "2.27.12-mesh-and-extras" || found.code != "value-refused")
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
        read += 1;
    }
    assert!(read >= 50, "{read}");
}
