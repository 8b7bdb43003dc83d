//! Every folder of `fixtures/field`: a mesh that goes wrong, or nearly does, as people have reported. Its
//! file `expected` lists all errors and warnings of `validate` with their places, and the UDP ports that the
//! firewall's rules open where the case is about these. A line `help TEXT` is contained in the help of one of the findings.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{NOW, meshgen, run};

#[test]
fn every_case_from_the_field_is_found_where_it_stands() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/field");
    let mut faults = Vec::new();
    let mut cases = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let case = entry.unwrap().path();
        if !case.join("mesh.yaml").is_file() {
            continue;
        }
        cases += 1;
        let expected = fs::read_to_string(case.join("expected")).unwrap_or_default();
        let (mut seen, helps) = findings(&case);
        if expected.lines().any(|line| line.starts_with("udp ")) {
            seen.push(udp_ports(&case));
        }
        seen.extend(still_helps(&expected, &helps));
        let seen: String = seen.iter().map(|line| format!("{line}\n")).collect();
        if std::env::var_os("MESHGEN_UPDATE").is_some() {
            fs::write(case.join("expected"), &seen).unwrap();
        } else if seen != expected {
            faults.push(format!("{}:\n{seen}", case.display()));
        }
    }
    assert!(cases >= 15, "the cases were not found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The lines about help that are still true.
fn still_helps(expected: &str, helps: &[String]) -> Vec<String> {
    let lines = expected.lines();
    let wanted = lines.filter(|line| {
        let text = line.strip_prefix("help ");
        text.is_some_and(|text| helps.iter().any(|help| help.contains(text)))
    });
    wanted.map(str::to_owned).collect()
}

/// The errors and warnings, as `error code file:line`; and their help.
fn findings(case: &Path) -> (Vec<String>, Vec<String>) {
    let validate = ["validate", "mesh.yaml", "--format", "json", "--now", NOW];
    let done = run(meshgen().current_dir(case).args(validate));
    let report: Value = serde_json::from_str(&done.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", case.display(), done.stdout));
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["severity"] != "note");
    let helps = findings
        .clone()
        .filter_map(|finding| finding["help"].as_str().map(str::to_owned))
        .collect();
    let lines = findings.map(|finding| {
        format!(
            "{} {} {}:{}",
            finding["severity"].as_str().unwrap(),
            finding["code"].as_str().unwrap(),
            finding["primary"]["file"].as_str().unwrap(),
            finding["primary"]["line"]
        )
    });
    (lines.collect(), helps)
}

fn udp_ports(case: &Path) -> String {
    let done = run(meshgen().current_dir(case).args(["firewall", "mesh.yaml"]));
    let rules: Vec<Value> = serde_json::from_str(&done.stdout).unwrap();
    let udp = rules.iter().filter(|rule| rule["protocol"] == "udp");
    let mut ports: Vec<String> = udp.map(|rule| rule["port"].to_string()).collect();
    ports.sort();
    ports.dedup();
    format!("udp {}", ports.join(" "))
}
