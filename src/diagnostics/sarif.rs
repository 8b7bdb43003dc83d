//! `--format sarif`: SARIF 2.1.0, which code scanning services read.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::location::{Location, path_from_here};
use super::{PROGRAM_LIMIT, Report, route};
use crate::catalogue::catalogue;
use crate::code::Code;
use crate::finding::Finding;
use crate::source::{Place, Sources};

/// The log of a run.
pub fn log(reports: &[Report<'_>]) -> Value {
    let codes = catalogue();
    let mut seen = Fingerprints::default();
    let mut results = Vec::new();
    for report in reports {
        for finding in &report.shown(PROGRAM_LIMIT).findings {
            results.push(result(finding, report.sources, &codes, &mut seen));
        }
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "meshgen",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: &Code) -> Value {
    let first = code.what.split_inclusive(". ").next().unwrap_or(code.what);
    json!({
        "id": code.name,
        "shortDescription": {"text": first.trim_end()},
        "fullDescription": {"text": code.what},
        "help": {"text": format!("{}\n\n{}", code.what, code.why)},
        "defaultConfiguration": {"level": code.severity.as_str()},
    })
}

fn result(finding: &Finding, sources: &Sources, codes: &[&Code], seen: &mut Fingerprints) -> Value {
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        text = format!("{text}\nhelp: {help}");
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|label| location(&label.place, &label.text, sources))
        .collect();
    let mut primary = location(&finding.primary.place, &finding.primary.text, sources);
    let index = codes
        .iter()
        .position(|code| code.name == finding.code)
        .and_then(|index| i64::try_from(index).ok())
        // What SARIF takes for "none"; every finding has its code in the catalogue.
        .unwrap_or(-1);
    let route = route(finding, sources);
    if !route.is_empty() {
        primary["logicalLocations"] = json!([{"fullyQualifiedName": route}]);
    }
    json!({
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity.as_str(),
        "message": {"text": text},
        "locations": [primary],
        "relatedLocations": related,
        "partialFingerprints": {"meshgen/v1": seen.next(finding, &route, sources)},
    })
}

fn location(place: &Place, text: &str, sources: &Sources) -> Value {
    let at = Location::of(place, sources);
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&path_from_here(place.file, sources))},
            "region": {
                "startLine": at.line,
                "startColumn": at.column,
                "endLine": at.end_line,
                "endColumn": at.end_column,
            },
        },
    });
    if !text.is_empty() {
        location["message"] = json!({"text": text});
    }
    location
}

/// A path as a URI reference: relative to the working directory unless it is absolute.
fn uri(path: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    let encoded = path.bytes().map(|byte| match byte {
        byte if plain(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    scheme.chars().map(String::from).chain(encoded).collect()
}

/// By code, file and route a finding stays the same when lines move; equal ones are counted.
#[derive(Default)]
struct Fingerprints(BTreeMap<String, usize>);

impl Fingerprints {
    fn next(&mut self, finding: &Finding, route: &str, sources: &Sources) -> String {
        let file = path_from_here(finding.primary.place.file, sources);
        let digest = Sha256::digest(format!("{}\0{file}\0{route}", finding.code));
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let count = self.0.entry(hex.clone()).or_default();
        *count += 1;
        format!("{hex}:{count}")
    }
}
