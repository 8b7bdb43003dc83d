//! The faults of each pair, with their causes.

use std::collections::HashSet;

use super::answer::quoted;
use super::asked::Asked;
use super::cause::{self, Cause};
use super::evidence::{AgentView, Evidence};
use super::expected::Expected;
use super::next;
use super::outputs::{Column, Connections, NodeHealth, PeerStatus, ProbeResult, TlsFault};
use crate::datapath::default_port;
use crate::model::{Cluster, EncryptionKind, TunnelKind};

/// One fault of a pair.
#[derive(Debug, Clone)]
pub(super) struct PairFault {
    /// The cause that it shows.
    pub(super) cause: Cause,
    /// The sentence.
    pub(super) why: String,
    /// What to run.
    pub(super) next: String,
    /// File and line.
    pub(super) seen: Vec<String>,
}

/// The pair that is asked about.
pub(super) struct About<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) from: &'a Cluster,
    pub(super) to: &'a Cluster,
    pub(super) expected: &'a Expected,
    /// The peers in the dumped values of `from`.
    pub(super) peers: Option<&'a HashSet<&'a str>>,
}

impl About<'_> {
    fn names(&self) -> (&str, &str) {
        (self.from.name(), self.to.name())
    }

    fn fault(&self, cause: Cause, why: String, seen: String) -> PairFault {
        let (asked, from, to) = (self.asked, self.from, self.to);
        let next = match cause {
            Cause::WrongCluster => next::name_and_id(to),
            Cause::Certificate => next::certificates(asked),
            Cause::Address => next::service(to),
            Cause::NotConnected => next::agent_status(from),
            Cause::MissingNode => next::nodes(to),
            Cause::FirewallHealth | Cause::Icmp | Cause::FirewallTunnel => {
                next::firewall(asked, to)
            }
            Cause::Identity | Cause::Unknown => next::save_health(asked, from),
        };
        PairFault {
            cause,
            why,
            next,
            seen: vec![seen],
        }
    }

    /// The addresses and the port that `from` dials.
    fn dialled(&self) -> String {
        let server = &self.to.apiserver;
        let port = server.served_node_port().unwrap_or(server.port.into());
        let nodes: Vec<String> = self
            .to
            .nodes
            .iter()
            .map(|node| node.value.to_string())
            .collect();
        let mut hosts: Vec<String> = server
            .addresses
            .iter()
            .map(|ip| ip.value.to_string())
            .collect();
        hosts.extend(server.host.iter().map(|host| host.value.clone()));
        if hosts.is_empty() && server.served_node_port().is_some() {
            hosts = nodes;
        }
        let hosts: Vec<String> = hosts
            .iter()
            .map(|host| format!("{host} port {port}/tcp"))
            .collect();
        if hosts.is_empty() {
            format!("port {port}/tcp of its clustermesh-apiserver")
        } else {
            hosts.join(", ")
        }
    }

    /// A fault of the connection, by its error text.
    fn connection(&self, said: &str, reads_itself: bool, seen: String) -> PairFault {
        let (from, to) = self.names();
        let mut cause = cause::of_connection(said);
        if cause == Cause::Address && !reads_itself {
            // The agent's own hop ends at its own cluster's KVStoreMesh.
            cause = Cause::NotConnected;
        }
        let said = quoted(said);
        let why = match cause {
            Cause::Address => format!("`{from}` gets no answer at {}: {said}", self.dialled()),
            Cause::Certificate => format!("{}: {said}", cause::tls_meaning(&said, from, to)),
            Cause::WrongCluster => format!("`{from}` refuses the ID of `{to}`: {said}"),
            _ if said.is_empty() => format!("`{from}` is not connected to `{to}`"),
            _ if cause::names_heartbeat(&said) => {
                format!("the heartbeat of `{to}` no longer reaches `{from}`: {said}")
            }
            _ => format!("`{from}` is not connected to `{to}`: {said}"),
        };
        self.fault(cause, why, seen)
    }

    /// What a remote cluster's entry says.
    pub(super) fn of_peer(
        &self,
        file: &str,
        peer: &PeerStatus,
        reads_itself: bool,
        faults: &mut Vec<PairFault>,
    ) {
        let (from, to) = self.names();
        let at = format!("{file}:{}", peer.line);
        let wanted = self
            .to
            .id
            .as_ref()
            .and_then(|id| u64::try_from(id.value).ok());
        if let (Some(id), Some(wanted)) = (peer.id.filter(|id| *id > 0), wanted)
            && id != wanted
        {
            let why = format!(
                "what answers `{from}` as `{to}` says that its ID is {id}; mesh.yaml says {wanted}"
            );
            faults.push(self.fault(Cause::WrongCluster, why, at.clone()));
        }
        if peer.is_ready {
            self.of_ready_peer(peer, &at, file, faults);
            return;
        }
        for (line, said) in &peer.said {
            // That etcd is connected is no error.
            if !said.starts_with("etcd: 1/1 connected") || cause::names_heartbeat(said) {
                faults.push(self.connection(said, reads_itself, format!("{file}:{line}")));
            }
        }
        let why = if peer.lacks_config {
            format!(
                "`{from}` has not got the configuration of `{to}` from its clustermesh-apiserver"
            )
        } else if peer.unsynced.is_empty() {
            format!("`{from}` does not count `{to}` as ready")
        } else {
            format!(
                "`{from}` has not synchronised all of `{to}`: {} missing",
                peer.unsynced.join(", ")
            )
        };
        faults.push(self.fault(Cause::NotConnected, why, at));
    }

    fn of_ready_peer(&self, peer: &PeerStatus, at: &str, file: &str, faults: &mut Vec<PairFault>) {
        let (from, to) = self.names();
        if let Some((line, said)) = peer
            .said
            .iter()
            .find(|(_, said)| cause::names_heartbeat(said))
        {
            faults.push(self.connection(said, true, format!("{file}:{line}")));
        }
        if !peer.unsynced.is_empty() {
            let why = format!(
                "`{from}` has not synchronised all of `{to}`: {} missing",
                peer.unsynced.join(", ")
            );
            faults.push(self.fault(Cause::NotConnected, why, at.to_owned()));
        }
        if let Some(nodes) = peer
            .nodes
            .filter(|nodes| *nodes < self.expected.count as u64)
        {
            let why = format!(
                "`{from}` knows {nodes} of the {} nodes of `{to}`",
                self.expected.count
            );
            faults.push(self.fault(Cause::MissingNode, why, at.to_owned()));
        }
    }

    /// A peer that is not in an agent's list.
    pub(super) fn not_configured(&self, seen: String) -> PairFault {
        let (from, to) = self.names();
        let why = format!("`{from}` has no peer `{to}` in its configuration");
        self.fault(Cause::NotConnected, why, seen)
    }

    /// What `cilium clustermesh status` counts.
    pub(super) fn of_counts(
        &self,
        file: &str,
        sees: &Connections,
        reads_itself: bool,
        faults: &mut Vec<PairFault>,
    ) {
        if sees.connected >= sees.total && sees.errors.is_empty() {
            return;
        }
        let (from, to) = self.names();
        let at = format!("{file}:{}", sees.line);
        for said in &sees.errors {
            faults.push(self.connection(said, reads_itself, at.clone()));
        }
        let why = format!(
            "of {} in `{from}`, {} have `{to}` configured and {} are connected to it",
            sees.total, sees.configured, sees.connected
        );
        faults.push(self.fault(Cause::NotConnected, why, at));
    }

    /// A TLS error about the pair.
    pub(super) fn of_tls(&self, file: &str, fault: &TlsFault) -> PairFault {
        let (from, to) = self.names();
        let said = quoted(&fault.said);
        let why = format!("{}: {said}", cause::tls_meaning(&said, from, to));
        self.fault(Cause::Certificate, why, format!("{file}:{}", fault.line))
    }

    /// What a node's probes say against it.
    pub(super) fn of_node(&self, view: &AgentView<'_>, node: &NodeHealth) -> Option<PairFault> {
        let agent = view.agent.name.as_deref().unwrap_or(self.from.name());
        let (agent, name) = (quoted(agent), quoted(&node.name));
        let at = |line: usize| format!("{}:{line}", view.file);
        if let Some((ip, said, line)) = bad(&node.host, false) {
            let why = format!(
                "{agent} gets no answer from {name} at {ip} port 4240/tcp (cilium-health): {said}; a firewall, or no agent there"
            );
            return Some(self.fault(Cause::FirewallHealth, why, at(line)));
        }
        if let Some((ip, said, line)) = bad(&node.host, true) {
            let why = format!("ICMP from {agent} to {name} at {ip} fails, HTTP does not: {said}");
            return Some(self.fault(Cause::Icmp, why, at(line)));
        }
        if is_short(&node.host) {
            let why = format!(
                "{agent} does not reach {name} at its own address; the table does not tell ICMP from 4240/tcp, `cilium-health status --verbose` does"
            );
            return Some(self.fault(Cause::Unknown, why, at(node.line)));
        }
        let endpoint = node.endpoint.as_ref()?;
        let failed = bad(endpoint, true).or_else(|| bad(endpoint, false));
        if failed.is_none() && !is_short(endpoint) {
            return None;
        }
        let line = failed.map_or(node.line, |(_, _, line)| line);
        let why = format!(
            "{agent} reaches {name}, but not its health endpoint: {} does not pass between the nodes, or the MTU is too large",
            self.tunnel()
        );
        Some(self.fault(Cause::FirewallTunnel, why, at(line)))
    }

    /// What carries packets between pods.
    fn tunnel(&self) -> String {
        let datapath = &self.asked.datapath;
        let port = datapath
            .tunnel_port
            .unwrap_or(default_port(datapath.tunnel));
        let tunnel = match datapath.tunnel {
            TunnelKind::Vxlan => format!("VXLAN, {port}/udp,"),
            TunnelKind::Geneve => format!("Geneve, {port}/udp,"),
            TunnelKind::Native => "routed traffic of pods".to_owned(),
        };
        match datapath.encryption {
            EncryptionKind::Wireguard => format!("WireGuard, 51871/udp, or {tunnel}"),
            EncryptionKind::Ipsec => format!("IPsec (ESP), or {tunnel}"),
            EncryptionKind::None => tunnel,
        }
    }

    /// Nodes that an agent does not know.
    pub(super) fn missing_nodes(&self, view: &AgentView<'_>) -> Option<PairFault> {
        let (from, to) = self.names();
        let listed = view.nodes.get(to).map(Vec::as_slice).unwrap_or_default();
        let at = format!("{}:{}", view.file, view.agent.line);
        if listed.is_empty() {
            let named: Vec<String> = self.expected.nodes.iter().take(5).map(node_name).collect();
            let which = if named.is_empty() {
                String::new()
            } else {
                format!(" ({})", named.join(", "))
            };
            let why = format!("`{from}` knows no node of `{to}`{which}");
            return Some(self.fault(Cause::MissingNode, why, at));
        }
        let ips: HashSet<std::net::IpAddr> = listed
            .iter()
            .flat_map(|node| node.host.ips())
            .filter_map(|ip| ip.parse().ok())
            .collect();
        let has_family = |v6: bool| ips.iter().any(|ip| ip.is_ipv6() == v6);
        let names: HashSet<&str> = listed
            .iter()
            .filter_map(|node| Some(node.name.split_once('/')?.1))
            .collect();
        let is_missing = |node: &&super::expected::ExpectedNode| {
            let by_name = node
                .name
                .as_deref()
                .is_some_and(|name| names.contains(name));
            let tells = node.name.is_some() || node.ips.iter().any(|ip| has_family(ip.is_ipv6()));
            !by_name && tells && !node.ips.iter().any(|ip| ips.contains(ip))
        };
        let missing: Vec<String> = self
            .expected
            .nodes
            .iter()
            .filter(is_missing)
            .map(node_name)
            .collect();
        let first = missing.first()?;
        let more = missing.len() - 1;
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let why = format!("`{from}` does not know the node {first}{rest} of `{to}`");
        Some(self.fault(Cause::MissingNode, why, at))
    }

    /// Nodes of a cluster that mesh.yaml does not know, where those of `to` should be.
    pub(super) fn strangers(&self, view: &AgentView<'_>) -> Option<PairFault> {
        let (from, to) = self.names();
        let is_in_its_place =
            |node: &&&NodeHealth| node.host.ips().any(|ip| self.expected.owns(ip));
        let node = view.strangers.iter().find(is_in_its_place)?;
        let why = format!(
            "`{from}` sees {}, of a cluster that mesh.yaml does not know, where the nodes of `{to}` should be",
            quoted(&node.name)
        );
        Some(self.fault(
            Cause::WrongCluster,
            why,
            format!("{}:{}", view.file, node.line),
        ))
    }

    /// Whether KVStoreMesh stands between the agents and the peer.
    pub(super) fn agents_dial(&self, evidence: &Evidence<'_>) -> bool {
        !evidence.shows_kvstoremesh() && !self.from.runs_kvstoremesh()
    }
}

fn node_name(node: &super::expected::ExpectedNode) -> String {
    let ip = node
        .ips
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    match &node.name {
        Some(name) => format!("{} ({ip})", quoted(name)),
        None => ip,
    }
}

/// The first failed probe of a kind: address, error text, line.
fn bad(column: &Column, icmp: bool) -> Option<(&str, String, usize)> {
    let Column::Each(addresses) = column else {
        return None;
    };
    addresses.iter().find_map(
        |address| match if icmp { &address.icmp } else { &address.http } {
            ProbeResult::Bad(said, line) => Some((address.ip.as_str(), quoted(said), *line)),
            _ => None,
        },
    )
}

/// Whether a cell counts an address that does not answer.
fn is_short(column: &Column) -> bool {
    matches!(column, Column::Sum { good, unknown, all, .. } if good + unknown < *all)
}
