//! The firewall files, through the built binary.

use std::collections::BTreeSet;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const DIALECTS: [&str; 3] = ["nft", "iptables", "ip6tables"];

fn meshgen(folder: &Path, arguments: &str) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("meshgen").unwrap();
    command
        .current_dir(folder)
        .args(arguments.split(' '))
        .assert()
}

fn mesh(folder: &Path, names: &[&str]) {
    let mut text = "apiVersion: meshgen/v1\nmesh: test\ndefaults: {kkp: \"2.24.15\", cilium: 1.14.16}\nclusters:\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        let id = at + 1;
        text += &format!(
            "- {{name: {name}, id: {id}, podCIDRs: [172.{id}.0.0/16], nodeCIDRs: [10.0.{id}.0/24, 'fd00:{id}::/64'], apiserver: {{ips: [203.0.113.{id}]}}}}\n"
        );
    }
    std::fs::write(folder.join("mesh.yaml"), text).unwrap();
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn dialects(folder: &Path) -> BTreeSet<String> {
    let index: Value =
        serde_json::from_slice(&std::fs::read(folder.join("out/index.json")).unwrap()).unwrap();
    let files = index["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["kind"] == "dialect");
    files
        .map(|file| {
            file["path"]
                .as_str()
                .unwrap()
                .trim_start_matches("firewall/")
                .to_owned()
        })
        .collect()
}

fn expected(names: &[&str]) -> BTreeSet<String> {
    names
        .iter()
        .flat_map(|name| DIALECTS.map(|dialect| format!("{name}.{dialect}")))
        .collect()
}

#[test]
fn every_cluster_has_a_file_of_every_dialect_and_the_command_prints_the_same() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b", "c"]);
    meshgen(folder.path(), "render mesh.yaml -o out").success();
    assert_eq!(dialects(folder.path()), expected(&["a", "b", "c"]));
    for name in ["a", "b", "c"] {
        for dialect in DIALECTS {
            let printed = meshgen(
                folder.path(),
                &format!("firewall mesh.yaml --format {dialect} --cluster {name}"),
            )
            .success();
            let file = std::fs::read(folder.path().join(format!("out/firewall/{name}.{dialect}")))
                .unwrap();
            assert_eq!(printed.get_output().stdout, file, "{name}.{dialect}");
        }
    }
}

#[test]
fn one_cluster_alone_leaves_the_others_files_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b"]);
    meshgen(folder.path(), "render mesh.yaml -o out").success();
    let other = || std::fs::read(folder.path().join("out/firewall/b.nft")).unwrap();
    let before = other();
    mesh(folder.path(), &["a", "b", "c"]);
    meshgen(folder.path(), "render mesh.yaml -o out --cluster a").success();
    assert_eq!(dialects(folder.path()), expected(&["a", "b"]));
    assert!(other() == before, "b.nft is not a's");
    meshgen(folder.path(), "render mesh.yaml -o out").success();
    assert_eq!(dialects(folder.path()), expected(&["a", "b", "c"]));
    assert!(other() != before, "b.nft knows c");
}

#[test]
fn a_cluster_that_left_the_mesh_takes_its_files_with_it_once_all_are_rendered() {
    let folder = tempfile::tempdir().unwrap();
    let exists = |path: &str| folder.path().join("out").join(path).exists();
    mesh(folder.path(), &["a", "b", "c"]);
    meshgen(folder.path(), "render mesh.yaml -o out").success();
    mesh(folder.path(), &["a", "b"]);
    meshgen(folder.path(), "render mesh.yaml -o out --cluster a").success();
    assert!(exists("firewall/c.nft"));
    assert_eq!(dialects(folder.path()), expected(&["a", "b", "c"]));
    meshgen(folder.path(), "render mesh.yaml -o out").success();
    assert!(!exists("firewall/c.nft") && !exists("clusters/c"));
    assert_eq!(dialects(folder.path()), expected(&["a", "b"]));
}

#[test]
fn wrong_usage_is_told_and_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["cluster-1", "cluster-2"]);
    for (arguments, said) in [
        ("firewall mesh.yaml --format nft", "--cluster <NAME>"),
        (
            "firewall mesh.yaml --format nft --cluster clustr-1",
            "no cluster is called `clustr-1`; did you mean `cluster-1`?",
        ),
        (
            "firewall mesh.yaml --format nft --cluster x",
            "no cluster is called `x`; the clusters are cluster-1, cluster-2",
        ),
        (
            "render mesh.yaml --cluster cluster-",
            "did you mean `cluster-1`?",
        ),
        (
            "firewall mesh.yaml --drop",
            "--drop is for nft, iptables and ip6tables",
        ),
        ("render mesh.yaml --drop", "--output <DIR>"),
    ] {
        let run = meshgen(folder.path(), arguments).code(2).stdout("");
        assert!(stderr(&run).contains(said), "{arguments}: {}", stderr(&run));
    }
}

#[test]
fn json_and_csv_can_be_of_one_cluster() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b", "c"]);
    let run = meshgen(folder.path(), "firewall mesh.yaml --cluster a").success();
    let rules: Vec<Value> = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert!(
        !rules.is_empty()
            && rules
                .iter()
                .all(|rule| rule["from"] == "a" || rule["to"] == "a")
    );
}

