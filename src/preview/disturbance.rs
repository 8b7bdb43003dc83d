//! What a change of a live cluster disturbs in the mesh, beyond the restarts of its own workloads.

use serde_json::Value;

use crate::compile::compiled::Compiled;
use crate::model::{Cluster, Mesh};
use crate::profile::version::{self, WrittenVersion};

/// What a change disturbs.
pub(super) struct Disturbances {
    /// Sentences about what is disturbed, for whom and for how long; the first change comes first.
    pub(super) said: Vec<String>,
    /// The peers that the cluster loses for a time, and they it.
    pub(super) loses: Vec<String>,
}

/// What the change of a cluster disturbs.
pub(super) fn all(compiled: &Compiled<'_, '_>) -> Disturbances {
    let cluster = compiled.cluster.cluster;
    let names = peers_today(cluster);
    let peers = sentence(&names);
    let identity = [
        renaming(cluster, &peers),
        renumbering(compiled.plan.mesh, cluster, &peers),
    ];
    // Who is upgraded keeps its name and ID, so nobody loses it.
    let is_lost = identity.iter().any(Option::is_some);
    Disturbances {
        said: identity
            .into_iter()
            .chain([upgrade(cluster, &peers)])
            .flatten()
            .collect(),
        loses: names
            .into_iter()
            .filter(|_| is_lost)
            .map(ToOwned::to_owned)
            .collect(),
    }
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
fn renumbering(mesh: &Mesh, cluster: &Cluster, peers: &str) -> Option<String> {
    let today = cluster
        .current_value("cluster.id")
        .and_then(Value::as_i64)?;
    let wanted = cluster.id.as_ref()?.value;
    let patches = match is_overtaken(mesh, cluster, today, wanted) {
        true => "the patches of its peers only put their lists of peers in the order of the IDs",
        false => "its peers need no patch",
    };
    (today != 0 && today != wanted && !peers.is_empty()).then(|| {
        format!(
            "its ID changes from {today} to {wanted}: its pods and those of {peers} may lose each other from the restart of its operator until its agents and all its workloads are restarted; {patches}. Check with `meshgen verify` afterwards"
        )
    })
}

/// Whether an ID between its old and its new one belongs to another cluster: peers are listed by ID, so then their order changes.
fn is_overtaken(mesh: &Mesh, cluster: &Cluster, today: i64, wanted: i64) -> bool {
    let between = today.min(wanted)..=today.max(wanted);
    let mut others = mesh.members().filter(|one| one.index != cluster.index);
    others.any(|one| {
        one.id
            .as_ref()
            .is_some_and(|id| between.contains(&id.value))
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

/// The names of the peers in the current values.
fn peers_today(cluster: &Cluster) -> Vec<&str> {
    let peers = cluster.current.iter().flat_map(|current| current.peers());
    peers
        .map(|peer| peer.name)
        .filter(|name| *name != cluster.name())
        .collect()
}

/// Names for a sentence.
fn sentence(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    match names.len() {
        count if count > SHOWN => {
            format!("{} and {} more", names[..SHOWN].join(", "), count - SHOWN)
        }
        _ => names.join(", "),
    }
}
