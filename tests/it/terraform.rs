//! `meshgen terraform` as the provider of the `external` data source runs it: no shell, the query as JSON on standard
//! input, the answer a map of strings, standard error shown to the user when the program fails and thrown away otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

type Answer = BTreeMap<String, String>;

/// Plays the provider: the answer, or the error that Terraform prints.
fn read(working_dir: &Path, query: &str) -> Result<Answer, String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_meshgen"))
        .arg("terraform")
        .current_dir(working_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that fails early may not read its query; the provider does not mind either.
    let _ = program.stdin.take().unwrap().write_all(query.as_bytes());
    let output = program.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    if !output.status.success() {
        assert!(output.stdout.is_empty(), "an answer beside the error");
        assert!(!message.is_empty(), "an error without a message");
        return Err(message);
    }
    Ok(serde_json::from_slice(&output.stdout)
        .expect("one JSON object whose values are all strings"))
}

fn ask(working_dir: &Path, query: Value) -> Result<Answer, String> {
    read(working_dir, &query.to_string())
}

fn nested(answer: &Answer, key: &str) -> Value {
    serde_json::from_str(&answer[key]).unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The example module in a folder of its own, with something in its mesh.yaml replaced.
fn example(replaced: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixtures().join("terraform/mesh.yaml")).unwrap();
    let text = replaced.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "the example no longer says {from}");
        text.replacen(from, to, 1)
    });
    std::fs::write(folder.path().join("mesh.yaml"), text).unwrap();
    std::fs::copy(
        fixtures().join("terraform/ca.crt"),
        folder.path().join("ca.crt"),
    )
    .unwrap();
    folder
}

/// What `meshgen render` makes of the mesh file in a folder.
fn rendered(folder: &Path) -> (tempfile::TempDir, Value) {
    let out = tempfile::tempdir_in(folder).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_meshgen"))
        .args(["render", "mesh.yaml", "--quiet", "-o"])
        .arg(out.path())
        .current_dir(folder)
        .status();
    assert!(status.unwrap().success());
    let index = std::fs::read_to_string(out.path().join("index.json")).unwrap();
    (out, serde_json::from_str(&index).unwrap())
}

#[test]
fn the_whole_mesh_is_answered_without_a_patch() {
    let folder = example(&[]);
    let answer = ask(folder.path(), json!({"mesh": "mesh.yaml"})).unwrap();
    let keys: Vec<&str> = answer.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "changed", "clusters", "complete", "firewall", "mesh", "missing", "phase", "steps",
            "warnings"
        ]
    );
    assert_eq!(answer["mesh"], "example");
    assert_eq!(
        (answer["complete"].as_str(), answer["phase"].as_str()),
        ("true", "mesh")
    );
    assert_eq!(nested(&answer, "missing"), json!([]));
    assert_eq!(nested(&answer, "warnings"), json!([]));
    let cluster = |name, id| json!({"name": name, "id": id, "kkp": "2.25.8", "cilium": "1.14.9", "phase": "mesh", "form": "values", "trust": "sharedCA"});
    assert_eq!(
        nested(&answer, "clusters"),
        json!([cluster("cluster-1", 1), cluster("cluster-2", 2)])
    );
    let (out, _) = rendered(folder.path());
    let rules = std::fs::read_to_string(out.path().join("firewall/rules.json")).unwrap();
    assert_eq!(
        nested(&answer, "firewall"),
        serde_json::from_str::<Value>(&rules).unwrap()
    );
}

#[test]
fn one_cluster_is_answered_with_what_render_writes() {
    let folder = example(&[]);
    let answer = ask(
        folder.path(),
        json!({"mesh": "mesh.yaml", "cluster": "cluster-2"}),
    )
    .unwrap();
    let (out, index) = rendered(folder.path());
    let cluster = &index["clusters"][1];
    let file = &cluster["files"][0];
    assert_eq!(answer["patch_type"], file["patchType"].as_str().unwrap());
    assert_eq!(answer["patch_sha256"], file["sha256"].as_str().unwrap());
    let patch = out.path().join(file["path"].as_str().unwrap());
    assert_eq!(answer["patch"], std::fs::read_to_string(patch).unwrap());
    let mut steps = cluster["steps"].clone();
    for step in steps.as_array_mut().unwrap() {
        step["cluster"] = json!("cluster-2");
    }
    assert_eq!(nested(&answer, "steps"), steps);
}

