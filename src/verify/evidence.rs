//! What all outputs of a cluster hold, in a form that can be asked about one other cluster.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::answer::Remark;
use super::asked::Asked;
use super::expected::{Expected, ExpectedNode};
use super::outputs::{
    Agent, CiliumCliStatus, Endpoint, NodeHealth, PeerStatus, PeerStatuses, Saved, SavedOutput,
    TlsFault,
};

/// Something and the file it stands in.
pub(super) type In<'s, T> = (&'s Arc<str>, &'s T);

/// The outputs of one cluster by kind.
#[derive(Default)]
pub(super) struct Evidence<'s> {
    pub(super) agents: Vec<AgentView<'s>>,
    pub(super) kvstoremesh: Vec<In<'s, PeerStatuses>>,
    pub(super) cli: Vec<In<'s, CiliumCliStatus>>,
    pub(super) endpoints: Vec<(&'s Arc<str>, &'s [Endpoint])>,
    pub(super) tls: Vec<In<'s, TlsFault>>,
}

/// One agent's output, with all that is asked of it once for each other cluster.
pub(super) struct AgentView<'s> {
    pub(super) file: &'s Arc<str>,
    pub(super) agent: &'s Agent,
    /// The nodes that it lists, by cluster.
    pub(super) nodes: HashMap<&'s str, Vec<&'s NodeHealth>>,
    /// Its remote clusters, by name.
    pub(super) peers: HashMap<&'s str, &'s PeerStatus>,
    /// Nodes of clusters that mesh.yaml does not know, as they are listed.
    pub(super) strangers: Vec<&'s NodeHealth>,
    /// How many nodes the whole mesh has at least, as far as mesh.yaml and this agent know.
    pub(super) wanted: usize,
    /// Which of the expected nodes of its cluster it may run on.
    pub(super) runs_on: Vec<usize>,
}

impl<'s> Evidence<'s> {
    /// The outputs of the cluster with the expected nodes `own`.
    pub(super) fn of(asked: &Asked<'_>, own: &Expected, saved: &'s [Saved]) -> Self {
        let mut evidence = Self::default();
        for Saved { file, outputs } in saved {
            for output in outputs {
                match output {
                    SavedOutput::Agent(agent) => {
                        let view = AgentView::of(asked, own, file, agent);
                        evidence.agents.push(view);
                    }
                    SavedOutput::KvStoreMesh(peers) => evidence.kvstoremesh.push((file, peers)),
                    SavedOutput::Cli(cli) => evidence.cli.push((file, cli)),
                    SavedOutput::Endpoints(endpoints) => evidence.endpoints.push((file, endpoints)),
                    SavedOutput::Tls(faults) => evidence
                        .tls
                        .extend(faults.iter().map(|fault| (file, fault))),
                    SavedOutput::Nodes(_) | SavedOutput::Services => {}
                }
            }
        }
        evidence.drop_replaced();
        evidence
    }

    /// Forgets what broke off where the same agent was asked again.
    fn drop_replaced(&mut self) {
        let whole = |view: &AgentView<'_>| {
            let health = view.agent.health.as_ref();
            health.is_some_and(|health| !health.is_cut && health.off.is_none())
        };
        let names: HashSet<String> = self
            .agents
            .iter()
            .filter(|view| whole(view))
            .filter_map(|view| view.agent.name.clone())
            .collect();
        self.agents.retain(|view| {
            let broke_off = view
                .agent
                .health
                .as_ref()
                .is_some_and(|health| health.is_cut && health.nodes.is_empty());
            let name = view.agent.name.as_ref();
            !(broke_off && name.is_some_and(|name| names.contains(name)))
        });
    }

    /// Whether the outputs show that agents read their peers through KVStoreMesh.
    pub(super) fn shows_kvstoremesh(&self) -> bool {
        !self.kvstoremesh.is_empty() || self.cli.iter().any(|(_, cli)| cli.kvstoremesh)
    }
}

impl<'s> AgentView<'s> {
    fn of(asked: &Asked<'_>, own: &Expected, file: &'s Arc<str>, agent: &'s Agent) -> Self {
        let mut nodes: HashMap<&str, Vec<&NodeHealth>> = HashMap::new();
        let mut strangers = Vec::new();
        for node in agent.health.iter().flat_map(|health| &health.nodes) {
            let cluster = cluster_of(&node.name);
            nodes.entry(cluster).or_default().push(node);
            if !node.is_local && !asked.names.contains(cluster) {
                strangers.push(node);
            }
        }
        let mut peers: HashMap<&str, &PeerStatus> = HashMap::new();
        for peer in agent.peers.iter().flat_map(|peers| &peers.listed) {
            peers.entry(&peer.name).or_insert(peer);
        }
        Self {
            file,
            agent,
            nodes,
            strangers,
            wanted: wanted(asked, &peers),
            peers,
            runs_on: runs_on(own, agent),
        }
    }

    /// Whether the status broke off before it had said everything about a cluster.
    pub(super) fn broke_off_before(&self, cluster: &str) -> bool {
        let listed = self.agent.peers.iter().flat_map(|peers| &peers.listed);
        // What is said of the last one may go on.
        let whole = listed.rev().skip(1);
        self.agent.is_cut && whole.into_iter().all(|peer| peer.name != cluster)
    }

    /// Whether all nodes are listed, not only those that are not well.
    pub(super) fn lists_all(&self) -> bool {
        let agent = self.agent;
        let health = agent.health.as_ref().filter(|health| health.off.is_none());
        health.is_some() && (!agent.is_status || agent.name.is_some())
    }
}

/// The nodes of all clusters: those expected, or as many as the agent knows where it knows more.
fn wanted(asked: &Asked<'_>, peers: &HashMap<&str, &PeerStatus>) -> usize {
    let counts = asked
        .clusters
        .iter()
        .zip(asked.expected)
        .map(|(cluster, expected)| {
            let peer = peers.get(cluster.name());
            let known = peer.and_then(|peer| peer.nodes).unwrap_or(1);
            let known = usize::try_from(known).unwrap_or(usize::MAX);
            expected.count.max(known)
        });
    counts.fold(0, usize::saturating_add)
}

/// The expected nodes that have the agent's name or address.
fn runs_on(own: &Expected, agent: &Agent) -> Vec<usize> {
    let name = agent.name.as_deref().and_then(|name| name.split_once('/'));
    let ip = agent.ip.as_deref().and_then(|ip| ip.parse().ok());
    let is_its_own = |node: &ExpectedNode| {
        let by_name = name.is_some_and(|(_, own)| node.name.as_deref() == Some(own));
        by_name || ip.is_some_and(|ip| node.ips.contains(&ip))
    };
    let nodes = own.nodes.iter().enumerate();
    nodes
        .filter(|(_, node)| is_its_own(node))
        .map(|(at, _)| at)
        .collect()
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
        SavedOutput::Agent(agent) => agent.health.as_ref(),
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
            let SavedOutput::Agent(agent) = output else {
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
