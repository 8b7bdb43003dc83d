//! Remote clusters in JSON: `cilium status -o json` and `kvstoremesh-dbg status -o json`. False and zero members are left out.

use serde_json::Value;

use super::super::outputs::{Agent, PeerStatus, PeerStatuses};
use super::LineFinder;

/// `cilium status -o json`.
pub(in super::super) fn agent(value: &Value, text: &str, first: usize) -> Option<Agent> {
    let mesh = value.get("cluster-mesh");
    let is_status = mesh.is_some()
        || value
            .get("cilium")
            .is_some_and(|cilium| cilium.get("state").is_some());
    let part = match mesh {
        Some(mesh) => mesh,
        // A part that jsonpath took out.
        None if value.get("num-global-services").is_some() => value,
        None if is_status => &Value::Null,
        None => return None,
    };
    let lines = LineFinder::new(text, first);
    let mut peers = match part["clusters"].as_array() {
        Some(listed) => all(listed, &lines),
        None => all(&[], &lines),
    };
    for controller in value["controllers"].as_array().into_iter().flatten() {
        add_controller(&mut peers, controller, &lines);
    }
    let name = value["cluster"]["self"].as_str();
    Some(Agent {
        is_status: true,
        name: name.map(str::to_owned),
        peers: (mesh.is_some() || !is_status).then_some(peers),
        goes_on: true,
        line: first,
        ..Agent::default()
    })
}

/// `kvstoremesh-dbg status -o json`: the list alone.
pub(in super::super) fn kvstoremesh(
    value: &Value,
    text: &str,
    first: usize,
) -> Option<PeerStatuses> {
    let listed = value.as_array()?;
    let is_peer = |item: &Value| {
        item["name"].is_string()
            && ["status", "last-failure", "config", "ready", "synced"]
                .iter()
                .any(|key| item.get(key).is_some())
    };
    (!listed.is_empty() && listed.iter().all(is_peer))
        .then(|| all(listed, &LineFinder::new(text, first)))
}

fn all(listed: &[Value], lines: &LineFinder<'_>) -> PeerStatuses {
    let listed: Vec<PeerStatus> = listed.iter().filter_map(|item| peer(item, lines)).collect();
    let ready = listed.iter().filter(|peer| peer.is_ready).count() as u64;
    PeerStatuses {
        ready: Some((ready, listed.len() as u64)),
        listed,
        line: lines.first,
    }
}

fn peer(value: &Value, lines: &LineFinder<'_>) -> Option<PeerStatus> {
    let name = value["name"].as_str()?;
    let line = lines.of(name);
    let config = &value["config"];
    let says = |value: &Value| value.as_bool().unwrap_or(false);
    let is_ready = says(&value["ready"]);
    Some(PeerStatus {
        name: name.to_owned(),
        is_ready,
        nodes: Some(value["num-nodes"].as_u64().unwrap_or(0)),
        said: value["status"]
            .as_str()
            .map(|said| (line, said.to_owned()))
            .into_iter()
            .collect(),
        lacks_config: says(&config["required"]) && !says(&config["retrieved"]),
        id: config["cluster-id"].as_u64(),
        through_kvstoremesh: says(&config["kvstoremesh"]),
        unsynced: if is_ready {
            Vec::new()
        } else {
            unsynced(&value["synced"])
        },
        line,
    })
}

/// The kinds that every version with this member has: one that is left out is not synchronised.
fn unsynced(synced: &Value) -> Vec<String> {
    let kinds = ["nodes", "endpoints", "identities", "services"];
    if !synced.is_object() {
        return Vec::new();
    }
    let is_missing = |kind: &&str| !synced[*kind].as_bool().unwrap_or(false);
    kinds
        .into_iter()
        .filter(is_missing)
        .map(str::to_owned)
        .collect()
}

fn add_controller(peers: &mut PeerStatuses, controller: &Value, lines: &LineFinder<'_>) {
    let Some(name) = controller["name"].as_str() else {
        return;
    };
    let status = &controller["status"];
    let fails = status["consecutive-failure-count"].as_u64().unwrap_or(0) > 0;
    let message = status["last-failure-msg"].as_str().filter(|_| fails);
    let Some(about) = name.strip_prefix("remote-etcd-") else {
        return;
    };
    let peer = peers.listed.iter_mut().find(|peer| peer.name == about);
    if let (Some(peer), Some(message)) = (peer, message) {
        peer.said.push((lines.of(name), message.to_owned()));
    }
}
