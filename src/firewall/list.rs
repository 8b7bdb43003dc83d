//! The neutral rule list as files: `rules.json` and `rules.csv`.

use std::borrow::Borrow;
use std::io::{self, Write};

use ipnet::IpNet;
use serde::{Serialize, Serializer};

use super::model::Rule;

/// The columns of `rules.csv`: the keys of `rules.json`.
const HEADER: [&str; 8] = [
    "from",
    "to",
    "fromCIDRs",
    "toCIDRs",
    "toHost",
    "protocol",
    "port",
    "reason",
];

/// Writes `rules.json`, rule by rule: indented, with a final newline.
pub fn write_json(
    rules: impl IntoIterator<Item: Serialize>,
    mut out: impl Write,
) -> io::Result<()> {
    let mut json = serde_json::Serializer::pretty(&mut out);
    json.collect_seq(rules)?;
    out.write_all(b"\n")
}

/// Writes `rules.csv`, rule by rule.
///
/// Quoting is that of RFC 4180; ranges are joined by a space; what is null in the JSON is empty. Lines end as in every other
/// file of ours, which spreadsheets read as well as the standard's carriage returns.
pub fn write_csv(
    rules: impl IntoIterator<Item: Borrow<Rule>>,
    mut out: impl Write,
) -> io::Result<()> {
    writeln!(out, "{}", HEADER.join(","))?;
    for rule in rules {
        writeln!(out, "{}", csv_row(rule.borrow()))?;
    }
    Ok(())
}

/// `rules.json` as text.
pub fn rules_json(rules: &[Rule]) -> io::Result<String> {
    let mut text = Vec::new();
    write_json(rules, &mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

/// `rules.csv` as text.
pub fn rules_csv(rules: &[Rule]) -> io::Result<String> {
    let mut text = Vec::new();
    write_csv(rules, &mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}

fn csv_row(rule: &Rule) -> String {
    let fields = [
        rule.from.clone(),
        rule.to.clone(),
        joined(&rule.from_cidrs),
        joined(&rule.to_cidrs),
        rule.to_host.clone().unwrap_or_default(),
        rule.protocol.to_string(),
        rule.port.map(|port| port.to_string()).unwrap_or_default(),
        rule.reason.clone(),
    ];
    fields.map(|field| csv_field(&field)).join(",")
}

fn joined(nets: &[IpNet]) -> String {
    let nets: Vec<String> = nets.iter().map(IpNet::to_string).collect();
    nets.join(" ")
}

/// Quoted only where a reader would need it.
fn csv_field(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_owned()
}
