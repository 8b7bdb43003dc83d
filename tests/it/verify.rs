//! `meshgen verify`: every folder of fixtures/verify, each with what must come out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::{Run, meshgen, root, run};

#[derive(serde::Deserialize)]
struct Expect {
    exit: i32,
    pairs: BTreeMap<String, String>,
    #[serde(default)]
    cause: BTreeMap<String, String>,
    #[serde(default)]
    says: Vec<String>,
}

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("fixtures/verify")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    folders
}

fn verify(case: &Path, format: &str) -> Run {
    let arguments = [
        "verify",
        "mesh.yaml",
        "--checks",
        "checks",
        "--format",
        format,
    ];
    run(meshgen().current_dir(case).args(arguments))
}

#[test]
fn every_case_has_its_exit_states_and_causes() {
    let cases = cases();
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    for case in cases {
        let name = case.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(case.join("expect.yaml")).unwrap();
        let expect: Expect = serde_saphyr::from_str(&text).unwrap();
        let json = verify(&case, "json");
        assert_eq!(
            json.code, expect.exit,
            "{name}: {}{}",
            json.stdout, json.stderr
        );
        let answer: Value = serde_json::from_str(&json.stdout).unwrap();
        let mut states = BTreeMap::new();
        let mut causes = BTreeMap::new();
        for pair in answer["pairs"].as_array().unwrap() {
            let word = |key: &str| pair[key].as_str().unwrap_or_default().to_owned();
            let ends = format!("{} -> {}", word("from"), word("to"));
            if ends.contains('/') {
                continue;
            }
            if word("state") == "failing" {
                causes.insert(ends.clone(), word("cause"));
                assert!(
                    !pair["seen"].as_array().unwrap().is_empty(),
                    "{name}: {ends} has no evidence"
                );
                assert!(
                    !word("next").is_empty() && !word("why").is_empty(),
                    "{name}: {ends}"
                );
            }
            assert!(
                states.insert(ends, word("state")).is_none(),
                "{name}: a pair twice"
            );
        }
        assert_eq!(states, expect.pairs, "{name}");
        assert_eq!(causes, expect.cause, "{name}");
        let text = verify(&case, "text");
        let github = verify(&case, "github");
        assert_eq!(
            (text.code, github.code),
            (expect.exit, expect.exit),
            "{name}"
        );
        for word in expect.says {
            let has = text.stdout.to_lowercase().contains(&word.to_lowercase());
            assert!(has, "{name}: the text lacks {word}:\n{}", text.stdout);
        }
        let trouble = states.values().filter(|state| *state != "healthy").count();
        assert_eq!(
            github.stdout.lines().count(),
            trouble,
            "{name}: {}",
            github.stdout
        );
        for said in [json.stdout, text.stdout, github.stdout] {
            for key in ["LS0tLS", "PRIVATE KEY", "MHcC"] {
                assert!(!said.contains(key), "{name}: key material in the answer");
            }
        }
    }
}

/// What is cut off tells less, so it must not tell better things.
#[test]
fn a_status_that_is_cut_off_makes_no_failing_pair_healthy() {
    let mut cut = 0;
    for name in [
        "another-id-answers",
        "another-id-answers-json",
        "status-json-and-health-table",
        "kvstoremesh-status-beside",
    ] {
        let case = root().join("fixtures/verify").join(name);
        let before = states(&case);
        let folder = tempfile::tempdir().unwrap();
        copy(&case, folder.path());
        for file in saved_files(&folder.path().join("checks")) {
            let bytes = std::fs::read(&file).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            if !text.contains("luster-mesh\"") && !text.contains("ClusterMesh:") {
                continue;
            }
            for part in 1..12 {
                std::fs::write(&file, &bytes[..bytes.len() * part / 12]).unwrap();
                for (pair, state) in states(folder.path()) {
                    let is_better = before[&pair] != "healthy" && state == "healthy";
                    assert!(
                        !is_better,
                        "{name}: {pair} after {part}/12 of {}",
                        file.display()
                    );
                }
                cut += 1;
            }
            std::fs::write(&file, &bytes).unwrap();
        }
    }
    assert!(cut > 50, "only {cut} files were cut");
}

fn states(case: &Path) -> BTreeMap<String, String> {
    let answer: Value = serde_json::from_str(&verify(case, "json").stdout).unwrap();
    let pairs = answer["pairs"].as_array().unwrap().iter();
    pairs
        .map(|pair| {
            (
                format!("{} -> {}", pair["from"], pair["to"]),
                pair["state"].as_str().unwrap().to_owned(),
            )
        })
        .filter(|(pair, _)| !pair.contains('/'))
        .collect()
}

fn saved_files(checks: &Path) -> Vec<PathBuf> {
    let clusters = std::fs::read_dir(checks)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = clusters
        .flat_map(|cluster| std::fs::read_dir(cluster).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_folder_that_is_not_there_is_wrong_usage() {
    let case = root().join("fixtures/verify/guide-example-both-ways");
    let arguments = ["verify", "mesh.yaml", "--checks", "nowhere"];
    let run = run(meshgen().current_dir(case).args(arguments));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("cannot read nowhere"), "{}", run.stderr);
}

#[test]
fn before_the_patches_no_pair_is_expected() {
    let mesh = root().join("fixtures/meshes/trust-inline/mesh.yaml");
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("cluster-1");
    std::fs::create_dir(&own).unwrap();
    let status = "KVStore:      Disabled\nClusterMesh:  0/0 remote clusters ready\nController Status: 9/9 healthy\n";
    std::fs::write(own.join("status.txt"), status).unwrap();
    let asked = run(meshgen()
        .args(["verify".as_ref(), mesh.as_os_str(), "--checks".as_ref()])
        .arg(folder.path()));
    assert_eq!(asked.code, 1, "what is not seen is not healthy");
    for word in [
        "0 healthy, 0 failing, 6 unseen",
        "the mesh is not complete: 6 of the unseen pairs are not expected yet",
        "next: meshgen plan ",
    ] {
        assert!(asked.stdout.contains(word), "{word}: {}", asked.stdout);
    }
}
