//! What the patch of a cluster does, in words: what changes and what restarts come before what stays.

use serde_json::Value;

use super::compiled::Compiled;
use super::plan::{ClusterPlan, Phase, Plan};
use super::wanted;
use crate::model::rotation::{has_bundle, trusts_bundles};
use crate::model::{Rotation, Stage};

/// The reason of the patch step. `issues_leaves`: the patch is there only so that certificates are issued again.
pub(super) fn of(compiled: &Compiled<'_, '_>, issues_leaves: bool) -> String {
    let mut parts: Vec<String> = stage(compiled).into_iter().collect();
    let (changes, kept) = match issues_leaves {
        true => (vec![ISSUES_LEAVES.to_owned()], None),
        false => changes(compiled),
    };
    parts.extend(changes);
    if parts.is_empty() {
        parts.push("changes settings".to_owned());
    }
    let and = if kept.is_none() { "and " } else { "" };
    parts.extend(restarts(compiled).map(|what| format!("{and}{what}")));
    parts.extend(kept);
    parts.join(", ")
}

const ISSUES_LEAVES: &str = "changes a label of clustermesh-apiserver, so that KKP upgrades and the certificates are issued again";

/// The stage of the CA rotation that the patch is, if it is one. Who has stolen a key must know how long that opens doors.
fn stage(compiled: &Compiled<'_, '_>) -> Option<String> {
    let rotation = compiled.plan.mesh.ca.rotation.as_ref()?;
    let (planned, cluster) = (compiled.cluster, compiled.cluster.cluster);
    let takes_part = match rotation.stage {
        Stage::Both => trusts_bundles(cluster) && !rotation.keeps_key(),
        Stage::Leaves => compiled.replacing_ca.is_some() || compiled.had_other_leaves,
        Stage::Drop => has_bundle(cluster),
        Stage::Done => false,
    };
    let is_in = !matches!(planned.phase, Phase::None | Phase::Left);
    (takes_part && is_in).then(|| {
        format!(
            "is {} of the CA rotation ({})",
            rotation.ordinal(),
            effect(rotation)
        )
    })
}

/// What a stage does to a cluster.
fn effect(rotation: &Rotation) -> &'static str {
    match rotation.stage {
        Stage::Both => {
            "the cluster trusts both CAs; whoever has the old key stays in until stage 3 has ended"
        }
        Stage::Leaves if rotation.keeps_key() => "certificates are issued by the renewed CA",
        Stage::Leaves if rotation.is_single => {
            "certificates are issued by the new CA; whoever has the old key stays in until every cluster has it"
        }
        Stage::Leaves => {
            "certificates are issued by the new CA; whoever has the old key stays in until stage 3 has ended"
        }
        Stage::Drop | Stage::Done => "the old CA is trusted no longer",
    }
}

/// What the patch itself restarts, where the values of today tell.
fn restarts(compiled: &Compiled<'_, '_>) -> Option<String> {
    let mut workloads: Vec<&str> = wanted::restarts(compiled)
        .into_iter()
        .map(|(workload, _)| match workload {
            wanted::AGENTS => "the agents",
            other => other.trim_start_matches("deployment/"),
        })
        .collect();
    let last = workloads.pop()?;
    let list = match workloads.as_slice() {
        [] => last.to_owned(),
        some => format!("{} and {last}", some.join(", ")),
    };
    Some(format!("restarts {list} by itself"))
}

/// What changes, and what is kept.
fn changes(compiled: &Compiled<'_, '_>) -> (Vec<String>, Option<String>) {
    let cluster = compiled.cluster;
    let only = |text: &str| (vec![text.to_owned()], None);
    match cluster.phase {
        Phase::Left => only(
            "takes the cluster out of the mesh: no clustermesh-apiserver, no peers, no CA of the mesh in the values",
        ),
        Phase::Mesh if cluster.peers.is_empty() && !loses_peers(cluster) => {
            only("switches the mesh on; there is no other cluster")
        }
        Phase::Join | Phase::Mesh => of_peers(compiled.plan, cluster),
        Phase::Bootstrap if is_on_already(cluster) && loses_peers(cluster) => {
            of_peers(compiled.plan, cluster)
        }
        Phase::Bootstrap | Phase::None => {
            only("gives the cluster its name and ID and starts clustermesh-apiserver")
        }
    }
}

/// Whether the current values name a peer that the patch takes away.
fn loses_peers(cluster: &ClusterPlan<'_>) -> bool {
    let kept = |name: &str| {
        let mut peers = cluster.peers.iter();
        peers.any(|peer| peer.cluster.name() == name)
    };
    let mut current = cluster
        .cluster
        .current
        .iter()
        .flat_map(|current| current.peers());
    current.any(|peer| !kept(peer.name))
}

/// Whether the cluster has its name, its ID and clustermesh-apiserver already.
fn is_on_already(cluster: &ClusterPlan<'_>) -> bool {
    let target = cluster.cluster;
    let is = |path, wanted: &Value| target.current_value(path) == Some(wanted);
    is("clustermesh.useAPIServer", &Value::Bool(true))
        && is("cluster.name", &target.name().into())
        && is("cluster.id", &cluster.id.into())
}

/// What happens to the peers: those that are new, those that go, and those that stay where all do.
fn of_peers(plan: &Plan<'_>, cluster: &ClusterPlan<'_>) -> (Vec<String>, Option<String>) {
    let current = cluster.cluster.current.as_ref();
    let current: Vec<&str> = current
        .into_iter()
        .flat_map(|current| current.peers())
        .map(|peer| peer.name)
        .collect();
    let planned = cluster.peers.iter().map(|peer| peer.cluster.name());
    let new: Vec<&str> = planned
        .clone()
        .filter(|name| !current.contains(name))
        .collect();
    let kept: Vec<&str> = planned.collect();
    let gone = current.iter().filter(|name| !kept.contains(name));
    let (gone, known): (Vec<&str>, Vec<&str>) = {
        let gone: Vec<&str> = gone.copied().collect();
        let is_known = |name: &&str| {
            let mut clusters = plan.mesh.clusters.iter();
            clusters.any(|cluster| cluster.name() == *name)
        };
        let known = gone.iter().copied().filter(|name| is_known(name)).collect();
        (gone, known)
    };
    let mut parts = Vec::new();
    if !new.is_empty() {
        parts.push(format!("connects the cluster to {}", few(&new)));
    }
    match (gone.len(), known.as_slice()) {
        (0, _) => {}
        (all, named) if all == named.len() => {
            parts.push(format!("disconnects it from {}", few(named)));
        }
        (1, _) => parts.push("removes a peer that mesh.yaml does not know".to_owned()),
        (all, _) => parts.push(format!(
            "removes {all} peers that are no longer in the mesh"
        )),
    }
    let kept = (parts.is_empty() && !kept.is_empty())
        .then(|| format!("and keeps the peers {}", few(&kept)));
    (parts, kept)
}

fn few(names: &[&str]) -> String {
    match names {
        few if few.len() <= 5 => few.join(", "),
        many => format!("{} others", many.len()),
    }
}
