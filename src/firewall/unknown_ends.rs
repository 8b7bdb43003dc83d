//! What the rules leave out: because a fact is missing, or because no rule can say it.

use ipnet::IpNet;

use super::cidr::{Ranges, aggregate};
use super::rules::{Reachability, address_set, same_families};
use crate::model::TunnelKind;

/// A fact without which rules had to be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UnknownEnd {
    /// Neither node ranges nor node addresses: the cluster's nodes are in no rule.
    Nodes {
        /// The cluster.
        cluster: String,
    },
    /// No address, host name or node port of the clustermesh-apiserver: no rule leads to it.
    Apiserver {
        /// The cluster.
        cluster: String,
    },
    /// The nodes of one cluster and what they must reach have no address family in common.
    Family {
        /// The cluster whose nodes send.
        from: String,
        /// The cluster that they cannot reach.
        to: String,
        /// What they cannot reach there.
        what: Destination,
    },
}

/// What a rule leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The nodes.
    Nodes,
    /// The addresses at which the clustermesh-apiserver is dialled.
    Apiserver,
}

/// Pod traffic of native routing, in one direction.
///
/// It is of every protocol, which the fixed protocols of a rule cannot say. So it is no rule; the caller tells the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PodTraffic {
    /// The cluster whose pods send.
    pub from: String,
    /// The cluster whose pods are reached.
    pub to: String,
    /// The pods of `from`, those families only that `to` has too.
    pub from_cidrs: Vec<IpNet>,
    /// The pods of `to`, likewise.
    pub to_cidrs: Vec<IpNet>,
}

impl Reachability<'_> {
    /// What is not known and had to be left out: first of clusters, then of pairs. A cluster alone needs no rule.
    pub(crate) fn unknown(&self) -> Vec<UnknownEnd> {
        if self.members.len() < 2 {
            return Vec::new();
        }
        let clusters = (0..self.members.len()).flat_map(|member| self.unknown_of(member));
        let apiservers: Vec<Ranges> = self
            .members
            .iter()
            .map(|member| Ranges::new(&address_set(&member.apiserver.addresses)))
            .collect();
        let pairs = self
            .pairs()
            .flat_map(|(from, to)| self.unreachable(from, to, &apiservers[to]));
        clusters.chain(pairs).collect()
    }

    /// The pod traffic of native routing; nothing with a tunnel, which carries it between nodes.
    pub(crate) fn pod_traffic(&self) -> impl Iterator<Item = PodTraffic> + '_ {
        let native = self.datapath.tunnel == TunnelKind::Native;
        let members = self.members.iter().filter(|_| native);
        let pods: Vec<Ranges> = members
            .map(|member| Ranges::new(&aggregate(&member.pod_cidrs)))
            .collect();
        let pairs = self.pairs().filter(move |_| native);
        pairs.filter_map(move |(from, to)| self.pods_between((from, &pods[from]), (to, &pods[to])))
    }

    fn unknown_of(&self, member: usize) -> impl Iterator<Item = UnknownEnd> + use<> {
        let apiserver = &self.members[member].apiserver;
        let cluster = || self.name(member);
        let no_nodes = self.nodes[member].all().is_empty();
        let dialled = !apiserver.addresses.is_empty() || apiserver.host.is_some();
        let on_nodes = apiserver.node_port.is_some() && !apiserver.load_balancer && !no_nodes;
        let nodes = no_nodes.then(|| UnknownEnd::Nodes { cluster: cluster() });
        let address = (!dialled && !on_nodes).then(|| UnknownEnd::Apiserver { cluster: cluster() });
        nodes.into_iter().chain(address)
    }

    fn unreachable(&self, from: usize, to: usize, apiserver: &Ranges) -> Vec<UnknownEnd> {
        let whats = [
            (Destination::Nodes, &self.nodes[to]),
            (Destination::Apiserver, apiserver),
        ];
        let apart = whats
            .into_iter()
            .filter(|(_, nets)| strangers(&self.nodes[from], nets));
        let unknown = |(what, _)| UnknownEnd::Family {
            from: self.name(from),
            to: self.name(to),
            what,
        };
        apart.map(unknown).collect()
    }

    fn pods_between(
        &self,
        (from, from_pods): (usize, &Ranges),
        (to, to_pods): (usize, &Ranges),
    ) -> Option<PodTraffic> {
        let (from_cidrs, to_cidrs) = same_families(from_pods, to_pods);
        let known = !from_cidrs.is_empty();
        known.then(|| PodTraffic {
            from: self.name(from),
            to: self.name(to),
            from_cidrs,
            to_cidrs,
        })
    }
}

/// Whether both are known and have no family in common.
fn strangers(from: &Ranges, to: &Ranges) -> bool {
    let (from, to) = (from.families(), to.families());
    !from.is_empty() && !to.is_empty() && from.and(to).is_empty()
}
