//! Every step that brings a cluster to what was rendered, in order, with its reason.

use serde_json::Value;

use super::compiled::Compiled;
use super::index::{Action, PatchType};
use super::kubectl::Dump;
use super::patch_reason;
use super::plan::{ClusterPlan, FactName, Phase};
use super::services;
use super::step::{Check, Do, Planned};
use super::wanted;
use crate::model::{Due, DueRestart, ServiceType, Trust};
use crate::profile::charts::SharedCa;
use crate::profile::releases::ValuesField;

/// The files of a cluster, as far as they were made.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ApplicableFiles<'f> {
    /// The Secret with the mesh's CA.
    pub secret: Option<&'f str>,
    /// The patch.
    pub patch: Option<&'f str>,
    /// The whole object, where that was asked for instead.
    pub manifest: Option<&'f str>,
    /// The initial values of a cluster that does not exist yet.
    pub birth: Option<&'f str>,
    /// What a person merges or pastes, where that was asked for instead.
    pub by_hand: Option<&'f str>,
    /// The global services.
    pub services: Option<&'f str>,
}

/// The steps of one cluster.
pub(crate) fn steps<'p>(
    compiled: &Compiled<'p, '_>,
    files: ApplicableFiles<'p>,
) -> Vec<Planned<'p>> {
    let mut steps = Steps {
        compiled,
        files,
        all: Vec::new(),
    };
    steps.left_over();
    if let Some(file) = files.birth {
        steps.birth(file);
    } else if !compiled.is_in_place() {
        steps.secret();
        steps.patch();
    }
    steps.services();
    steps.dumps();
    let clusters = &compiled.plan.clusters;
    if clusters.iter().all(|one| one.phase >= Phase::Mesh) {
        steps.checks();
    }
    steps.all
}

/// The restarts that a cluster's patch makes due, beside those that are noted already.
pub(crate) fn made_due(compiled: &Compiled<'_, '_>) -> Vec<DueRestart> {
    let mut due = Vec::new();
    if is_renamed(compiled.cluster) {
        due.extend([
            DueRestart::Operator,
            DueRestart::Agents,
            DueRestart::Workloads,
        ]);
    }
    if stale_leaves(compiled).is_some() {
        due.push(DueRestart::Apiserver);
    }
    due
}

/// The restarts of an earlier patch that is in place. Those that the patch to come makes due once more are done behind it, once.
pub(crate) fn left_due(compiled: &Compiled<'_, '_>) -> Vec<DueRestart> {
    let cluster = compiled.cluster.cluster;
    let is_in_place = compiled.is_in_place();
    let comes = match is_in_place {
        true => Vec::new(),
        false => made_due(compiled),
    };
    let generation = cluster
        .current
        .as_ref()
        .and_then(|current| current.generation);
    let due = cluster.due.as_ref();
    let mut left = due
        .map(|due| due.counting(generation, is_in_place))
        .unwrap_or_default();
    left.retain(|restart| !comes.contains(restart) && is_there(compiled, *restart));
    left
}

/// Whether the cluster has the workload still: one that leaves loses its clustermesh-apiserver.
fn is_there(compiled: &Compiled<'_, '_>, restart: DueRestart) -> bool {
    compiled.cluster.phase != Phase::Left || restart != DueRestart::Apiserver
}

struct Steps<'c, 'p, 'm> {
    compiled: &'c Compiled<'p, 'm>,
    files: ApplicableFiles<'p>,
    all: Vec<Planned<'p>>,
}

impl<'p> Steps<'_, 'p, '_> {
    fn push(
        &mut self,
        action: Action,
        file: Option<&'p str>,
        what: Do<'p>,
        why: impl Into<String>,
    ) {
        self.all.push(Planned {
            action,
            file,
            what,
            why: why.into(),
        });
    }

