//! mesh.lock.yaml: `render --lock` alone writes it, and then nothing in it changes or is handed on unasked.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::common::{Run, files, meshgen, run};

/// A cluster's entry in mesh.yaml.
const ONE: &str = "- {name: one, id: 1, podCIDRs: [10.1.0.0/16], serviceCIDRs: [10.240.16.0/20], nodeCIDRs: [10.0.1.0/24], apiserver: {ips: [203.0.113.1]}}\n";
const TWO: &str = "- {name: two, id: 2, podCIDRs: [10.2.0.0/16], serviceCIDRs: [10.240.16.0/20], nodeCIDRs: [10.0.2.0/24], apiserver: {ips: [203.0.113.2], service: {type: NodePort, nodePort: 32002}}}\n";

fn write(folder: &Path, clusters: &str) {
    let text = format!(
        "apiVersion: meshgen/v1\ndefaults: {{kkp: \"2.24\", cilium: 1.14.16}}\nclusters:\n{clusters}"
    );
    fs::write(folder.join("mesh.yaml"), text).unwrap();
}

fn go(folder: &Path, args: &[&str]) -> Run {
    run(meshgen().current_dir(folder).args(args))
}

fn lock(folder: &Path) -> String {
    fs::read_to_string(folder.join("mesh.lock.yaml")).unwrap()
}

/// A folder with a lock of both clusters.
fn locked() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &format!("{ONE}{TWO}"));
    let made = go(folder.path(), &["render", "-q", "-o", "out", "--lock"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    folder
}

/// What `validate` says of the lock: message and line.
fn changes(folder: &Path, args: &[&str]) -> Vec<(String, i64)> {
    let ran = go(folder, &[&["validate", "--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["code"] == "lock-changed")
        .map(|finding| {
            assert_eq!(finding["severity"], "error");
            assert_eq!(
                finding["related"][0]["file"], "mesh.lock.yaml",
                "{finding:#}"
            );
            let message = finding["message"].as_str().unwrap().to_owned();
            (message, finding["primary"]["line"].as_i64().unwrap())
        })
        .collect()
}

#[test]
fn only_render_with_lock_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &format!("{ONE}{TWO}"));
    for args in [&["render", "-q", "-o", "out"][..], &["validate"], &["plan"]] {
        go(folder.path(), args);
        assert!(!folder.path().join("mesh.lock.yaml").exists(), "{args:?}");
    }
    assert_eq!(go(folder.path(), &["render", "-q", "--lock"]).code, 0);
    insta::assert_snapshot!(lock(folder.path()));
    assert_eq!(
        files(folder.path())
            .iter()
            .filter(|file| !file.starts_with("out/"))
            .collect::<Vec<_>>(),
        ["mesh.lock.yaml", "mesh.yaml"]
    );
}

#[test]
fn what_is_the_same_is_not_written_again() {
    let folder = locked();
    let path = folder.path().join("mesh.lock.yaml");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let again = go(folder.path(), &["render", "-o", "out", "--lock"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(!again.stderr.contains("mesh.lock.yaml"), "{}", again.stderr);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), time);
    assert_eq!(changes(folder.path(), &[]), []);
}

#[test]
fn every_kind_of_change_is_refused_at_its_value() {
    let changed = [
        (
            "id: 2",
            "id: 7",
            "the ID of two is 2 in mesh.lock.yaml, and would become 7",
        ),
        (
            "10.2.0.0/16",
            "10.7.0.0/16",
            "the pod ranges of two are 10.2.0.0/16 in mesh.lock.yaml, and would become 10.7.0.0/16",
        ),
        (
            "10.240.16.0/20",
            "10.241.0.0/20",
            "the service ranges of two are 10.240.16.0/20 in mesh.lock.yaml, and would become 10.241.0.0/20",
        ),
        (
            "[10.0.2.0/24]",
            "[10.0.2.0/24, 10.0.9.0/24]",
            "the node ranges of two are 10.0.2.0/24 in mesh.lock.yaml, and would become 10.0.2.0/24, 10.0.9.0/24",
        ),
        (
            "32002",
            "32007",
            "the node port of two is 32002 in mesh.lock.yaml, and would become 32007",
        ),
    ];
    for (old, new, message) in changed {
        let folder = locked();
        let before = lock(folder.path());
        write(folder.path(), &format!("{ONE}{}", TWO.replace(old, new)));
        assert_eq!(changes(folder.path(), &[]), [(message.to_owned(), 5)]);
        for args in [
            &["render", "-q", "-o", "new"][..],
            &["render", "-q", "-o", "new", "--lock"],
        ] {
            assert_eq!(go(folder.path(), args).code, 1, "{args:?}");
        }
        assert!(!folder.path().join("new").exists(), "nothing is written");
        assert_eq!(lock(folder.path()), before);
        // Another cluster's leave is none.
        assert_eq!(changes(folder.path(), &["--unlock", "one"]).len(), 1);
        assert_eq!(changes(folder.path(), &["--unlock", "two"]), []);
        let noted = go(
            folder.path(),
            &["render", "-q", "--lock", "--unlock", "two"],
        );
        assert_eq!(noted.code, 0, "{}", noted.stderr);
        assert_eq!(changes(folder.path(), &[]), [], "{}", lock(folder.path()));
    }
}

#[test]
fn what_a_cluster_had_is_not_handed_on() {
    let folder = locked();
    let three = "- {name: three, id: 3, podCIDRs: [10.3.0.0/16], serviceCIDRs: [10.240.16.0/20], nodeCIDRs: [10.0.3.0/24], apiserver: {ips: [203.0.113.3], service: {type: NodePort, nodePort: 32003}}}\n";
    write(folder.path(), &format!("{ONE}{three}"));
    assert_eq!(
        changes(folder.path(), &[]),
        [],
        "one has the service range too"
    );
    for (old, new, taken) in [
        ("id: 3", "id: 2", "ID 2"),
        ("10.3.0.0/16", "10.2.128.0/17", "10.2.128.0/17"),
        ("10.0.3.0/24", "10.0.2.0/25", "10.0.2.0/25"),
        ("32003", "32002", "node port 32002"),
    ] {
        write(folder.path(), &format!("{ONE}{}", three.replace(old, new)));
        let message = format!(
            "{taken} was given to two, which is no longer in mesh.yaml, and three would take it"
        );
        assert_eq!(changes(folder.path(), &[]), [(message, 5)]);
        assert_eq!(changes(folder.path(), &["--unlock", "three"]), []);
        assert_eq!(changes(folder.path(), &["--unlock", "two"]), []);
    }
}

#[test]
fn a_former_name_comes_back_only_when_unlocked() {
    let folder = locked();
    write(folder.path(), ONE);
    assert_eq!(go(folder.path(), &["render", "-q", "--lock"]).code, 0);
    assert!(lock(folder.path()).contains("gone: true"));
    write(folder.path(), &format!("{ONE}{TWO}"));
    let found = changes(folder.path(), &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0]
            .0
            .starts_with("two was the name of a cluster that is gone")
    );
    let noted = go(
        folder.path(),
        &["render", "-q", "--lock", "--unlock", "two"],
    );
    assert_eq!(noted.code, 0, "{}", noted.stderr);
    assert!(!lock(folder.path()).contains("gone"));
    // And a former cluster can be forgotten.
    write(folder.path(), ONE);
    let noted = go(
        folder.path(),
        &["render", "-q", "--lock", "--unlock", "two"],
    );
    assert_eq!(noted.code, 0, "{}", noted.stderr);
    assert!(!lock(folder.path()).contains("two"));
}

#[test]
fn what_is_not_known_today_is_kept() {
    let folder = locked();
    let before = lock(folder.path());
    write(
        folder.path(),
        &format!("{ONE}- {{name: two, id: 2, apiserver: {{ips: [203.0.113.2]}}}}\n"),
    );
    assert_eq!(changes(folder.path(), &[]), []);
    assert_eq!(go(folder.path(), &["render", "-q", "--lock"]).code, 0);
    assert_eq!(lock(folder.path()), before);
}

#[test]
fn a_lock_that_is_not_understood_stops_and_stays() {
    let name = "mesh.lock.yaml";
    for (text, code) in [
        ("", "syntax"),
        ("version: 1\nclusters: [\n", "syntax"),
        ("version: 1\nclusters: []\nclusters: []\n", "syntax"),
        ("- 1\n", "wrong-type"),
        ("version: 2\nclusters: []\n", "wrong-type"),
        (
            "version: 1\nclusters: [{name: one, id: \"1\"}]\n",
            "wrong-type",
        ),
        (
            "version: 1\nclusters: [{name: one, ids: 1}]\n",
            "unknown-key",
        ),
        ("version: 1\nclusters: [{id: 1}]\n", "key-missing"),
        ("clusters: []\n", "key-missing"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), ONE);
        fs::write(folder.path().join(name), text).unwrap();
        let ran = go(folder.path(), &["validate", "--format", "json"]);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let found = &report["findings"][0];
        assert_eq!(ran.code, 1, "{text}");
        assert_eq!(
            (&found["code"], &found["primary"]["file"]),
            (&code.into(), &name.into()),
            "{text}: {found:#}"
        );
        assert_eq!(
            go(folder.path(), &["render", "-q", "--lock"]).code,
            1,
            "{text}"
        );
        assert_eq!(lock(folder.path()), text);
    }
}