#[test]
fn one_cluster_gets_the_rules_that_concern_it() {
    let third = "    apiserver: {ips: [203.0.113.20]}\n  - {name: cluster-3, id: 3, podCIDRs: [172.27.0.0/16], \
                 nodeCIDRs: [10.0.3.0/24], apiserver: {ips: [203.0.113.30]}}";
    let folder = example(&[("    apiserver: {ips: [203.0.113.20]}", third)]);
    let all = ask(folder.path(), json!({"mesh": "mesh.yaml"})).unwrap();
    let one = ask(
        folder.path(),
        json!({"mesh": "mesh.yaml", "cluster": "cluster-3"}),
    )
    .unwrap();
    let mut rules = nested(&all, "firewall").as_array().unwrap().clone();
    let before = rules.len();
    rules.retain(|rule| rule["from"] == "cluster-3" || rule["to"] == "cluster-3");
    assert!(!rules.is_empty() && rules.len() < before);
    assert_eq!(nested(&one, "firewall"), Value::from(rules));
    assert_eq!(nested(&one, "clusters"), nested(&all, "clusters"));
}

#[test]
fn the_phase_is_the_lowest_and_missing_says_why() {
    let folder = example(&[("    apiserver: {ips: [203.0.113.20]}\n", "")]);
    let answer = ask(folder.path(), json!({"mesh": "mesh.yaml"})).unwrap();
    assert_eq!(
        (answer["complete"].as_str(), answer["phase"].as_str()),
        ("false", "bootstrap")
    );
    let missing = nested(&answer, "missing");
    assert_eq!(missing.as_array().unwrap().len(), 1);
    assert_eq!(
        (&missing[0]["fact"], &missing[0]["of"]),
        (&json!("address"), &json!("cluster-2"))
    );
    assert!(missing[0]["command"].as_str().unwrap().contains("kubectl "));
    let own = ask(
        folder.path(),
        json!({"mesh": "mesh.yaml", "cluster": "cluster-2"}),
    )
    .unwrap();
    assert_eq!(
        (own["complete"].as_str(), own["phase"].as_str()),
        ("true", "mesh")
    );
    let error = ask(folder.path(), json!({"mesh": "mesh.yaml", "phase": "mesh"})).unwrap_err();
    assert!(error.contains("error[address-missing]"), "{error}");
}

#[test]
fn a_phase_that_is_asked_for_is_the_one_answered() {
    let folder = example(&[]);
    let query = json!({"mesh": "mesh.yaml", "cluster": "cluster-2", "phase": "bootstrap"});
    let answer = ask(folder.path(), query).unwrap();
    assert_eq!(
        (answer["complete"].as_str(), answer["phase"].as_str()),
        ("false", "bootstrap")
    );
    assert!(!answer["patch"].contains("cluster-1"));
}

#[test]
fn a_key_is_answered_only_when_it_is_asked_for() {
    let guide = fixtures().join("guide");
    let secret = guide.join("dumps/cluster-1/cilium-ca.secret.yaml");
    let secret: Value = serde_saphyr::from_str(&std::fs::read_to_string(secret).unwrap()).unwrap();
    let key = secret["data"]["ca.key"].as_str().unwrap();
    let holds_key = |answer: &Answer| answer.values().any(|value| value.contains(key));

    let query = json!({"mesh": "mesh.yaml", "cluster": "cluster-2"});
    let without = ask(&guide, query.clone()).unwrap();
    assert!(!holds_key(&without) && !without.contains_key("patch"));
    assert!(without.contains_key("patch_sha256") && without["patch_type"] == "merge");

    let mut query = query;
    query["secrets"] = json!("true");
    let with = ask(&guide, query).unwrap();
    assert!(holds_key(&with) && with["patch"].contains(key));
    assert_eq!(with["patch_sha256"], without["patch_sha256"]);
    let warnings = nested(&with, "warnings");
    assert!(warnings[0].as_str().unwrap().contains("Terraform's state"));
    assert_eq!(nested(&without, "warnings"), json!([]));
}

/// A mesh of one cluster whose patch repeats a block.
const BLOCK: &str = "apiVersion: meshgen/v1\nmesh: block\nclusters:\n  - {name: cluster-1, id: 1, kkp: \"2.31.0\", \
                     cilium: 1.19.4, nodeCIDRs: [10.0.1.0/24], dumps: [cilium.yaml]}\n";

