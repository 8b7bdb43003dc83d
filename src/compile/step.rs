//! One step, typed: index.json and STEPS.md show its command, steps.sh calls a function for it.

use super::index::{Action, PatchType, Step};
use super::kubectl::{Dump, RunIn, quoted};
use crate::model::{Cluster, DueRestart, KubectlTarget};

/// A step of a cluster.
pub(crate) struct Planned<'p> {
    /// What it does, in one word.
    pub action: Action,
    /// The file that it uses, if any.
    pub file: Option<&'p str>,
    /// What it does.
    pub what: Do<'p>,
    /// Why.
    pub why: String,
}

/// What a step does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Do<'p> {
    /// Keeps a copy of the CA that the one with this fingerprint replaces.
    KeepCa(&'p str),
    /// Applies a file to kube-system, server-side.
    Apply(&'p str),
    /// Applies the global services; whether each of them names its namespace.
    ApplyServices(&'p str, bool),
    /// Patches the ApplicationInstallation.
    Patch(PatchType, &'p str),
    /// Applies the whole ApplicationInstallation.
    Replace(&'p str),
    /// Creates a cluster with initial values, in this seed.
    Create(&'p str, Option<&'p KubectlTarget>),
    /// Lets a person edit it.
    Edit,
    /// Waits for KKP and Helm.
    Wait,
    /// Waits until the leaves carry the CA of this Secret.
    WaitForLeaves(&'p str),
    /// Restarts something.
    Restart(DueRestart),
    /// Saves an object.
    Dump(Dump),
    /// Looks how the mesh is.
    Check(Check<'p>),
}

/// What is looked at, by which command in the agent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check<'p> {
    /// The health of all nodes of all clusters, as the guide's last step looks at it.
    Health,
    /// Whether each remote cluster is ready. The agent's command is called differently by version.
    Status(&'p str),
    /// The services of a node with their backends, those that are preferred marked.
    Services(&'p str),
}

impl Check<'_> {
    /// The command in the agent.
    pub(crate) fn command(self) -> String {
        match self {
            Self::Health => "cilium-health status".to_owned(),
            Self::Status(agent) => format!("{agent} status --all-clusters"),
            Self::Services(agent) => format!("{agent} service list --clustermesh-affinity"),
        }
    }

    /// The same with all that verify can use: without `--verbose`, 1.17 and newer do not say which probe failed.
    pub(crate) fn saved_command(self) -> String {
        match self {
            Self::Health => format!("{} --verbose", self.command()),
            Self::Status(_) | Self::Services(_) => self.command(),
        }
    }

    /// The file that steps.sh saves its output in.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Health => "cilium-health-status.txt",
            Self::Status(_) => "cilium-status.txt",
            Self::Services(_) => "cilium-service-list.txt",
        }
    }
}

impl Planned<'_> {
    /// As index.json has it. `number` is its place among the cluster's steps, from 1.
    pub(crate) fn line(
        &self,
        cluster: &Cluster,
        number: usize,
        at: RunIn<'_>,
        scripts: bool,
    ) -> Step {
        Step {
            action: self.action,
            file: self.file.map(str::to_owned),
            command: self.what.command(cluster, number, at, scripts),
            why: self.why.clone(),
        }
    }
}

impl Do<'_> {
    /// The command to paste. `scripts`: whether there is a steps.sh for what no line can hold.
    fn command(self, cluster: &Cluster, number: usize, at: RunIn<'_>, scripts: bool) -> String {
        match self {
            Self::KeepCa(new) => at.back_up_ca(cluster, new),
            Self::Apply(file) | Self::Replace(file) => at.apply(cluster, file),
            Self::ApplyServices(file, named) => at.apply_services(cluster, file, named),
            Self::Patch(kind, file) => at.patch(cluster, kind.as_str(), file),
            Self::Create(file, seed) => at.create(file, seed),
            Self::Edit => at.edit(cluster),
            Self::Wait => at.wait(cluster),
            Self::WaitForLeaves(secret) => at.wait_for_leaves(cluster, secret),
            Self::Restart(DueRestart::Workloads) if scripts => {
                let name = quoted(cluster.name());
                format!("sh steps.sh --cluster {name} --step {number}")
            }
            Self::Restart(DueRestart::Workloads) => at.restart_workloads(cluster),
            Self::Restart(restart) => at.restart(cluster, restart.name()),
            Self::Dump(what) => at.dump(cluster, what),
            Self::Check(check) => at.in_agent(cluster, &check.command()),
        }
    }
}
