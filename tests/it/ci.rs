//! The examples for CI services: they are YAML, and what they run is there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/ci")
        .join(name);
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A repository with a mesh that has an error.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = "apiVersion: meshgen/v1\nmesh: ci\ncolour: red\nclusters:\n  - {name: a, id: 1, kkp: \"2.31.0\", cilium: 1.19.4}\n";
    std::fs::write(folder.path().join("mesh.yaml"), text).unwrap();
    folder
}

/// The arguments of every `meshgen` in a line of shell.
fn calls(line: &str) -> Vec<Vec<String>> {
    let commands = line.split(['|', '&', ';', '\n']).map(str::trim);
    let ours = commands.filter_map(|command| command.strip_prefix("meshgen "));
    ours.map(|rest| {
        let arguments = rest.split('>').next().unwrap_or_default();
        arguments.split_whitespace().map(str::to_owned).collect()
    })
    .collect()
}

fn meshgen(folder: &Path, arguments: &[String]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meshgen"));
    command
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// What each call in the lines prints about a mesh with an error.
fn printed(lines: &[&str]) -> Vec<String> {
    let folder = repository();
    let calls: Vec<_> = lines.iter().flat_map(|line| calls(line)).collect();
    let outputs = calls.iter().map(|arguments| {
        let output = meshgen(folder.path(), arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "meshgen {}",
            arguments.join(" ")
        );
        String::from_utf8(output.stdout).unwrap()
    });
    outputs.collect()
}

#[test]
fn the_github_example_annotates_and_uploads() {
    let workflow = example("github-actions.yml");
    let steps = workflow["jobs"]["validate"]["steps"].as_array().unwrap();
    let lines: Vec<&str> = steps
        .iter()
        .filter_map(|step| step["run"].as_str())
        .collect();
    let printed = printed(&lines);
    assert_eq!(printed.len(), 2);
    assert!(
        printed[0].starts_with("::error file=mesh.yaml,line=3,"),
        "{}",
        printed[0]
    );
    let sarif: Value = serde_json::from_str(&printed[1]).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "unknown-key");
    let uploaded = &steps.last().unwrap()["with"]["sarif_file"];
    assert!(
        lines
            .iter()
            .any(|line| line.contains(&format!("> {}", uploaded.as_str().unwrap())))
    );
}

#[test]
fn the_gitlab_example_makes_a_code_quality_report() {
    let job = &example("gitlab-ci.yml")["mesh"];
    let lines: Vec<&str> = job["script"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    let findings = &printed(&lines)[0];
    let Some((filter, _)) = lines[1]
        .strip_prefix("jq '")
        .and_then(|rest| rest.split_once('\''))
    else {
        panic!("the second line of the script is not jq")
    };
    assert!(lines[1].contains(job["artifacts"]["reports"]["codequality"].as_str().unwrap()));
    let Some(report) = jq(filter, findings) else {
        println!("SKIPPED code quality report: jq is not installed");
        return;
    };
    let entry = &report[0];
    assert_eq!(entry["check_name"], "unknown-key");
    assert_eq!(entry["severity"], "critical");
    assert_eq!(
        (
            &entry["location"]["path"],
            &entry["location"]["lines"]["begin"]
        ),
        (&"mesh.yaml".into(), &3.into())
    );
    assert!(
        !entry["fingerprint"].as_str().unwrap().is_empty()
            && !entry["description"].as_str().unwrap().is_empty()
    );
}

/// What jq makes of a text, where there is a jq.
fn jq(filter: &str, text: &str) -> Option<Value> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    let path: PathBuf = file.path().to_owned();
    let output = Command::new("jq")
        .arg(filter)
        .arg(path)
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    assert!(output.status.success(), "jq refuses the filter");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