#[test]
fn the_block_form_counts_as_secret_whatever_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mesh.yaml"), BLOCK).unwrap();
    let dump = fixtures().join("kkp-objects/2.31.0-ebpf.yaml");
    std::fs::copy(dump, folder.path().join("cilium.yaml")).unwrap();
    let query = json!({"mesh": "mesh.yaml", "cluster": "cluster-1"});
    let answer = ask(folder.path(), query).unwrap();
    assert_eq!(answer["patch_type"], "json");
    assert!(answer.contains_key("patch_sha256") && !answer.contains_key("patch"));
    let query = json!({"mesh": "mesh.yaml", "cluster": "cluster-1", "secrets": "true"});
    let patch = nested(&ask(folder.path(), query).unwrap(), "patch");
    let last = patch.as_array().unwrap().last().unwrap();
    assert_eq!(last["path"], "/spec/valuesBlock");
}

#[test]
fn a_missing_dump_is_a_warning_and_an_error_where_a_phase_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mesh.yaml"), BLOCK).unwrap();
    let query = json!({"mesh": "mesh.yaml", "cluster": "cluster-1"});
    let answer = ask(folder.path(), query).unwrap();
    assert_eq!(answer["phase"], "none");
    assert!(!answer.contains_key("patch_type") && !answer.contains_key("patch_sha256"));
    let warnings = nested(&answer, "warnings");
    let warning = warnings[0].as_str().unwrap();
    assert!(
        warning.starts_with("mesh.yaml:4:")
            && warning.contains(": warning[input-missing]: `cilium.yaml`")
    );
    assert_eq!(nested(&answer, "missing")[0]["fact"], "current");

    let error = ask(
        folder.path(),
        json!({"mesh": "mesh.yaml", "phase": "bootstrap"}),
    )
    .unwrap_err();
    assert!(
        error.contains(": error[input-missing]: `cilium.yaml`"),
        "{error}"
    );
}

#[test]
fn a_broken_mesh_is_told_one_finding_a_line_and_errors_first() {
    let folder = example(&[
        ("172.26.0.0/16", "172.25.0.0/17"),
        (
            "    id: 2",
            "    id: 1\n    nodes: [10.0.1.7]\n    dumps: [nowhere.yaml]",
        ),
    ]);
    let error = ask(folder.path(), json!({"mesh": "mesh.yaml"})).unwrap_err();
    let severities: Vec<&str> = error
        .lines()
        .map(|line| {
            let [file, at, column, severity] = line.splitn(5, ':').take(4).collect::<Vec<_>>()[..]
            else {
                panic!("no place in {line}")
            };
            assert!(
                file == "mesh.yaml" && at.parse::<u32>().is_ok() && column.parse::<u32>().is_ok()
            );
            severity.split('[').next().unwrap().trim()
        })
        .collect();
    assert!(severities.starts_with(&["error", "error"]) && severities.contains(&"warning"));
    assert!(severities.is_sorted_by_key(|severity| {
        ["error", "warning", "note"]
            .iter()
            .position(|s| s == severity)
    }));
    assert!(error.contains("error[pod-cidr-overlap]: ") && error.contains("error[id-duplicate]: "));
}

