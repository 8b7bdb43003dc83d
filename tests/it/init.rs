//! `meshgen init`: what it writes is sound, and nothing that is there is lost.

use std::fs;
use std::path::Path;

use crate::common::{Run, meshgen, root, run};

fn init(folder: &Path, args: &[&str]) -> Run {
    run(meshgen().current_dir(folder).arg("init").args(args))
}

fn validate(folder: &Path) -> Run {
    run(meshgen()
        .current_dir(folder)
        .args(["validate", "--now", crate::common::NOW]))
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}

#[test]
fn names_alone_make_a_mesh_without_errors() {
    let folder = tempfile::tempdir().unwrap();
    let made = init(folder.path(), &["--clusters", "cluster-1,cluster-2,edge-3"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mesh = text(folder.path(), "mesh.yaml");
    for line in [
        "- name: edge-3",
        "  id: 3 # proposed",
        "  kkp: 2.31.0 # proposed",
        "  cilium: 1.19.4 # proposed",
        "  - 172.25.0.0/16",
        "  - 172.27.0.0/16",
    ] {
        assert!(mesh.lines().any(|found| found == line), "{line} in\n{mesh}");
    }
    let checked = validate(folder.path());
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    assert!(!checked.stdout.contains("warning["), "{}", checked.stdout);
    let rendered = run(meshgen().current_dir(folder.path()).args(["firewall"]));
    assert_eq!(
        rendered.code, 0,
        "the mesh file is found without being named"
    );
}

#[test]
fn versions_that_were_asked_for_are_not_proposals() {
    let folder = tempfile::tempdir().unwrap();
    let made = init(folder.path(), &["--clusters", "a,b", "--kkp", "2.30.5"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mesh = text(folder.path(), "mesh.yaml");
    assert!(
        mesh.contains("  kkp: 2.30.5\n  cilium: 1.18.10 # proposed\n"),
        "{mesh}"
    );
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), &["--clusters", "a,b", "--cilium", "1.16.9"]);
    let mesh = text(folder.path(), "mesh.yaml");
    assert!(mesh.contains("  cilium: 1.16.9\n"), "{mesh}");
    assert_eq!(validate(folder.path()).code, 0);
}

#[test]
fn what_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".gitignore"), "target/\nout/").unwrap();
    assert_eq!(init(folder.path(), &["--clusters", "a,b"]).code, 0);
    assert_eq!(
        text(folder.path(), ".gitignore"),
        "target/\nout/\ndumps/\n*.kubeconfig\n"
    );
    let mesh = text(folder.path(), "mesh.yaml");
    let again = init(folder.path(), &["--clusters", "c"]);
    assert_eq!(again.code, 2);
    assert!(
        again.stderr.contains("it is there already"),
        "{}",
        again.stderr
    );
    assert_eq!(text(folder.path(), "mesh.yaml"), mesh);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_way_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("elsewhere.yaml", folder.path().join("mesh.yaml")).unwrap();
    assert_eq!(init(folder.path(), &["--clusters", "a"]).code, 2);
    assert!(!folder.path().join("elsewhere.yaml").exists());
}

