//! Reads lines of text, one after the other: what several commands printed into one file is divided by their heads.

use super::super::outputs::{
    Agent, CiliumCliStatus, Column, HealthProbes, NodeAddresses, NodeHealth, PeerStatuses,
    ProbeResult, SavedOutput, TlsFault,
};
use super::{cli, health_text, peers_text, tables, tls};

/// Lines of `cilium status` that stand behind its remote clusters.
const LATER: [&str; 10] = [
    "IPv4 BIG TCP:",
    "IPv6 BIG TCP:",
    "BandwidthManager:",
    "Masquerading:",
    "Modules Health:",
    "Controller Status:",
    "Proxy Status:",
    "Hubble:",
    "Encryption:",
    "Cluster health:",
];

/// The state between two lines.
#[derive(Default)]
pub(in super::super) struct Scan {
    outputs: Vec<SavedOutput>,
    agent: Option<Agent>,
    kvstoremesh: Option<PeerStatuses>,
    cli: Option<CiliumCliStatus>,
    nodes: Vec<NodeAddresses>,
    node_column: Option<usize>,
    tls: Vec<TlsFault>,
    troubleshoot: Option<String>,
    /// Whether the last address was a health endpoint's.
    in_endpoint: bool,
    /// Whether the last line meant nothing.
    is_lost: bool,
}

impl Scan {
    /// Takes a line.
    pub(in super::super) fn line(&mut self, raw: &str, number: usize) {
        let text = raw.trim();
        if text.is_empty() {
            self.node_column = None;
            return;
        }
        self.is_lost = !(self.head(raw, text, number)
            || self.about_health(text, number)
            || self.about_peers(text, number)
            || self.about_other(raw, text, number));
    }

    /// All that was read. `ends_inside_line`: the text does not end with a line's end.
    pub(in super::super) fn finish(mut self, ends_inside_line: bool) -> Vec<SavedOutput> {
        let is_torn = ends_inside_line && self.is_lost;
        self.end_agent(is_torn);
        self.end_kvstoremesh();
        self.outputs.extend(self.cli.map(SavedOutput::Cli));
        if !self.nodes.is_empty() {
            self.outputs.push(SavedOutput::Nodes(self.nodes));
        }
        if !self.tls.is_empty() {
            self.outputs.push(SavedOutput::Tls(self.tls));
        }
        self.outputs
    }

    /// A line that begins something.
    fn head(&mut self, raw: &str, text: &str, number: usize) -> bool {
        if let Some(agent) = self.agent.as_mut().filter(|agent| agent.is_status) {
            agent.goes_on |= LATER.iter().any(|begin| text.starts_with(begin));
        }
        if let Some(rest) = text.strip_prefix("Cluster health:") {
            self.begin_health(health_text::headline(rest), number);
        } else if text.starts_with("Probe time:") {
            self.begin_health(HealthProbes::default(), number);
        } else if text == "Nodes:" {
            let is_begun = self.health().is_some_and(|health| health.nodes.is_empty());
            if !is_begun {
                self.begin_health(HealthProbes::default(), number);
            }
        } else if text.starts_with("KVStore:") {
            self.begin_status(number);
            // Until it is seen to go on; what begins elsewhere may be a part that was taken out.
            self.agent.get_or_insert_default().is_cut = true;
        } else if let Some(rest) = text.strip_prefix("KubeProxyReplacement:") {
            let agent = self.status(number, |agent| agent.ip.is_none() && agent.peers.is_none());
            agent.ip = rest
                .split([' ', '[', ']', ','])
                .find(|word| word.parse::<std::net::IpAddr>().is_ok())
                .map(str::to_owned);
        } else if let Some(rest) = text.strip_prefix("ClusterMesh:") {
            let agent = self.status(number, |agent| agent.peers.is_none());
            agent.peers = Some(peers_text::headline(rest, number));
        } else if let Some(rest) = text
            .strip_prefix("KVStoreMesh:")
            .filter(|rest| rest.contains("ready"))
        {
            self.end_agent(false);
            self.end_kvstoremesh();
            self.kvstoremesh = Some(peers_text::headline(rest, number));
        } else if let Some(cluster) = tls::troubleshoot_head(text) {
            self.troubleshoot = Some(cluster.to_owned());
        } else if tables::is_service_head(text) {
            self.outputs.push(SavedOutput::Services);
        } else if let Some(column) = tables::node_head(raw) {
            self.node_column = Some(column);
        } else {
            return text.starts_with("Name") && text.ends_with("Endpoints");
        }
        true
    }

    fn begin_status(&mut self, number: usize) {
        self.end_agent(false);
        self.end_kvstoremesh();
        self.agent = Some(Agent {
            is_status: true,
            line: number,
            ..Agent::default()
        });
    }

    /// The status that is being read, if a line still fits it; else a new one.
    fn status(&mut self, number: usize, fits: impl Fn(&Agent) -> bool) -> &mut Agent {
        let goes_on = self
            .agent
            .as_ref()
            .is_some_and(|agent| agent.is_status && fits(agent));
        if !goes_on {
            self.begin_status(number);
        }
        self.agent.get_or_insert_default()
    }

