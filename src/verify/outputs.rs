//! What the saved outputs say, whatever form and version they have.

use std::sync::Arc;

/// A file below the folder of a cluster.
#[derive(Debug)]
pub(super) struct Saved {
    /// Its name under the checks folder: `cluster-1/health.txt`.
    pub(super) file: Arc<str>,
    /// What it holds, in its order.
    pub(super) outputs: Vec<SavedOutput>,
}

/// One recognised output.
#[derive(Debug)]
pub(super) enum SavedOutput {
    /// `cilium-health status`, or `cilium status` of one agent.
    Agent(Agent),
    /// `kvstoremesh-dbg status`: what the cluster's KVStoreMesh sees.
    KvStoreMesh(PeerStatuses),
    /// `cilium clustermesh status`: all agents of the cluster at once.
    Cli(CiliumCliStatus),
    /// CiliumEndpoints.
    Endpoints(Vec<Endpoint>),
    /// Nodes.
    Nodes(Vec<NodeAddresses>),
    /// Something that decides nothing: a list of services.
    Services,
    /// TLS errors in a log, or in what `troubleshoot` printed.
    Tls(Vec<TlsFault>),
}

/// What one agent sees.
#[derive(Debug, Default)]
pub(super) struct Agent {
    /// Whether this is `cilium status`, which lists only nodes that are not well.
    pub(super) is_status: bool,
    /// The agent's own node, `cluster/node`.
    pub(super) name: Option<String>,
    /// An address of its own node.
    pub(super) ip: Option<String>,
    /// Its remote clusters.
    pub(super) peers: Option<PeerStatuses>,
    /// Whether the status goes on after the place where remote clusters stand.
    pub(super) goes_on: bool,
    /// Whether the status ends before it has said all of its remote clusters.
    pub(super) is_cut: bool,
    /// What its probes say.
    pub(super) health: Option<HealthProbes>,
    /// The line where it begins.
    pub(super) line: usize,
}

/// The remote clusters of an agent, or of KVStoreMesh.
#[derive(Debug, Default)]
pub(super) struct PeerStatuses {
    /// Ready and all, as the headline says.
    pub(super) ready: Option<(u64, u64)>,
    /// Those listed.
    pub(super) listed: Vec<PeerStatus>,
    /// The line of the headline.
    pub(super) line: usize,
}

/// A remote cluster.
#[derive(Debug, Default)]
pub(super) struct PeerStatus {
    /// Its name.
    pub(super) name: String,
    /// Whether it counts as ready.
    pub(super) is_ready: bool,
    /// How many of its nodes are known.
    pub(super) nodes: Option<u64>,
    /// The connection's status, and errors of controllers.
    pub(super) said: Vec<(usize, String)>,
    /// Whether its configuration was expected and has not been retrieved.
    pub(super) lacks_config: bool,
    /// The ID in its configuration.
    pub(super) id: Option<u64>,
    /// Whether the agent reads it through KVStoreMesh.
    pub(super) through_kvstoremesh: bool,
    /// Kinds of things that are not synchronised.
    pub(super) unsynced: Vec<String>,
    /// Its line.
    pub(super) line: usize,
}

/// What one agent's probes say.
#[derive(Debug, Default)]
pub(super) struct HealthProbes {
    /// Reachable and all nodes, as the headline says.
    pub(super) reachable: Option<(usize, usize)>,
    /// Why there are no probes: switched off, or the daemon does not answer.
    pub(super) off: Option<String>,
    /// The nodes listed.
    pub(super) nodes: Vec<NodeHealth>,
    /// Whether the output ends too early, or with `...`.
    pub(super) is_cut: bool,
}

/// A node as probed.
#[derive(Debug, Default)]
pub(super) struct NodeHealth {
    /// `cluster/node`, or the node alone in a cluster without a name.
    pub(super) name: String,
    /// Whether the agent runs there.
    pub(super) is_local: bool,
    /// The node's own addresses.
    pub(super) host: Column,
    /// Its health endpoint; `None` where none is listed.
    pub(super) endpoint: Option<Column>,
    /// Its line.
    pub(super) line: usize,
}

/// Probes of the addresses of one kind.
#[derive(Debug)]
pub(super) enum Column {
    /// Each address with its probes.
    Each(Vec<Address>),
    /// A table's cell.
    Sum {
        /// The addresses, where the table has them.
        ips: Vec<String>,
        /// Addresses that answer.
        good: usize,
        /// Addresses that were not probed yet.
        unknown: usize,
        /// All of them.
        all: usize,
    },
}

impl Default for Column {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

impl Column {
    /// The addresses that are named.
    pub(super) fn ips(&self) -> impl Iterator<Item = &str> {
        let (each, sum): (&[Address], &[String]) = match self {
            Self::Each(addresses) => (addresses, &[]),
            Self::Sum { ips, .. } => (&[], ips),
        };
        let named = each.iter().map(|address| address.ip.as_str());
        named.chain(sum.iter().map(String::as_str))
    }
}

/// An address with its probes.
#[derive(Debug, Default)]
pub(super) struct Address {
    /// The address.
    pub(super) ip: String,
    /// ICMP.
    pub(super) icmp: ProbeResult,
    /// HTTP to port 4240.
    pub(super) http: ProbeResult,
}

/// One probe.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum ProbeResult {
    /// Not made yet, or cut off.
    #[default]
    Unmade,
    /// Answered.
    Good,
    /// Failed: the error text, and its line.
    Bad(String, usize),
}

/// What `cilium clustermesh status` says.
#[derive(Debug, Default)]
pub(super) struct CiliumCliStatus {
    /// The agents' connections.
    pub(super) agents: Vec<Connections>,
    /// How many agents there are.
    pub(super) total: u64,
    /// Whether KVStoreMesh runs.
    pub(super) kvstoremesh: bool,
    /// KVStoreMesh's connections.
    pub(super) kvstoremesh_sees: Vec<Connections>,
    /// Whether the agents' part was there.
    pub(super) has_agents: bool,
    /// The line where it begins.
    pub(super) line: usize,
}

/// Connections to one remote cluster.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// The remote cluster.
    pub(super) name: String,
    /// How many have it configured.
    pub(super) configured: u64,
    /// How many are connected.
    pub(super) connected: u64,
    /// Of how many.
    pub(super) total: u64,
    /// What the others say.
    pub(super) errors: Vec<String>,
    /// Its line.
    pub(super) line: usize,
}

/// A pod as Cilium knows it.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// Namespace and name.
    pub(super) pod: String,
    /// Namespace.
    pub(super) namespace: String,
    /// Numeric identity.
    pub(super) identity: Option<u64>,
    /// The cluster in its labels.
    pub(super) cluster: Option<String>,
    /// Its line.
    pub(super) line: usize,
}

/// A Node object.
#[derive(Debug)]
pub(super) struct NodeAddresses {
    /// Its name.
    pub(super) name: String,
    /// Its InternalIPs.
    pub(super) ips: Vec<std::net::IpAddr>,
}

/// A TLS error.
#[derive(Debug)]
pub(super) struct TlsFault {
    /// The remote cluster, where `troubleshoot` or the log names it.
    pub(super) cluster: Option<String>,
    /// The line as printed.
    pub(super) said: String,
    /// Whether it is true now, as `troubleshoot` tells, or was at some time, as a log tells.
    pub(super) is_current: bool,
    /// Its line.
    pub(super) line: usize,
}