#[test]
fn the_variable_file_holds_the_rules_under_the_name_that_the_module_declares() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b", "c"]);
    let read = |arguments: &str| -> Value {
        let run = meshgen(folder.path(), arguments).success();
        serde_json::from_slice(&run.get_output().stdout).unwrap()
    };
    for cluster in ["", " --cluster b"] {
        let rules = read(&format!("firewall mesh.yaml{cluster}"));
        let variables = read(&format!("firewall mesh.yaml --format tfvars{cluster}"));
        assert_eq!(variables, serde_json::json!({"cluster_mesh_rules": rules}));
    }
    let module = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/terraform-vars/main.tf"
    );
    let module = std::fs::read_to_string(module).unwrap();
    assert!(module.contains("variable \"cluster_mesh_rules\""));
    meshgen(folder.path(), "firewall mesh.yaml --format tfvars --drop").code(2);
}

#[test]
fn what_no_rule_can_say_is_said_on_standard_error() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b", "c"]);
    let whole = meshgen(folder.path(), "firewall mesh.yaml").success();
    assert_eq!(stderr(&whole), "");
    let file = folder.path().join("mesh.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let without = text.replace("nodeCIDRs: [10.0.2.0/24, 'fd00:2::/64'], ", "");
    assert_ne!(text, without);
    std::fs::write(&file, without).unwrap();
    let run = meshgen(folder.path(), "firewall mesh.yaml").success();
    let said = stderr(&run);
    assert!(
        said.starts_with("note: no rule is from or to the nodes of b: give `nodeCIDRs` or `nodes`"),
        "{said}"
    );
    let rules: Vec<Value> = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert!(!rules.is_empty());
}

#[test]
fn drops_come_only_when_asked_for_and_never_hit_the_clusters_own_nodes() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b"]);
    let read = || std::fs::read_to_string(folder.path().join("out/firewall/a.nft")).unwrap();
    meshgen(folder.path(), "render mesh.yaml -o out").success();
    assert!(!read().contains(" drop\n"));
    meshgen(folder.path(), "render mesh.yaml -o out --drop").success();
    assert!(read().contains("ip saddr { 10.0.2.0/24 } drop\n"));
    let before = read();
    let text = std::fs::read_to_string(folder.path().join("mesh.yaml")).unwrap();
    std::fs::write(
        folder.path().join("mesh.yaml"),
        text.replace("10.0.2.0/24", "10.0.0.0/16"),
    )
    .unwrap();
    let run = meshgen(folder.path(), "render mesh.yaml -o out --drop").code(1);
    let said = stderr(&run);
    for (own, peer, range, overlap) in [
        ("a", "b", "10.0.0.0/16", "10.0.1.0/24"),
        ("b", "a", "10.0.1.0/24", "10.0.0.0/16"),
    ] {
        let line = format!(
            "drop rules for {own} are refused: node range {range} of {peer} overlaps its own {overlap}"
        );
        assert_eq!(said.matches(&line).count(), 1, "{said}");
    }
    assert_eq!(read(), before);
    let run = meshgen(
        folder.path(),
        "firewall mesh.yaml --format nft --cluster a --drop",
    )
    .code(1)
    .stdout("");
    assert!(stderr(&run).contains("overlaps its own"));
}

#[test]
fn groups_are_written_beside_the_pairs_or_instead_of_them() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b", "c"]);
    let exists = |name: &str| folder.path().join("out/firewall").join(name).exists();
    meshgen(folder.path(), "render mesh.yaml -o out").success();
    assert!(exists("rules.json") && exists("rules.csv") && exists("groups.json"));
    meshgen(folder.path(), "render mesh.yaml -o out --no-pairs").success();
    assert!(!exists("rules.json") && !exists("rules.csv") && exists("groups.json"));
    let printed = meshgen(folder.path(), "firewall mesh.yaml --format groups").success();
    let printed = printed.get_output().stdout.clone();
    let file = std::fs::read(folder.path().join("out/firewall/groups.json")).unwrap();
    assert_eq!(printed, file);
    let groups: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(groups["version"], 1);
    let nodes = &groups["groups"]["nodes"];
    assert_eq!(nodes["clusters"], serde_json::json!(["a", "b", "c"]));
    let rule = &groups["rules"][0];
    assert_eq!(
        (&rule["from"], &rule["inner"]),
        (&"nodes".into(), &true.into())
    );
}

#[test]
fn a_packet_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b"]);
    for (packet, said) in [
        (
            "10.0.1.5 10.0.2.9 tcp 4240",
            "permitted\n  by the rule from a (10.0.1.0/24, fd00:1::/64) to b",
        ),
        ("a b icmp", "permitted"),
        (
            "10.0.1.5 203.0.113.2 tcp 2379",
            "clustermesh-apiserver (etcd) of b",
        ),
        (
            "10.0.1.5 10.0.2.9 tcp 22",
            "no rule permits it\n  10.0.1.5 is a node of a",
        ),
        ("10.0.1.5 10.0.1.9 tcp 4240", "nothing is open"),
    ] {
        let run = meshgen(
            folder.path(),
            &format!("firewall mesh.yaml --explain {packet}"),
        )
        .success();
        let out = String::from_utf8(run.get_output().stdout.clone()).unwrap();
        assert!(out.contains(said), "{packet}: {out}");
    }
    for (packet, said) in [
        ("10.0.1.5 10.0.2.9 sctp 1", "no protocol of the rules"),
        ("10.0.1.5 10.0.2.9 tcp", "tcp needs a port"),
        ("10.0.1.5 nobody tcp 1", "`nobody` is neither"),
    ] {
        let run = meshgen(
            folder.path(),
            &format!("firewall mesh.yaml --explain {packet}"),
        )
        .code(2);
        assert!(stderr(&run).contains(said), "{packet}: {}", stderr(&run));
    }
}