#[test]
fn wrong_usage_writes_nothing() {
    for args in [
        &["--clusters", "a,Default"][..],
        &["--clusters", "default"],
        &["--dumps", "nowhere"],
        &["--kubeconfig", "nowhere"],
        &[],
        &["--clusters", "a", "--dumps", "x"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let made = init(folder.path(), args);
        assert_eq!(made.code, 2, "{args:?}: {}", made.stderr);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{args:?}");
    }
}

#[test]
fn dumps_in_a_folder_for_each_cluster_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let dumps = root().join("fixtures/meshes/five-clusters/dumps");
    for cluster in ["ams-1", "fra-1"] {
        for file in fs::read_dir(dumps.join(cluster)).unwrap() {
            let file = file.unwrap();
            copy(
                &file.path(),
                &folder
                    .path()
                    .join("dumps")
                    .join(cluster)
                    .join(file.file_name()),
            );
        }
    }
    let made = init(folder.path(), &["--dumps", "dumps"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mesh = text(folder.path(), "mesh.yaml");
    assert!(
        mesh.contains("  cilium: 1.18.10\n  podCIDRs:\n  - 172.27.0.0/16\n"),
        "{mesh}"
    );
    assert!(mesh.contains("  dumps: dumps/fra-1\n"), "{mesh}");
    assert_eq!(
        validate(folder.path()).code,
        0,
        "{}",
        validate(folder.path()).stdout
    );
}

#[test]
fn dumps_in_one_folder_are_told_apart_by_uid() {
    let folder = tempfile::tempdir().unwrap();
    let dumps = root().join("fixtures/meshes/five-clusters/dumps");
    for cluster in ["ams-1", "fra-1"] {
        for file in fs::read_dir(dumps.join(cluster)).unwrap() {
            let file = file.unwrap();
            let name = format!("{cluster}.{}", file.file_name().to_str().unwrap());
            copy(&file.path(), &folder.path().join("all").join(name));
        }
    }
    let made = init(folder.path(), &["--dumps", "all"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mesh = text(folder.path(), "mesh.yaml");
    assert!(
        mesh.contains("- name: ams-1\n") && mesh.contains("- name: fra-1\n"),
        "{mesh}"
    );
    assert!(
        mesh.contains("  - all/fra-1.cilium.applicationinstallation.yaml\n"),
        "{mesh}"
    );
    assert_eq!(
        validate(folder.path()).code,
        0,
        "{}",
        validate(folder.path()).stdout
    );
}

/// Everything but the added entry is as before, to the byte.
fn is_added(before: &str, after: &str, name: &str) {
    let start = after.find(&format!("- name: {name}")).expect("the entry");
    let start = after[..start].rfind('\n').unwrap() + 1;
    let common = before
        .bytes()
        .zip(after.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    assert!(common + 2 >= start, "changed before the entry:\n{after}");
    let rest = before.len() - common;
    assert_eq!(
        before[common..],
        after[after.len() - rest..],
        "changed behind the entry"
    );
}

#[test]
fn a_cluster_is_added_without_touching_another_byte() {
    for before in [
        "apiVersion: meshgen/v1\nclusters:\n  - name: one   # the first\n    id: 1\n    kkp: \"2.30.5\"\n    cilium: 1.18.10\n    podCIDRs: [172.25.0.0/16]\n# the end\n",
        "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.30.5\", cilium: 1.18.10}\nclusters:\n- {name: one, id: 7, podCIDRs: [172.26.0.0/16]}\n\nmesh: x\n",
        "apiVersion: meshgen/v1\r\nclusters:\r\n  - name: one\r\n    id: 2\r\n    kkp: \"2.30.5\"\r\n    cilium: 1.18.10\r\n    podCIDRs: [172.25.0.0/16]",
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mesh.yaml"), before).unwrap();
        let made = init(folder.path(), &["--add", "two"]);
        assert_eq!(
            made.code,
            0,
            "{}\n{}",
            made.stderr,
            text(folder.path(), "mesh.yaml")
        );
        let after = text(folder.path(), "mesh.yaml");
        is_added(
            before.trim_end_matches("\r\n"),
            after.trim_end_matches("\r\n"),
            "two",
        );
        assert_eq!(after.contains("\r\n"), before.contains("\r\n"));
        assert_eq!(validate(folder.path()).code, 0, "{after}");
        let twice = init(folder.path(), &["--add", "two"]);
        assert_eq!(twice.code, 2, "{}", twice.stderr);
        assert_eq!(text(folder.path(), "mesh.yaml"), after);
    }
    let folder = tempfile::tempdir().unwrap();
    let flow = "{apiVersion: meshgen/v1, clusters: [{name: one, id: 1}]}\n";
    fs::write(folder.path().join("mesh.yaml"), flow).unwrap();
    assert_eq!(init(folder.path(), &["--add", "two"]).code, 2);
    assert_eq!(text(folder.path(), "mesh.yaml"), flow);
}

#[test]
fn clusters_that_are_added_at_one_time_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let page = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.31.0\", cilium: 1.19.4}\nclusters:\n- name: first\n  id: 1\n  podCIDRs: [172.25.0.0/16]\n";
    fs::write(folder.path().join("mesh.yaml"), page).unwrap();
    let adding = |at: usize| {
        std::process::Command::new(assert_cmd::cargo::cargo_bin("meshgen"))
            .current_dir(folder.path())
            .args(["init", ".", "--add", &format!("more-{at}")])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let runs: Vec<_> = (0..8).map(adding).collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let after = text(folder.path(), "mesh.yaml");
    assert_eq!(after.matches("name: more-").count(), 8, "{after}");
    assert_eq!(after.matches("id: ").count(), 9, "{after}");
}

#[test]
fn nothing_is_added_beside_a_lock_that_is_not_understood() {
    let folder = tempfile::tempdir().unwrap();
    let page = "apiVersion: meshgen/v1\ndefaults: {kkp: \"2.31.0\", cilium: 1.19.4}\nclusters:\n- {name: first, id: 1, podCIDRs: [172.25.0.0/16]}\n";
    fs::write(folder.path().join("mesh.yaml"), page).unwrap();
    for lock in [
        "nonsense",
        "version: 1\nclusters:\n- {name: former, id: two}\n",
    ] {
        fs::write(folder.path().join("mesh.lock.yaml"), lock).unwrap();
        let refused = init(folder.path(), &[".", "--add", "second"]);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert_eq!(text(folder.path(), "mesh.yaml"), page);
    }
}
