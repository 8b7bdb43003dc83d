//! Which of a cluster's dumped objects facts are taken from.

use std::collections::HashMap;

use super::Reading;
use crate::input::dumps::Object;
use crate::input::mesh_file::ClusterEntry;
use crate::model::ObjectUse;

/// Where KKP puts Cilium and its ApplicationInstallation in a user cluster (`pkg/controller/seed-controller-manager/cni-application-installation-controller`).
const NAMESPACE: &str = "kube-system";

/// What a dumped object is for meshgen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Installation,
    Ca,
    /// 1.13 and 1.14 copy the CA here; what counts is `cilium-ca`.
    CaCopy,
    RemoteCert,
    ServerCert,
    Service,
    KkpCluster,
    Node,
}

impl Role {
    /// By API group, kind and name. An object without `apiVersion` is taken for what its kind says.
    pub(crate) fn of(object: &Object) -> Option<Self> {
        let (group, role) = match (object.kind.as_str(), object.name.as_str()) {
            ("ApplicationInstallation", "cilium") => ("apps.kubermatic.k8c.io", Self::Installation),
            ("Secret", "cilium-ca") => ("", Self::Ca),
            ("Secret", "clustermesh-apiserver-ca-cert") => ("", Self::CaCopy),
            ("Secret", "clustermesh-apiserver-remote-cert") => ("", Self::RemoteCert),
            ("Secret", "clustermesh-apiserver-server-cert") => ("", Self::ServerCert),
            ("Service", "clustermesh-apiserver") => ("", Self::Service),
            ("Cluster", _) => ("kubermatic.k8c.io", Self::KkpCluster),
            ("Node", _) => ("", Self::Node),
            _ => return None,
        };
        let is_of_group = object.group.as_deref().is_none_or(|own| own == group);
        is_of_group.then_some(role)
    }

    fn has_namespace(self) -> bool {
        !matches!(self, Self::KkpCluster | Self::Node)
    }
}

impl Reading<'_> {
    /// What becomes of each of a cluster's dumped objects, in their order.
    pub(super) fn select(&self, objects: &[Object], entry: &ClusterEntry) -> Vec<ObjectUse> {
        let mut uses: Vec<ObjectUse> = objects.iter().map(of_kind_and_namespace).collect();
        keep_misplaced_installation(objects, &mut uses);
        self.pass_over_older(objects, &mut uses);
        self.pass_over_other_clusters(objects, entry, &mut uses);
        uses
    }

    /// Of several dumps of one object the one with the highest resourceVersion counts, else the last: a file of an
    /// earlier round may stand beside that of a later one.
    fn pass_over_older(&self, objects: &[Object], uses: &mut [ObjectUse]) {
        let version = |object: &Object| {
            let written = self.text(object, "metadata.resourceVersion")?;
            written.value.parse::<u64>().ok()
        };
        let mut newest = HashMap::new();
        for (at, object) in objects.iter().enumerate() {
            let Some(role) = Role::of(object).filter(|_| uses[at] == ObjectUse::Taken) else {
                continue;
            };
            let kept = newest.entry((role, object.name.as_str())).or_insert(at);
            let is_older = match (version(&objects[*kept]), version(object)) {
                (Some(kept), Some(own)) => own < kept,
                _ => false,
            };
            if !is_older {
                *kept = at;
            }
        }
        for (at, object) in objects.iter().enumerate() {
            let key = Role::of(object).map(|role| (role, object.name.as_str()));
            let counts = key.and_then(|key| newest.get(&key).copied());
            if let Some(counts) = counts.filter(|counts| *counts != at)
                && uses[at] == ObjectUse::Taken
            {
                uses[at] = ObjectUse::Older(counts);
            }
        }
    }

    /// A list of a seed's KKP Clusters holds this cluster's and others': `kkpCluster` tells which, else the name that
    /// people gave it, else its own. Where none fits, none is taken.
    fn pass_over_other_clusters(
        &self,
        objects: &[Object],
        entry: &ClusterEntry,
        uses: &mut [ObjectUse],
    ) {
        let is_candidate = |at: &usize| {
            uses[*at] == ObjectUse::Taken && Role::of(&objects[*at]) == Some(Role::KkpCluster)
        };
        let candidates: Vec<usize> = (0..objects.len()).filter(is_candidate).collect();
        let is_readable_name = |at: &usize| {
            let readable = self.text(&objects[*at], "spec.humanReadableName");
            readable.is_some() && readable.map(|name| name.value) == entry.name
        };
        let has_name =
            |at: &usize, name: &Option<String>| name.as_ref() == Some(&objects[*at].name);
        let found = if entry.kkp_cluster.is_some() {
            let mut named = candidates.iter();
            named.find(|at| has_name(at, &entry.kkp_cluster))
        } else if candidates.len() == 1 {
            candidates.first()
        } else {
            let readable = candidates.iter().find(|at| is_readable_name(at));
            readable.or_else(|| candidates.iter().find(|at| has_name(at, &entry.name)))
        };
        for at in candidates.iter().filter(|at| Some(*at) != found) {
            uses[*at] = ObjectUse::OtherCluster;
        }
    }
}

fn of_kind_and_namespace(object: &Object) -> ObjectUse {
    match Role::of(object) {
        None => ObjectUse::NotRead,
        Some(role) if role.has_namespace() && !is_in_namespace(object) => ObjectUse::OtherNamespace,
        Some(_) => ObjectUse::Taken,
    }
}

fn is_in_namespace(object: &Object) -> bool {
    let namespace = object.namespace.as_deref();
    namespace.is_none_or(|namespace| namespace == NAMESPACE)
}

/// An ApplicationInstallation that is nowhere but in another namespace is taken, so that a finding can say what is
/// wrong with it.
fn keep_misplaced_installation(objects: &[Object], uses: &mut [ObjectUse]) {
    let is_installation = |at: &usize| Role::of(&objects[*at]) == Some(Role::Installation);
    let installations: Vec<usize> = (0..objects.len()).filter(is_installation).collect();
    if installations
        .iter()
        .all(|at| uses[*at] == ObjectUse::OtherNamespace)
    {
        installations
            .iter()
            .for_each(|at| uses[*at] = ObjectUse::Taken);
    }
}