    /// Health of the agent whose status is being read, or of another one.
    fn begin_health(&mut self, health: HealthProbes, number: usize) {
        let is_status = self
            .agent
            .as_ref()
            .is_some_and(|agent| agent.is_status && agent.health.is_none());
        if !is_status {
            self.end_agent(false);
        }
        self.end_kvstoremesh();
        let agent = self.agent.get_or_insert_with(|| Agent {
            line: number,
            ..Agent::default()
        });
        agent.health = Some(health);
    }

    fn health(&mut self) -> Option<&mut HealthProbes> {
        self.agent.as_mut()?.health.as_mut()
    }

    fn about_health(&mut self, text: &str, number: usize) -> bool {
        if let Some((is_endpoint, address)) = health_text::address(text) {
            self.in_endpoint = is_endpoint.unwrap_or(self.in_endpoint);
            if let Some(Column::Each(addresses)) = self.column() {
                addresses.push(address);
            }
            return true;
        }
        if let Some((is_icmp, probe)) = health_text::probe(text, number) {
            self.add_probe(is_icmp, probe);
            return true;
        }
        let in_health = self.health().is_some();
        let node =
            health_text::node(text, number).filter(|node| in_health || node.name.contains('/'));
        if let Some(node) = node.or_else(|| health_text::row(text, number)) {
            self.add_node(node, number);
            return true;
        }
        match self.health() {
            Some(health) if text == "..." => health.is_cut = true,
            _ => return false,
        }
        true
    }

    /// Where addresses of the last node go.
    fn column(&mut self) -> Option<&mut Column> {
        let in_endpoint = self.in_endpoint;
        let node = self.health()?.nodes.last_mut()?;
        if in_endpoint {
            Some(node.endpoint.get_or_insert_default())
        } else {
            Some(&mut node.host)
        }
    }

    fn add_probe(&mut self, is_icmp: bool, probe: ProbeResult) {
        let Some(Column::Each(addresses)) = self.column() else {
            return;
        };
        if let Some(address) = addresses.last_mut() {
            let place = if is_icmp {
                &mut address.icmp
            } else {
                &mut address.http
            };
            *place = probe;
        }
    }

    fn add_node(&mut self, node: NodeHealth, number: usize) {
        let has_local = |health: &&mut HealthProbes| health.nodes.iter().any(|node| node.is_local);
        let is_next = node.is_local && self.health().as_ref().is_some_and(has_local);
        if is_next || self.health().is_none() {
            self.end_agent(false);
            self.begin_health(HealthProbes::default(), number);
        }
        self.in_endpoint = false;
        if let Some(health) = self.health() {
            health.nodes.push(node);
        }
    }

    fn about_peers(&mut self, text: &str, number: usize) -> bool {
        let status = self.agent.as_mut().and_then(|agent| agent.peers.as_mut());
        let Some(peers) = self.kvstoremesh.as_mut().or(status) else {
            return false;
        };
        if let Some(peer) = peers_text::peer(text, number) {
            peers.listed.push(peer);
            return true;
        }
        if let Some((name, message)) = peers_text::controller(text) {
            let peer = peers.listed.iter_mut().find(|peer| peer.name == name);
            if let Some(peer) = peer {
                peer.said.push((number, message.to_owned()));
            }
            return true;
        }
        let last = peers.listed.last_mut();
        last.is_some_and(|peer| peers_text::detail(peer, text, number))
    }

    fn about_other(&mut self, raw: &str, text: &str, number: usize) -> bool {
        if let Some(node) = self
            .node_column
            .and_then(|column| tables::node_row(raw, column))
        {
            self.nodes.push(node);
            return true;
        }
        let bare = text.trim_start_matches(['❌', '⚠', '\u{fe0f}', ' ']);
        if cli::line(&mut self.cli, text, number)
            || self.cli.as_mut().is_some_and(|cli| cli::error(cli, bare))
        {
            return true;
        }
        let part = self.troubleshoot.as_deref();
        let fault = part
            .and_then(|cluster| tls::troubleshoot(cluster, text, number))
            .or_else(|| tls::log(text, number));
        let found = fault.is_some();
        self.tls.extend(fault);
        found
    }

    fn end_agent(&mut self, is_torn: bool) {
        let Some(mut agent) = self.agent.take() else {
            return;
        };
        agent.is_cut &= !agent.goes_on;
        if let Some(health) = &mut agent.health {
            let own = health.nodes.iter().find(|node| node.is_local);
            agent.name = own.map(|node| node.name.clone());
            let own_ip = own.and_then(|node| node.host.ips().next());
            agent.ip = own_ip.map(str::to_owned).or(agent.ip.take());
            // `cilium status --verbose` lists all nodes too.
            let lists_all = !agent.is_status || agent.name.is_some();
            health_text::close(health, lists_all, is_torn);
        }
        self.outputs.push(SavedOutput::Agent(agent));
    }

    fn end_kvstoremesh(&mut self) {
        self.outputs
            .extend(self.kvstoremesh.take().map(SavedOutput::KvStoreMesh));
    }
}