    /// What an earlier patch has made due and what was not done since: before a later patch adds peers.
    fn left_over(&mut self) {
        let left = left_due(self.compiled);
        if !left.is_empty() {
            self.push(
                Action::Wait,
                None,
                Do::Wait,
                "KKP and Helm are done with the patch that made these restarts due",
            );
        }
        for restart in left {
            self.restart(restart);
        }
    }

    /// Creates the cluster; nothing in it is restarted.
    fn birth(&mut self, file: &'p str) {
        let seed = self.compiled.plan.mesh.seed.as_ref();
        self.push(
            Action::Apply,
            Some(file),
            Do::Create(file, seed),
            "creates the cluster with these values in an annotation that KKP takes away again; CLUSTER.yaml is its Cluster object",
        );
        self.push(
            Action::Wait,
            None,
            Do::Wait,
            "Cilium is installed, with the mesh in it",
        );
    }

    fn secret(&mut self) {
        if let Some(new) = self.compiled.replacing_ca {
            self.push(
                Action::Dump,
                None,
                Do::KeepCa(&new.facts().fingerprint),
                "keeps a copy of the cilium-ca that is replaced next",
            );
        }
        if let Some(file) = self.files.secret {
            self.push(
                Action::Apply,
                Some(file),
                Do::Apply(file),
                "gives the cluster the CA of the mesh before its certificates are made",
            );
        }
    }

    fn patch(&mut self) {
        let compiled = self.compiled;
        let issues_leaves = compiled.forces_upgrade && stale_leaves(compiled).is_some();
        let why = patch_reason::of(compiled, issues_leaves);
        if !self.change(why) {
            return;
        }
        self.push(
            Action::Wait,
            None,
            Do::Wait,
            "KKP has seen the patch and Helm is done",
        );
        let left = left_due(compiled);
        let made = made_due(compiled);
        let noted = compiled.cluster.cluster.due.as_ref();
        let is_noted = |restart| {
            is_there(compiled, restart) && noted.is_some_and(|due: &Due| due.holds(restart))
        };
        for restart in DueRestart::ALL {
            if !left.contains(&restart) && (made.contains(&restart) || is_noted(restart)) {
                self.restart(restart);
            }
        }
    }

    /// The one step that changes the values, in the form that was asked for.
    fn change(&mut self, why: String) -> bool {
        let files = self.files;
        if let Some(file) = files.patch {
            let what = Do::Patch(patch_type(self.compiled.cluster.form), file);
            self.push(Action::Patch, Some(file), what, why);
        } else if let Some(file) = files.manifest {
            self.push(Action::Apply, Some(file), Do::Replace(file), why);
        } else if let Some(file) = files.by_hand {
            let why = format!("{why}: the file says at its top where it goes");
            self.push(Action::Patch, Some(file), Do::Edit, why);
        } else {
            return false;
        }
        true
    }

    fn restart(&mut self, restart: DueRestart) {
        if restart == DueRestart::Apiserver {
            self.leaves();
        }
        let why = match restart {
            DueRestart::Operator => {
                "the operator takes the new name and ID; nothing restarts it by itself"
            }
            DueRestart::Agents if wanted::restarts_agents(self.compiled) => {
                "the agents take the new name and ID; steps.sh only waits where Helm has restarted them with the patch"
            }
            DueRestart::Agents => {
                "the agents take the new name and ID; nothing restarts them by itself"
            }
            DueRestart::Workloads => {
                "pods that started under the old name keep its identity until they are restarted; pods of the host network alone stay as they are"
            }
            DueRestart::Apiserver => stale_leaves(self.compiled)
                .unwrap_or("its certificates have changed, and it reads them only when it starts"),
        };
        self.push(Action::Restart, None, Do::Restart(restart), why);
    }

