//! What all outputs of a cluster hold, in a form that can be asked about one other cluster.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::answer::Remark;
use super::outputs::{Agent, Cli, Endpoint, NodeHealth, Output, Peers, Saved, TlsFault};

/// Something and the file it stands in.
pub(super) type In<'s, T> = (&'s Arc<str>, &'s T);

/// The outputs of one cluster by kind.
#[derive(Default)]
pub(super) struct Evidence<'s> {
    pub(super) agents: Vec<AgentView<'s>>,
    pub(super) kvstoremesh: Vec<In<'s, Peers>>,
    pub(super) cli: Vec<In<'s, Cli>>,
    pub(super) endpoints: Vec<(&'s Arc<str>, &'s [Endpoint])>,
    pub(super) tls: Vec<In<'s, TlsFault>>,
}

/// One agent's output, with its nodes by cluster.
pub(super) struct AgentView<'s> {
    pub(super) file: &'s Arc<str>,
    pub(super) agent: &'s Agent,
    pub(super) nodes: HashMap<&'s str, Vec<&'s NodeHealth>>,
}

impl<'s> Evidence<'s> {
    pub(super) fn of(saved: &'s [Saved]) -> Self {
        let mut evidence = Self::default();
        for Saved { file, outputs } in saved {
            for output in outputs {
                match output {
                    Output::Agent(agent) => evidence.agents.push(AgentView::of(file, agent)),
                    Output::KvStoreMesh(peers) => evidence.kvstoremesh.push((file, peers)),
                    Output::Cli(cli) => evidence.cli.push((file, cli)),
                    Output::Endpoints(endpoints) => evidence.endpoints.push((file, endpoints)),
                    Output::Tls(faults) => evidence
                        .tls
                        .extend(faults.iter().map(|fault| (file, fault))),
                    Output::Nodes(_) | Output::Services => {}
                }
            }
        }
        evidence
    }

    /// Whether the outputs show that agents read their peers through KVStoreMesh.
    pub(super) fn shows_kvstoremesh(&self) -> bool {
        !self.kvstoremesh.is_empty() || self.cli.iter().any(|(_, cli)| cli.kvstoremesh)
    }
}

impl<'s> AgentView<'s> {
    fn of(file: &'s Arc<str>, agent: &'s Agent) -> Self {
        let mut nodes: HashMap<&str, Vec<&NodeHealth>> = HashMap::new();
        for node in agent.health.iter().flat_map(|health| &health.nodes) {
            nodes.entry(cluster_of(&node.name)).or_default().push(node);
        }
        Self { file, agent, nodes }
    }

    /// Whether all nodes are listed, not only those that are not well.
    pub(super) fn lists_all(&self) -> bool {
        let agent = self.agent;
        let health = agent.health.as_ref().filter(|health| health.off.is_none());
        health.is_some() && (!agent.is_status || agent.name.is_some())
    }
}

/// The cluster of a node; one without a name calls itself `default`.
pub(super) fn cluster_of(node: &str) -> &str {
    node.split_once('/')
        .map_or("default", |(cluster, _)| cluster)
}

/// The nodes for which some agent lists a health endpoint.
pub(super) fn nodes_with_endpoint(outputs: &[Vec<Saved>]) -> HashSet<String> {
    let all = outputs.iter().flatten().flat_map(|saved| &saved.outputs);
    let agents = all.filter_map(|output| match output {
        Output::Agent(agent) => agent.health.as_ref(),
        _ => None,
    });
    agents
        .flat_map(|health| &health.nodes)
        .filter(|node| node.endpoint.is_some())
        .map(|node| node.name.clone())
        .collect()
}

/// Takes out what agents of other clusters of the mesh see: it was saved in the wrong folder.
pub(super) fn put_aside_foreign(name: &str, names: &[&str], saved: &mut [Saved]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for Saved { file, outputs } in saved {
        outputs.retain(|output| {
            let Output::Agent(agent) = output else {
                return true;
            };
            let own = agent.name.as_deref().map(cluster_of);
            let other = own.filter(|own| *own != name && names.contains(own));
            remarks.extend(other.map(|other| Remark::foreign(file, name, other)));
            other.is_none()
        });
    }
    remarks
}