#[test]
fn whatever_goes_wrong_is_said_in_one_line() {
    let folder = example(&[]);
    std::fs::write(folder.path().join("table.yaml"), "a: [1\n").unwrap();
    std::fs::write(folder.path().join("list.yaml"), "- a\n").unwrap();
    for (query, expected) in [
        ("", "no query on standard input"),
        ("{}", "names no mesh file"),
        ("mesh.yaml", "the query is not JSON"),
        (
            "[\"mesh.yaml\"]",
            "must be a JSON object of strings, not a list",
        ),
        (r#"{"mesh": 5}"#, "`mesh` must be a string, not a number"),
        (
            r#"{"mesh": "mesh.yaml", "cluster": 1}"#,
            "`cluster` must be a string, not a number",
        ),
        (
            r#"{"mesh": "mesh.yaml", "secret": "true"}"#,
            "`secret`; did you mean `secrets`?",
        ),
        (
            r#"{"mesh": "mesh.yaml", "phase": "all"}"#,
            "expected bootstrap, join or mesh",
        ),
        (
            r#"{"mesh": "mesh.yaml", "cluster": "cluster1"}"#,
            "`cluster1`; did you mean `cluster-",
        ),
        (
            r#"{"mesh": "table.yaml"}"#,
            "table.yaml:1:4: error[syntax]: ",
        ),
        (
            r#"{"mesh": "list.yaml"}"#,
            "list.yaml:1:1: error[wrong-type]: ",
        ),
        (r#"{"mesh": "gone.yaml"}"#, "cannot read gone.yaml: "),
    ] {
        let error = read(folder.path(), query).unwrap_err();
        assert!(error.contains(expected), "{query} is answered by {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn a_mesh_file_that_vanished_between_two_plans_fails_the_second() {
    let folder = example(&[]);
    let query = json!({"mesh": "mesh.yaml"});
    assert!(ask(folder.path(), query.clone()).is_ok());
    std::fs::remove_file(folder.path().join("mesh.yaml")).unwrap();
    let error = ask(folder.path(), query).unwrap_err();
    assert!(error.starts_with("cannot read mesh.yaml: "), "{error}");
}

#[test]
fn the_same_files_give_the_same_answer_wherever_it_runs() {
    let folder = example(&[]);
    let listing = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name())
            .collect::<BTreeSet<_>>()
    };
    let before = listing();
    let beside = ask(
        folder.path(),
        json!({"mesh": "mesh.yaml", "cluster": "cluster-1"}),
    )
    .unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = folder.path().join("mesh.yaml");
    let query = json!({"mesh": path, "cluster": "cluster-1"});
    assert_eq!(ask(elsewhere.path(), query).unwrap(), beside);
    assert_eq!(listing(), before, "a file was left behind");
}

#[test]
fn the_example_module_reads_only_what_is_answered() {
    let module = std::fs::read_to_string(fixtures().join("terraform/main.tf")).unwrap();
    let query = json!({"mesh": "mesh.yaml", "cluster": "cluster-1"});
    let answer = ask(&fixtures().join("terraform"), query).unwrap();
    let read: BTreeSet<&str> = [
        "local.mesh.",
        "cluster.patch",
        "each.value.patch",
        "result.",
    ]
    .into_iter()
    .flat_map(|before| module.match_indices(before))
    .map(|(at, before)| {
        let start = at + before.rfind('.').unwrap() + 1;
        let rest = &module[start..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    })
    .collect();
    assert!(read.len() >= 8, "only {read:?} are read");
    for key in read {
        assert!(
            answer.contains_key(key),
            "the module reads `{key}`, which is not answered"
        );
    }
}

#[test]
fn the_page_about_terraform_names_every_key() {
    let page = std::fs::read_to_string(fixtures().join("../docs/terraform.md")).unwrap();
    let query = json!({"mesh": "mesh.yaml", "cluster": "cluster-1"});
    let answer = ask(&fixtures().join("terraform"), query).unwrap();
    let asked = ["mesh", "cluster", "phase", "secrets"].into_iter();
    for key in asked.chain(answer.keys().map(String::as_str)) {
        assert!(
            page.contains(&format!("\n| `{key}` |")),
            "docs/terraform.md does not name `{key}`"
        );
    }
    for nested_list in ["clusters", "steps", "firewall"] {
        let first = nested(&answer, nested_list)[0].clone();
        let keys: BTreeSet<&str> = first
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{nested_list}` | JSON")))
            .unwrap();
        let shown = row.split(['{', '}']).nth(1).unwrap();
        assert_eq!(
            shown.split(", ").collect::<BTreeSet<_>>(),
            keys,
            "{nested_list}"
        );
    }
}

/// Not those of the clusters that stay.
#[test]
fn a_cluster_that_leaves_has_no_firewall_rules() {
    let last = "apiserver: {ips: [203.0.113.20]}";
    let more = format!(
        "{last}\n  - {{name: cluster-3, id: 3, leaves: true, podCIDRs: [172.27.0.0/16], nodeCIDRs: [10.0.3.0/24], apiserver: {{ips: [203.0.113.30]}}}}"
    );
    let folder = example(&[(last, &more)]);
    for (cluster, has_rules) in [("cluster-1", true), ("cluster-3", false)] {
        let query = json!({"mesh": "mesh.yaml", "cluster": cluster});
        let rules = nested(&ask(folder.path(), query).unwrap(), "firewall");
        assert_eq!(
            !rules.as_array().unwrap().is_empty(),
            has_rules,
            "{cluster}"
        );
    }
}
