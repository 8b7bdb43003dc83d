//! What a change of a live cluster disturbs in the mesh, beyond the restarts of its own workloads.

use serde_json::Value;

use crate::compile::compiled::Compiled;
use crate::model::Cluster;
use crate::profile::version::{self, WrittenVersion};

/// Sentences about what is disturbed, for whom and for how long; the first change comes first.
pub(super) fn all(compiled: &Compiled<'_, '_>) -> Vec<String> {
    let cluster = compiled.cluster.cluster;
    let peers = peers_today(cluster);
    [
        renaming(cluster, &peers),
        renumbering(cluster, &peers),
        upgrade(cluster, &peers),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Peers dial and trust a cluster by its name, and the name is part of the identity of its pods.
fn renaming(cluster: &Cluster, peers: &str) -> Option<String> {
    let today = cluster.current_value("cluster.name")?.as_str()?;
    let is_changed = !today.is_empty() && today != "default" && today != cluster.name();
    (is_changed && !peers.is_empty()).then(|| {
        format!(
            "its name changes from {today} to {}: {peers} and this cluster lose each other from its patch until the patch of each peer is applied and its workloads are restarted; apply the patches of the peers right after it",
            cluster.name()
        )
    })
}

/// The ID is part of the identity and of the connection of every pod, so both sides must have forgotten the old one.
fn renumbering(cluster: &Cluster, peers: &str) -> Option<String> {
    let today = cluster
        .current_value("cluster.id")
        .and_then(Value::as_i64)?;
    let wanted = cluster.id.as_ref()?.value;
    (today != 0 && today != wanted && !peers.is_empty()).then(|| {
        format!(
            "its ID changes from {today} to {wanted}: its pods and those of {peers} may lose each other from the restart of its operator until its agents and all its workloads are restarted; its peers need no patch. Check with `meshgen verify` afterwards"
        )
    })
}

/// KKP makes the upgrade: the patch does not contain the version.
fn upgrade(cluster: &Cluster, peers: &str) -> Option<String> {
    let today = &cluster.current.as_ref()?.version.as_ref()?.value;
    let wanted = cluster.cilium_version()?;
    let WrittenVersion::Full(today) = version::read(today)? else {
        return None;
    };
    (wanted > today).then(|| {
        let after = if peers.is_empty() {
            String::new()
        } else {
            format!("; {peers} keep what they know of it while its clustermesh-apiserver restarts. Upgrade one cluster after the other, no more than one minor version apart")
        };
        format!(
            "Cilium is to become {wanted}, and is {today}: apply this patch first, then set the version in KKP (`spec.cniPlugin.version` of the Cluster); the agents then restart node by node, and running pods stay connected{after}"
        )
    })
}

/// The names of the peers in the current values, for a sentence.
fn peers_today(cluster: &Cluster) -> String {
    const SHOWN: usize = 5;
    let peers = cluster.current.iter().flat_map(|current| current.peers());
    let names: Vec<&str> = peers
        .map(|peer| peer.name)
        .filter(|name| *name != cluster.name())
        .collect();
    match names.len() {
        count if count > SHOWN => {
            format!("{} and {} more", names[..SHOWN].join(", "), count - SHOWN)
        }
        _ => names.join(", "),
    }
}
