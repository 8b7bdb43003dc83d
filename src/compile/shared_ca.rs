//! How the mesh's CA reaches a cluster that shares it, and whose certificates it has had before.

use serde_json::Value;

use super::paths::VALUES_CA;
use super::plan::{ClusterPlan, Phase, Plan};
use crate::model::{Cluster, DueRestart, Trust};
use crate::pki::Certificate;
use crate::profile::charts::SharedCa;
use crate::trust::Authority;

/// Whether Helm owns a cluster's `cilium-ca`: its values hold `tls.ca`, and dropping that would make
/// Helm delete the Secret.
pub(super) fn helm_owns_ca(cluster: &Cluster) -> bool {
    let half = |key: &str| {
        let value = cluster.current_value(&format!("tls.ca.{key}"));
        value
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    half("cert") && half("key")
}

/// The CA that must be put into a cluster as the Secret `cilium-ca` before its patch, if any.
pub(super) fn secret_to_apply<'m>(
    plan: &Plan<'m>,
    cluster: &ClusterPlan<'_>,
) -> Option<Authority<'m>> {
    let mesh = plan.mesh;
    let shared =
        mesh.trust.value == Trust::SharedCa && cluster.chart.shared_ca == SharedCa::AsSecret;
    let target = cluster.cluster;
    // The cluster of `ca.from` has the CA, unless its dumps are there and show another one or none: then the CA was made
    // apart, as by `meshgen pki ca`. In a rotation it gets the new CA as all others do.
    let is_seen = target.ca.cert.is_some() || target.current.is_some();
    let is_source = mesh.ca.from == Some(target.index) && mesh.ca.rotation.is_none() && !is_seen;
    let takes_part = !matches!(cluster.phase, Phase::None | Phase::Left) && !cluster.is_unborn;
    if !shared || is_source || !takes_part || helm_owns_ca(target) {
        return None;
    }
    let ca = plan.trust.ca?;
    let own = target.ca.cert.as_ref();
    let has_it = own.is_some_and(|own| same(&own.value, &ca.cert.value));
    (!has_it).then_some(ca)
}

/// The CA that takes the place of a cluster's own `cilium-ca`, as a Secret or through Helm, if any does.
pub(super) fn replacing_ca<'m>(
    plan: &Plan<'m>,
    cluster: &ClusterPlan<'_>,
) -> Option<&'m Certificate> {
    if let Some(ca) = secret_to_apply(plan, cluster) {
        return Some(&ca.cert.value);
    }
    let target = cluster.cluster;
    let shared = plan.mesh.trust.value == Trust::SharedCa
        && cluster.chart.shared_ca == SharedCa::AsSecret
        && !matches!(cluster.phase, Phase::None | Phase::Left);
    let ca = &plan.trust.ca.filter(|_| shared)?.cert.value;
    let has_it = target
        .ca
        .cert
        .as_ref()
        .is_some_and(|own| same(&own.value, ca));
    (helm_owns_ca(target) && !has_it).then_some(ca)
}

/// Whether two certificates are one.
fn same(a: &Certificate, b: &Certificate) -> bool {
    a.facts().fingerprint == b.facts().fingerprint
}

/// Whether a leaf of the cluster may have been issued by another CA than the mesh's.
pub(super) fn had_other_leaves(plan: &Plan<'_>, cluster: &ClusterPlan<'_>) -> bool {
    let target = cluster.cluster;
    let Some(ca) = plan
        .mesh
        .ca
        .pair
        .cert
        .as_ref()
        .filter(|_| !cluster.is_unborn)
    else {
        return false;
    };
    let leaves = [&target.remote.cert, &target.server_cert];
    if leaves
        .into_iter()
        .flatten()
        .any(|leaf| !leaf.value.signed_by(&ca.value))
    {
        return true;
    }
    let beside = target.remote.ca_cert.as_ref();
    if beside.is_some_and(|beside| !same(&beside.value, &ca.value)) {
        return true;
    }
    let on = target.current_value("clustermesh.useAPIServer");
    let ran = on.map_or(target.current.is_none(), |on| on == &Value::Bool(true));
    let other_ca = target
        .ca
        .cert
        .as_ref()
        .is_none_or(|own| !same(&own.value, &ca.value));
    let is_source = plan.mesh.ca.from == Some(target.index) && plan.mesh.ca.rotation.is_none();
    match cluster.chart.shared_ca {
        SharedCa::AsSecret => !is_source && ran && other_ca,
        SharedCa::InValues => !is_source && ran && target.current_value(VALUES_CA).is_none(),
    }
}

/// Whether the mesh had another CA before, which has signed the leaves of a cluster: that is a CA which another cluster
/// has too, or which has signed another's leaf. The CA that a cluster was born with is none; it was replaced when the
/// cluster joined, and its dump may be of the time before.
pub(super) fn replaces_mesh_ca(plan: &Plan<'_>, cluster: &ClusterPlan<'_>) -> bool {
    let (target, mesh) = (cluster.cluster, plan.mesh);
    let (Some(own), Some(new)) = (&target.ca.cert, &mesh.ca.pair.cert) else {
        return false;
    };
    if same(&own.value, &new.value) {
        // Where steps.sh was stopped behind the Secret, it has noted what is still to be restarted.
        let due = target.due.as_ref();
        let is_due = due.is_some_and(|due| due.holds(DueRestart::Apiserver));
        let is_new = mesh.ca.rotation.is_some() || mesh.ca.from == Some(target.index);
        return (is_new || is_due) && had_other_leaves(plan, cluster);
    }
    let old = mesh
        .ca
        .rotation
        .as_ref()
        .and_then(|rotation| rotation.old.as_ref());
    if old.is_some_and(|old| same(old, &own.value)) {
        return true;
    }
    let mut others = mesh
        .clusters
        .iter()
        .filter(|other| other.index != target.index);
    others.any(|other| {
        let (ca, leaf) = (&other.ca.cert, &other.remote.cert);
        ca.as_ref().is_some_and(|ca| same(&ca.value, &own.value))
            || leaf
                .as_ref()
                .is_some_and(|leaf| names_as_issuer(&leaf.value, &own.value))
    })
}

/// Whether a leaf says by key identifiers that a CA has issued it: all CAs of Cilium have the same name.
fn names_as_issuer(leaf: &Certificate, ca: &Certificate) -> bool {
    let issuer = &leaf.facts().authority_key_id;
    issuer.is_some() && *issuer == ca.facts().subject_key_id
}
