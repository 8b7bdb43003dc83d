//! `cilium clustermesh status`, as JSON and as text. Older versions print a private key beside it: of `access_information` nothing is read.

use serde_json::Value;

use super::super::outputs::{CiliumCliStatus, Connections};
use super::{LineFinder, ratio};

/// The JSON.
pub(in super::super) fn json(value: &Value, text: &str, first: usize) -> Option<CiliumCliStatus> {
    value
        .get("connectivity")
        .or(value.get("access_information"))?;
    let lines = LineFinder::new(text, first);
    let sees = &value["connectivity"];
    let kvstoremesh = &value["kvstoremesh"];
    let total = sees["total"].as_u64().unwrap_or(0);
    Some(CiliumCliStatus {
        agents: connections(sees, &lines),
        total,
        has_agents: sees.is_object() && total > 0,
        kvstoremesh: kvstoremesh["enabled"].as_bool().unwrap_or(false),
        kvstoremesh_sees: connections(&kvstoremesh["status"], &lines),
        line: first,
    })
}

fn connections(status: &Value, lines: &LineFinder<'_>) -> Vec<Connections> {
    let total = status["total"].as_u64().unwrap_or(0);
    let clusters = status["clusters"].as_object();
    let one = |(name, counts): (&String, &Value)| Connections {
        name: name.clone(),
        configured: counts["configured"].as_u64().unwrap_or(0),
        connected: counts["connected"].as_u64().unwrap_or(0),
        total,
        errors: errors(&status["errors"], name),
        line: lines.of(name),
    };
    clusters.into_iter().flatten().map(one).collect()
}

/// What all pods say about one cluster. Up to cilium-cli 0.16.18 each error is an empty object: its text is lost.
fn errors(pods: &Value, cluster: &str) -> Vec<String> {
    let lists = pods.as_object().into_iter().flatten();
    lists
        .filter_map(|(_, clusters)| clusters[cluster]["Errors"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// `- cluster-2: 3/3 configured, 0/3 connected - KVStoreMesh: 1/1 configured, 1/1 connected`.
pub(super) fn line(cli: &mut Option<CiliumCliStatus>, text: &str, number: usize) -> bool {
    let Some((name, rest)) = text
        .strip_prefix("- ")
        .and_then(|text| text.split_once(": "))
    else {
        return false;
    };
    let (agents, mesh) = match rest.split_once(" - KVStoreMesh: ") {
        Some((agents, mesh)) => (agents, Some(mesh)),
        None => (rest, None),
    };
    let Some(sees) = counts(name, agents, number) else {
        return false;
    };
    let cli = cli.get_or_insert_with(|| CiliumCliStatus {
        has_agents: true,
        line: number,
        ..CiliumCliStatus::default()
    });
    cli.total = sees.total;
    cli.agents.push(sees);
    cli.kvstoremesh |= mesh.is_some();
    let sees = mesh.and_then(|mesh| counts(name, mesh, number));
    cli.kvstoremesh_sees.extend(sees);
    true
}

fn counts(name: &str, text: &str, line: usize) -> Option<Connections> {
    let (configured, connected) = text.split_once(", ")?;
    let configured: (u64, u64) = ratio(configured.strip_suffix(" configured")?)?;
    let connected: (u64, u64) = ratio(connected.trim().strip_suffix(" connected")?)?;
    Some(Connections {
        name: name.to_owned(),
        configured: configured.0,
        connected: connected.0,
        total: connected.1,
        line,
        ..Connections::default()
    })
}

/// `cilium-6zzjf is not connected to cluster cluster-2: why`, printed below the counts.
pub(super) fn error(cli: &mut CiliumCliStatus, text: &str) -> bool {
    let Some((pod, rest)) = text.split_once(" is not connected to cluster ") else {
        return false;
    };
    let Some((name, why)) = rest.split_once(": ") else {
        return false;
    };
    let sees = if pod.contains("clustermesh-apiserver") {
        &mut cli.kvstoremesh_sees
    } else {
        &mut cli.agents
    };
    if let Some(sees) = sees.iter_mut().find(|sees| sees.name == name) {
        sees.errors.push(why.to_owned());
    }
    true
}
