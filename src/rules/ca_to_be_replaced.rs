//! A cluster's own CA, which the join replaces.

use super::mesh_ca;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Mesh;
use crate::pki::Certificate;
use crate::profile::charts::SharedCa;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-to-be-replaced", Note,
        what: "A cluster has a `cilium-ca` of its own, which the mesh's CA will replace, or the mesh's CA of today, which a rotation will replace.",
        why: "Every KKP cluster is born with one, so this is no fault. STEPS.md keeps a copy before it replaces it; certificates that the old one signed, of Hubble for example, are issued again.",
    ),
    check,
};

/// Every KKP cluster is born with a CA of its own, which the join replaces.
fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let Some(shared) = mesh_ca::shared(context) else {
        return;
    };
    if mesh_ca::faults(context).next().is_some() {
        return;
    }
    for cluster in mesh.members() {
        let Some(own) = &cluster.ca.cert else {
            continue;
        };
        let keeps = cluster
            .chart()
            .is_none_or(|chart| chart.shared_ca == SharedCa::InValues);
        let is_shared = own.value.facts().fingerprint == shared.value.facts().fingerprint;
        if !keeps && !is_shared {
            let name = cluster.name();
            let message = match is_of_today(mesh, &own.value) {
                true => format!("the CA that {name} has today is replaced by ca.next"),
                false => format!("{name} has a cilium-ca of its own, which the mesh's CA replaces"),
            };
            out.push(
                RULE.finding(own.place.clone(), message)
                    .help("STEPS.md keeps a copy of it first")
                    .cluster(cluster.name()),
            );
        }
    }
}

/// Whether a certificate is the CA that a rotation replaces.
fn is_of_today(mesh: &Mesh, own: &Certificate) -> bool {
    let rotation = mesh.ca.rotation.as_ref();
    let old = rotation.and_then(|rotation| rotation.old.as_ref());
    old.is_some_and(|old| old.facts().fingerprint == own.facts().fingerprint)
}
