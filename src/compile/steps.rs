//! Every command that brings a cluster to what was rendered, in order, with its reason.

use serde_json::Value;

use super::compiled::Compiled;
use super::index::{Action, PatchType, Step};
use super::kubectl::{self, Dump};
use super::plan::{ClusterPlan, FactName, Phase, Plan};
use super::services;
use crate::model::{Cluster, ServiceType, Trust};
use crate::profile::cilium::SharedCa;
use crate::profile::kkp::Form;

/// The files of a cluster, as far as they were made.
#[derive(Debug, Default)]
pub struct Files<'f> {
    /// The Secret with the mesh's CA.
    pub secret: Option<&'f str>,
    /// The patch.
    pub patch: Option<&'f str>,
    /// The whole object, where that was asked for instead.
    pub manifest: Option<&'f str>,
    /// What a person merges or pastes, where that was asked for instead.
    pub by_hand: Option<&'f str>,
    /// The global services.
    pub services: Option<&'f str>,
}

/// The steps of one cluster.
pub fn steps(compiled: &Compiled<'_, '_>, files: &Files<'_>) -> Vec<Step> {
    let (plan, cluster) = (compiled.plan, compiled.cluster);
    let mut steps = Vec::new();
    secret_steps(compiled, files, &mut steps);
    patch_steps(compiled, files, &mut steps);
    if let Some(file) = files.services {
        let services = services::of_cluster(plan.mesh, cluster.cluster.name());
        let named = services::name_namespaces(&services);
        let command = kubectl::apply_services(cluster.cluster, file, named);
        let why = if named {
            "creates the global services; their namespaces must be there"
        } else {
            "creates the global services"
        };
        steps.push(step(Action::Apply, Some(file), command, why));
    }
    dump_steps(plan, cluster, files, &mut steps);
    if plan.clusters.iter().all(|one| one.phase == Phase::Mesh) {
        check_steps(cluster, files, &mut steps);
    }
    steps
}

fn step(action: Action, file: Option<&str>, command: String, why: impl Into<String>) -> Step {
    Step {
        action,
        file: file.map(str::to_owned),
        command,
        why: why.into(),
    }
}

fn secret_steps(compiled: &Compiled<'_, '_>, files: &Files<'_>, steps: &mut Vec<Step>) {
    let target = compiled.cluster.cluster;
    if let Some(new) = compiled.replacing_ca {
        steps.push(step(
            Action::Dump,
            None,
            kubectl::back_up_ca(target, &new.facts().fingerprint),
            "keeps a copy of the cilium-ca that is replaced next",
        ));
    }
    let Some(file) = files.secret else { return };
    steps.push(step(
        Action::Apply,
        Some(file),
        kubectl::apply(target, file),
        "gives the cluster the CA of the mesh before its certificates are made",
    ));
}

fn patch_steps(compiled: &Compiled<'_, '_>, files: &Files<'_>, steps: &mut Vec<Step>) {
    let (plan, cluster) = (compiled.plan, compiled.cluster);
    let stale = stale_leaves(compiled);
    let why = match stale {
        Some(_) if compiled.forces_upgrade => {
            "changes a label of clustermesh-apiserver, so that KKP upgrades and the certificates are issued again".to_owned()
        }
        _ => why_patch(cluster),
    };
    let Some(change) = change_step(cluster, files, why) else {
        return;
    };
    let target = cluster.cluster;
    steps.push(change);
    steps.push(step(
        Action::Wait,
        None,
        kubectl::wait(target),
        "KKP has seen the patch and Helm is done",
    ));
    if is_renamed(cluster) {
        restart_for_new_identity(target, steps);
    }
    if let Some(why) = stale {
        if plan.mesh.trust.value == Trust::SharedCa {
            let secret = match cluster.chart.shared_ca {
                SharedCa::InValues => "clustermesh-apiserver-ca-cert",
                SharedCa::AsSecret => "cilium-ca",
            };
            steps.push(step(
                Action::Wait,
                None,
                kubectl::wait_for_leaves(target, secret),
                "the certificates are issued again by the CA of the mesh",
            ));
        }
        steps.push(step(
            Action::Restart,
            None,
            kubectl::restart(target, "deployment/clustermesh-apiserver"),
            why,
        ));
    }
}

/// The one step that changes the values, in the form that was asked for.
fn change_step(cluster: &ClusterPlan<'_>, files: &Files<'_>, why: String) -> Option<Step> {
    let target = cluster.cluster;
    if let Some(file) = files.patch {
        let command = kubectl::patch(target, patch_type(cluster.form).as_str(), file);
        return Some(step(Action::Patch, Some(file), command, why));
    }
    if let Some(file) = files.manifest {
        let command = kubectl::apply(target, file);
        return Some(step(Action::Apply, Some(file), command, why));
    }
    let file = files.by_hand?;
    let why = format!("{why}: the file says at its top where it goes");
    Some(step(Action::Patch, Some(file), kubectl::edit(target), why))
}