#[test]
fn a_link_leads_to_the_lock_and_a_folder_is_none() {
    let folder = locked();
    let path = folder.path().join("mesh.lock.yaml");
    fs::rename(&path, folder.path().join("kept.yaml")).unwrap();
    symlink("kept.yaml", &path).unwrap();
    write(folder.path(), ONE);
    assert_eq!(go(folder.path(), &["render", "-q", "--lock"]).code, 0);
    assert!(path.symlink_metadata().unwrap().is_symlink());
    assert!(lock(folder.path()).contains("gone: true"));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(go(folder.path(), &["render", "-q", "--lock"]).code, 1);
    assert!(path.is_dir());
}

#[test]
fn a_name_that_nobody_has_is_wrong_usage() {
    let folder = locked();
    for args in [
        &["validate", "--unlock", "tow"][..],
        &["render", "-q", "-o", "new", "--unlock", "tow"],
    ] {
        let ran = go(folder.path(), args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains("did you mean `two`?"), "{}", ran.stderr);
    }
    assert!(!folder.path().join("new").exists());
}

#[test]
fn a_new_cluster_gets_nothing_that_a_former_one_had() {
    let folder = locked();
    fs::write(
        folder.path().join("mesh.yaml"),
        format!(
            "apiVersion: meshgen/v1\ndefaults: {{kkp: \"2.24\", cilium: 1.14.16}}\nclusters:\n{ONE}"
        ),
    )
    .unwrap();
    let added = go(folder.path(), &["init", "--add", "three"]);
    assert!(added.code < 2, "{}", added.stderr);
    let text = fs::read_to_string(folder.path().join("mesh.yaml")).unwrap();
    assert!(text.contains("id: 3"), "{text}");
    assert_eq!(changes(folder.path(), &[]), []);
}
