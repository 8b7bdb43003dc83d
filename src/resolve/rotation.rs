//! How far the replacement of the mesh's CA is, as the dumps show it.

use crate::model::rotation::{has_bundle, trusts_all, trusts_bundles};
use crate::model::{Cluster, Fact, KeyPair, Rotation, Stage, Trust};
use crate::pki::Certificate;
use crate::profile::charts::SharedCa;

/// The rotation of a mesh whose CA is to become `next`. `pair` is the CA that mesh.yaml (`is_typed`) or a dump gives today.
pub(super) fn of(
    trust: Trust,
    (pair, is_typed): (&KeyPair, bool),
    next: &KeyPair,
    clusters: &[Cluster],
) -> Option<Rotation> {
    let next = next.cert.clone().filter(|_| next.key.is_some())?;
    if trust != Trust::SharedCa {
        return None;
    }
    let old = old(pair, &next, clusters);
    let is_today = is_typed
        && pair
            .cert
            .as_ref()
            .is_some_and(|cert| same(&cert.value, &next.value));
    let members: Vec<&Cluster> = clusters
        .iter()
        .filter(|cluster| is_member(cluster))
        .collect();
    let stage = stage(&members, old.as_ref(), &next.value, is_today);
    // What no cluster has got in a first stage need not be taken away in a third.
    let is_single = stage == Stage::Leaves && !members.iter().any(|cluster| has_bundle(cluster));
    Some(Rotation {
        stage,
        old,
        next,
        is_single,
    })
}

/// A cluster that others may be connected to. One of which no dump tells may be.
fn is_member(cluster: &Cluster) -> bool {
    let on = cluster.current_value("clustermesh.useAPIServer");
    let is_on = on
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(cluster.current.is_none());
    is_on && !cluster.is_leaving()
}

fn stage(
    members: &[&Cluster],
    old: Option<&Certificate>,
    next: &Certificate,
    is_today: bool,
) -> Stage {
    let keeps_key = old.is_some_and(|old| old.facts().public_key == next.facts().public_key);
    let certs: Vec<&Certificate> = old.into_iter().chain([next]).collect();
    let is_ready = |cluster: &&&Cluster| !trusts_bundles(cluster) || trusts_all(cluster, &certs);
    let moved = members.iter().filter(|cluster| has(cluster, next)).count();
    let all_moved = members
        .iter()
        .all(|cluster| is_moved(cluster, next, is_today));
    if all_moved && members.iter().any(|cluster| has_bundle(cluster)) {
        return Stage::Drop;
    }
    match all_moved && !members.is_empty() {
        true => Stage::Done,
        // Once a cluster has the new CA, going back would cut it off.
        false if moved > 0 || keeps_key => Stage::Leaves,
        false if members.iter().all(|cluster| is_ready(&cluster)) => Stage::Leaves,
        false => Stage::Both,
    }
}

/// The CA that is replaced: the one of mesh.yaml, else of a cluster that has not got the new one.
fn old(pair: &KeyPair, next: &Fact<Certificate>, clusters: &[Cluster]) -> Option<Certificate> {
    let typed = pair.cert.iter();
    let dumped = clusters
        .iter()
        .filter_map(|cluster| cluster.ca.cert.as_ref());
    let mut known = typed.chain(dumped).map(|cert| &cert.value);
    known.find(|cert| !same(cert, &next.value)).cloned()
}

fn same(a: &Certificate, b: &Certificate) -> bool {
    a.facts().fingerprint == b.facts().fingerprint
}

/// Whether a cluster has been given a CA.
fn has(cluster: &Cluster, ca: &Certificate) -> bool {
    match takes_values(cluster) {
        true => in_values(cluster).is_some_and(|held| same(&held.value, ca)),
        false => cluster
            .ca
            .cert
            .as_ref()
            .is_some_and(|held| same(&held.value, ca)),
    }
}

/// The CA that a cluster's certificates are by: on charts that take it from the values the one there, if any, and else its `cilium-ca`.
pub(super) fn ca_in_use(cluster: &Cluster) -> Option<Fact<Certificate>> {
    let given = in_values(cluster).filter(|_| takes_values(cluster));
    given.or_else(|| cluster.ca.cert.clone())
}

fn takes_values(cluster: &Cluster) -> bool {
    let chart = cluster.chart();
    chart.is_some_and(|chart| chart.shared_ca == SharedCa::InValues)
}

fn in_values(cluster: &Cluster) -> Option<Fact<Certificate>> {
    const PATH: &str = "clustermesh.apiserver.tls.ca.cert";
    let current = cluster.current.as_ref()?;
    let held = Certificate::parse(cluster.current_value(PATH)?.as_str()?).ok()?;
    Some(Fact::new(held, current.value_place(PATH)))
}

/// Whether a cluster's certificates are by it too, with it beside them. Where it `is_today` the CA of mesh.yaml, they are as long as
/// no dump says otherwise.
fn is_moved(cluster: &Cluster, ca: &Certificate, is_today: bool) -> bool {
    let remote = &cluster.remote;
    let is_by_it = remote
        .cert
        .as_ref()
        .map_or(is_today, |leaf| leaf.value.signed_by(ca));
    let beside = remote.ca_cert.as_ref();
    has(cluster, ca) && is_by_it && beside.is_none_or(|beside| same(&beside.value, ca))
}
