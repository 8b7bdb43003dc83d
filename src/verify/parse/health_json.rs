//! `cilium-health status -o json`: one form over all versions. False and zero members are left out.

use serde_json::Value;

use super::super::outputs::{Address, Agent, Column, HealthProbes, NodeHealth, ProbeResult};
use super::LineFinder;

/// Whether a value has the form.
pub(super) fn is_health(value: &Value) -> bool {
    value.get("nodes").is_some()
        && value.get("kind").is_none()
        && ["local", "timestamp", "probeInterval"]
            .iter()
            .any(|key| value.get(key).is_some())
}

/// One agent's probes.
pub(in super::super) fn read(value: &Value, text: &str, first: usize) -> Option<Agent> {
    if !is_health(value) {
        return None;
    }
    let lines = LineFinder::new(text, first);
    let local = value["local"]["name"].as_str();
    let nodes = value["nodes"].as_array();
    let nodes: Vec<NodeHealth> = nodes
        .into_iter()
        .flatten()
        .filter_map(|found| node(found, local, &lines))
        .collect();
    Some(Agent {
        name: local.map(str::to_owned),
        health: Some(HealthProbes {
            nodes,
            ..HealthProbes::default()
        }),
        line: first,
        ..Agent::default()
    })
}

fn node(value: &Value, local: Option<&str>, lines: &LineFinder<'_>) -> Option<NodeHealth> {
    let name = value["name"].as_str()?;
    let endpoint = column(&value["health-endpoint"], lines).or_else(|| {
        let old = &value["endpoint"];
        old.is_object()
            .then(|| Column::Each(vec![address(old, lines)]))
    });
    let host = column(&value["host"], lines).unwrap_or_default();
    // The addresses stand before the name.
    let line = lines.pass(name);
    Some(NodeHealth {
        name: name.to_owned(),
        is_local: local == Some(name),
        host,
        endpoint,
        line,
    })
}

fn column(value: &Value, lines: &LineFinder<'_>) -> Option<Column> {
    let primary = value
        .get("primary-address")
        .filter(|found| found.is_object())?;
    let secondary = value["secondary-addresses"].as_array();
    let all = std::iter::once(primary).chain(secondary.into_iter().flatten());
    Some(Column::Each(
        all.map(|found| address(found, lines)).collect(),
    ))
}

fn address(value: &Value, lines: &LineFinder<'_>) -> Address {
    let ip = value["ip"].as_str().unwrap_or_default();
    let is_good = |probe: &Value| probe["status"].as_str().unwrap_or_default().is_empty();
    let is_well = is_good(&value["icmp"]) && is_good(&value["http"]);
    // Looking for the line of each address would cost most of the time.
    let line = if is_well { lines.first } else { lines.of(ip) };
    let probe = |probe: &Value| match probe["status"].as_str() {
        _ if !probe.is_object() => ProbeResult::Unmade,
        Some(said) if !said.is_empty() => ProbeResult::Bad(said.to_owned(), line),
        _ => ProbeResult::Good,
    };
    Address {
        ip: ip.to_owned(),
        icmp: probe(&value["icmp"]),
        http: probe(&value["http"]),
    }
}