    fn leaves(&mut self) {
        if self.compiled.plan.mesh.trust.value != Trust::SharedCa {
            return;
        }
        let secret = match self.compiled.cluster.chart.shared_ca {
            SharedCa::InValues => "clustermesh-apiserver-ca-cert",
            SharedCa::AsSecret => "cilium-ca",
        };
        self.push(
            Action::Wait,
            None,
            Do::WaitForLeaves(secret),
            "the certificates are issued again by the CA of the mesh",
        );
    }

    fn services(&mut self) {
        let Some(file) = self.files.services else {
            return;
        };
        let cluster = self.compiled.cluster.cluster;
        let services = services::of_cluster(self.compiled.plan.mesh, cluster.name());
        let named = services::name_namespaces(&services);
        let why = if named {
            "creates the global services; their namespaces must be there"
        } else {
            "creates the global services"
        };
        self.push(
            Action::Apply,
            Some(file),
            Do::ApplyServices(file, named),
            why,
        );
    }

    /// What the other clusters' next patches, and the cluster's own, need to know of it now.
    fn dumps(&mut self) {
        let (plan, cluster) = (self.compiled.plan, self.compiled.cluster);
        if cluster.phase == Phase::None {
            return;
        }
        let wanted = |fact| plan.wanted.contains(&(fact, cluster.cluster.index));
        let address = match cluster.cluster.apiserver.service_type {
            ServiceType::NodePort => Dump::Nodes,
            _ => Dump::Service,
        };
        let is_changed = !self.compiled.is_in_place();
        let rotates = plan.mesh.ca.rotation.is_some();
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
                is_changed && self.files.secret.is_some(),
                Dump::Ca,
                "the next render sees that it has the CA",
            ),
            (
                is_changed && self.compiled.replacing_ca.is_some() && rotates,
                Dump::RemoteCert,
                "the next render sees that its certificates are by the new CA",
            ),
            (
                is_changed,
                Dump::Current,
                "the next render sees which values it has now",
            ),
        ];
        let mut done = Vec::new();
        for (_, dump, why) in facts.into_iter().filter(|(needed, ..)| *needed) {
            if !done.contains(&dump) {
                done.push(dump);
                self.push(Action::Dump, None, Do::Dump(dump), why);
            }
        }
    }

    fn checks(&mut self) {
        let chart = self.compiled.cluster.chart;
        if self.compiled.cluster.phase == Phase::Left {
            return;
        }
        let check = |check| Do::Check(check);
        self.push(
            Action::Check,
            None,
            check(Check::Health),
            "every node of every cluster answers",
        );
        self.push(
            Action::Check,
            None,
            check(Check::Status(chart.agent_command)),
            "every remote cluster is ready",
        );
        if self.files.services.is_some() && chart.lists_all_backends {
            self.push(
                Action::Check,
                None,
                check(Check::Services(chart.agent_command)),
                "the global services have backends in every cluster",
            );
        }
    }
}

fn patch_type(form: ValuesField) -> PatchType {
    match form {
        ValuesField::Values => PatchType::Merge,
        ValuesField::Block => PatchType::Json,
    }
}

/// Whether the patch gives the cluster a name or ID that it has not; unknown counts as new.
fn is_renamed(cluster: &ClusterPlan<'_>) -> bool {
    if cluster.phase == Phase::Left {
        return false;
    }
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

/// Why clustermesh-apiserver must be restarted once its certificates are right, if it must.
fn stale_leaves(compiled: &Compiled<'_, '_>) -> Option<&'static str> {
    if compiled.cluster.phase == Phase::Left {
        return None;
    }
    match compiled.plan.mesh.trust.value {
        // A new bundle changes a label of its pods, which restarts them.
        Trust::Inline | Trust::Bundle => None,
        Trust::SharedCa => compiled.had_other_leaves.then(|| match &compiled.plan.mesh.ca.rotation {
            Some(rotation) if rotation.keeps_key() => {
                "its certificates are issued again by the renewed CA, and it reads them only when it starts"
            }
            _ => "its certificates came from another CA, and it reads them only when it starts",
        }),
    }
}
