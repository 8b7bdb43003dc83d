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
        assert_eq!(variables["cluster_mesh_rules"], rules);
        // Those of the modules for clouds are about one cluster.
        let others = if cluster.is_empty() { 0 } else { 2 };
        assert_eq!(variables.as_object().unwrap().len(), 1 + others);
    }
    let module = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/terraform-vars/main.tf"
    );
    let module = std::fs::read_to_string(module).unwrap();
    for name in [
        "cluster_mesh_rules",
        "cluster_mesh_peers",
        "cluster_mesh_ingress",
    ] {
        assert!(module.contains(&format!("variable \"{name}\"")), "{name}");
    }
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
    let dropped = read();
    assert!(dropped.contains("ip saddr @peer-nodes-ipv4 drop\n"));
    assert!(dropped.contains("set peer-nodes-ipv4 {"));
    assert!(dropped.contains("elements = { 10.0.2.0/24 }\n"));
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
        (
            "10.0.1.5 10.0.1.9 tcp 4240",
            "nothing is open from the one to the other: no rule is about traffic inside a cluster",
        ),
        (
            "10.0.1.5 fd00:2::9 tcp 4240",
            "of different address families",
        ),
        ("::ffff:10.0.1.5 10.0.2.9 tcp 4240", "permitted"),
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
        ("10.0.1.0/24 b tcp 1", "is a range: give one address of it"),
    ] {
        let run = meshgen(
            folder.path(),
            &format!("firewall mesh.yaml --explain {packet}"),
        )
        .code(2);
        assert!(stderr(&run).contains(said), "{packet}: {}", stderr(&run));
    }
}

/// docs/firewalls.md, as far as its commands are meshgen's: each runs, and prints something.
#[cfg(unix)]
#[test]
fn the_commands_of_the_page_run() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["cluster-1", "cluster-2"]);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/firewalls.md");
    let page = std::fs::read_to_string(page).unwrap();
    let commands: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("meshgen firewall"))
        .collect();
    let program = assert_cmd::cargo::cargo_bin("meshgen");
    for command in &commands {
        let quiet = format!(
            "set -e; meshgen() {{ {} \"$@\"; }}; {command}",
            program.display()
        );
        let ran = std::process::Command::new("sh")
            .args(["-c", &quiet])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(ran.status.success(), "{command}: {ran:?}");
        let file = command.split(" > ").nth(1);
        let written = file.map(|file| std::fs::read(folder.path().join(file)).unwrap());
        assert!(!written.unwrap_or(ran.stdout).is_empty(), "{command}");
    }
    let help = Command::cargo_bin("meshgen")
        .unwrap()
        .args(["firewall", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let told = |form: &str| {
        commands
            .iter()
            .any(|command| command.contains(&format!("--format {form} ")))
    };
    for form in [
        "kubevirt",
        "kubevirt-datacenter",
        "openstack",
        "aws",
        "gcp",
        "azure",
        "hetzner",
        "ufw",
        "firewalld",
        "firewalld-ipv4",
        "cilium",
        "aerleon",
    ] {
        assert!(help.contains(&format!("- {form}:")), "{form} is no form");
        assert!(told(form), "docs/firewalls.md does not tell of {form}");
    }
}

#[test]
fn health_checks_that_every_cluster_has_off_need_no_rules() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b"]);
    let off = |name: &str| {
        let dumps = folder.path().join("dumps").join(name);
        std::fs::create_dir_all(&dumps).unwrap();
        std::fs::write(
            dumps.join("cilium.yaml"),
            "apiVersion: apps.kubermatic.k8c.io/v1\nkind: ApplicationInstallation\nmetadata: {name: cilium, namespace: kube-system}\nspec:\n  applicationRef: {name: cilium, version: 1.14.16}\n  namespace: {name: kube-system}\n  values: {healthChecking: false}\n",
        )
        .unwrap();
    };
    let has_health = || {
        let printed = meshgen(folder.path(), "firewall mesh.yaml").success();
        let rules: Value = serde_json::from_slice(&printed.get_output().stdout).unwrap();
        let mut rules = rules.as_array().unwrap().iter();
        rules.any(|rule| {
            rule["port"] == 4240 || rule["protocol"] == "icmp" || rule["protocol"] == "icmpv6"
        })
    };
    assert!(has_health());
    off("a");
    assert!(has_health());
    off("b");
    assert!(!has_health());
}

#[test]
fn a_cluster_that_leaves_is_in_no_list() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b", "c"]);
    let file = folder.path().join("mesh.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("{name: c,", "{name: c, leaves: true,")).unwrap();
    for format in [
        "json",
        "csv",
        "groups",
        "tfvars",
        "aerleon",
        "nft --cluster a",
        "aws --cluster a",
        "kubevirt --cluster a",
        "ufw --cluster a",
    ] {
        let printed = meshgen(
            folder.path(),
            &format!("firewall mesh.yaml --format {format}"),
        )
        .success();
        let text = String::from_utf8(printed.get_output().stdout.clone()).unwrap();
        assert!(
            !text.contains("10.0.3.") && !text.contains("203.0.113.3"),
            "{format}: {text}"
        );
    }
}

/// Not those of another cluster in its place.
#[test]
fn a_cluster_that_leaves_has_no_rules_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    mesh(folder.path(), &["a", "b", "c"]);
    let file = folder.path().join("mesh.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("{name: c,", "{name: c, leaves: true,")).unwrap();
    for (format, expected) in [
        ("json", "[]\n"),
        (
            "csv",
            "from,to,fromCIDRs,toCIDRs,toHost,protocol,port,reason\n",
        ),
        (
            "groups",
            "{\"version\": 1,\n \"groups\": {},\n \"rules\": []}\n",
        ),
        ("tfvars", "{\"cluster_mesh_rules\": []\n}\n"),
    ] {
        let arguments = format!("firewall mesh.yaml --cluster c --format {format}");
        let printed = meshgen(folder.path(), &arguments).success();
        let text = String::from_utf8(printed.get_output().stdout.clone()).unwrap();
        assert_eq!(text, expected, "{format}");
    }
    for format in ["nft", "iptables", "ufw", "aws", "kubevirt", "cilium"] {
        let arguments = format!("firewall mesh.yaml --cluster c --format {format}");
        let run = meshgen(folder.path(), &arguments).code(1);
        assert_eq!(run.get_output().stdout, b"", "{format}");
        let said = stderr(&run);
        assert!(
            said.contains("c leaves the mesh: no rule concerns it"),
            "{said}"
        );
    }
}

#[test]
fn a_quota_of_the_provider_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (1..=40).map(|number| format!("c{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    mesh(folder.path(), &names);
    let file = folder.path().join("mesh.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        text.replace("defaults: {", "defaults: {provider: aws, "),
    )
    .unwrap();
    let output = meshgen(folder.path(), "validate mesh.yaml --format json");
    let report: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let mut findings = report["findings"].as_array().unwrap().iter();
    let finding = findings
        .find(|finding| finding["code"] == "capacity")
        .unwrap();
    assert_eq!(finding["severity"], "warning");
    assert!(
        finding["message"]
            .as_str()
            .unwrap()
            .contains("need 117 inbound rules"),
        "{finding}"
    );
    let printed = meshgen(
        folder.path(),
        "firewall mesh.yaml --format aws --cluster c1",
    )
    .success();
    assert!(
        stderr(&printed).contains("warning[capacity]"),
        "{}",
        stderr(&printed)
    );
}