fn patch_type(form: Form) -> PatchType {
    match form {
        Form::Values => PatchType::Merge,
        Form::Block => PatchType::Json,
    }
}

fn why_patch(cluster: &ClusterPlan<'_>) -> String {
    match cluster.phase {
        Phase::Mesh if cluster.peers.is_empty() => {
            "switches the mesh on; there is no other cluster".to_owned()
        }
        Phase::Join | Phase::Mesh => {
            let names: Vec<&str> = cluster
                .peers
                .iter()
                .map(|peer| peer.cluster.name())
                .collect();
            match names.as_slice() {
                few if few.len() <= 5 => format!("connects the cluster to {}", few.join(", ")),
                many => format!("connects the cluster to {} others", many.len()),
            }
        }
        Phase::Bootstrap | Phase::None => {
            "gives the cluster its name and ID and starts clustermesh-apiserver".to_owned()
        }
    }
}

/// Whether the patch gives the cluster a name or ID that it has not; unknown counts as new.
fn is_renamed(cluster: &ClusterPlan<'_>) -> bool {
    let name = cluster
        .cluster
        .current_value("cluster.name")
        .and_then(Value::as_str);
    let id = cluster
        .cluster
        .current_value("cluster.id")
        .and_then(Value::as_i64);
    name != Some(cluster.cluster.name()) || id != Some(cluster.id)
}

fn restart_for_new_identity(cluster: &Cluster, steps: &mut Vec<Step>) {
    for (workload, why) in [
        (
            "deployment/cilium-operator",
            "the operator takes the new name and ID; nothing restarts it by itself",
        ),
        (
            "daemonset/cilium",
            "the agents take the new name and ID; nothing restarts them by itself",
        ),
    ] {
        steps.push(step(
            Action::Restart,
            None,
            kubectl::restart(cluster, workload),
            why,
        ));
    }
    let why = if cluster.current.is_some() {
        "pods get identities under the new name and ID; those of the host network are restarted too, which does no harm"
    } else {
        "pods get identities under the new name and ID; the three restarts may be left out where the cluster had both before"
    };
    steps.push(step(
        Action::Restart,
        None,
        kubectl::restart_workloads(cluster),
        why,
    ));
}

/// Why clustermesh-apiserver must be restarted once its certificates are right, if it must.
fn stale_leaves(compiled: &Compiled<'_, '_>) -> Option<&'static str> {
    match compiled.plan.mesh.trust.value {
        Trust::Inline => None,
        Trust::Bundle => {
            changes_bundle(compiled).then_some("its etcd reads the CA bundle only when it starts")
        }
        Trust::SharedCa => compiled.had_other_leaves.then_some(
            "its certificates came from another CA, and it reads them only when it starts",
        ),
    }
}

fn changes_bundle(compiled: &Compiled<'_, '_>) -> bool {
    let wanted = crate::model::at_path(&compiled.owned.patch, "tls.caBundle.content");
    let cluster = compiled.cluster.cluster;
    wanted.is_some() && wanted != cluster.current_value("tls.caBundle.content")
}

/// What the other clusters' next patches, and the cluster's own, need to know of it now.
fn dump_steps(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    files: &Files<'_>,
    steps: &mut Vec<Step>,
) {
    if cluster.phase == Phase::None {
        return;
    }
    let index = cluster.cluster.index;
    let wanted = |fact| plan.wanted.contains(&(fact, index));
    let address = match cluster.cluster.apiserver.service_type {
        ServiceType::NodePort => Dump::Nodes,
        _ => Dump::Service,
    };
    let facts = [
        (
            wanted(FactName::Ca),
            Dump::Ca,
            "the other clusters need its CA",
        ),
        (
            wanted(FactName::Address),
            address,
            "the other clusters need its address",
        ),
        (
            wanted(FactName::RemoteCert),
            Dump::RemoteCert,
            "the other clusters need the certificate that it gives to its peers",
        ),
        (
            files.secret.is_some() && cluster.phase != Phase::Mesh,
            Dump::Ca,
            "its next steps need not give it the CA again",
        ),
        (
            cluster.phase != Phase::Mesh,
            Dump::Current,
            "its next patch is made from the values that it has now",
        ),
    ];
    for (_, dump, why) in facts.into_iter().filter(|(needed, ..)| *needed) {
        let command = kubectl::dump(cluster.cluster, dump);
        steps.push(step(Action::Dump, None, command, why));
    }
}

fn check_steps(cluster: &ClusterPlan<'_>, files: &Files<'_>, steps: &mut Vec<Step>) {
    steps.push(step(
        Action::Check,
        None,
        kubectl::health(cluster.cluster),
        "every node of every cluster answers",
    ));
    steps.push(step(
        Action::Check,
        None,
        kubectl::mesh_status(cluster.cluster, cluster.chart.agent_command),
        "every remote cluster is ready",
    ));
    if files.services.is_some() && cluster.chart.lists_all_backends {
        steps.push(step(
            Action::Check,
            None,
            kubectl::service_backends(cluster.cluster, cluster.chart.agent_command),
            "the global services have backends in every cluster",
        ));
    }
}
