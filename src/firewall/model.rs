//! What the rules are made from, and the rule itself.
//!
//! The input types belong to this module, so that the firewall knows nothing of mesh.yaml; the compiler fills them. Only
//! the settings that mesh.yaml and the rules have in common are the model's.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::cidr::Family;
use crate::model::{EncryptionKind, TunnelKind};

/// A cluster of the mesh, as far as a firewall has to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The cluster's name.
    pub name: String,
    /// Ranges in which all present and future nodes lie; may be empty.
    pub node_cidrs: Vec<IpNet>,
    /// Addresses of known nodes; those outside `node_cidrs` are added to the cluster's node set.
    pub nodes: Vec<IpAddr>,
    /// Ranges of the pods; only native routing needs them.
    pub pod_cidrs: Vec<IpNet>,
    /// Where peers find the clustermesh-apiserver.
    pub apiserver: ApiserverEndpoint,
    /// What KKP says of it.
    pub platform: IngressIsolation,
}

/// What some forms need to know of KKP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct IngressIsolation {
    /// The name of the KKP Cluster, where known.
    pub id: Option<String>,
    /// Whether KKP's policy on KubeVirt closes the way in, and not the way out.
    pub isolates_ingress: bool,
}

/// Where peers find a clustermesh-apiserver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiserverEndpoint {
    /// The addresses that peers dial, when they are known.
    pub addresses: Vec<IpAddr>,
    /// The host name that peers dial. Rules use it only where `addresses` is empty.
    pub host: Option<String>,
    /// The port that peers dial: 2379, or with a NodePort Service the node port.
    pub port: u16,
    /// The port opened on the nodes. Known for a NodePort Service, and for a load balancer once it was allocated.
    pub node_port: Option<u16>,
    /// Whether the Service is of type LoadBalancer.
    pub load_balancer: bool,
}

/// How packets travel between the clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Datapath {
    /// How pod traffic is carried.
    pub tunnel: TunnelKind,
    /// The tunnel's UDP port, where it is not the protocol's own.
    pub tunnel_port: Option<u16>,
    /// How it is encrypted.
    pub encryption: EncryptionKind,
    /// Whether no cluster checks the health of others: 4240 and ICMP are not needed then.
    pub no_health_checks: bool,
}

/// The protocols a rule can permit, in the order in which rules are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// UDP to a port.
    Udp,
    /// TCP to a port.
    Tcp,
    /// ICMP echo request and reply, IPv4 only.
    Icmp,
    /// ICMPv6 echo request and reply, IPv6 only.
    Icmpv6,
    /// IP protocol 50.
    Esp,
}

impl Protocol {
    /// Whether the protocol exists in an address family.
    pub fn exists_in(self, family: Family) -> bool {
        match self {
            Self::Icmp => family == Family::V4,
            Self::Icmpv6 => family == Family::V6,
            Self::Udp | Self::Tcp | Self::Esp => true,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Icmp => "icmp",
            Self::Icmpv6 => "icmpv6",
            Self::Esp => "esp",
        })
    }
}

/// One permission between the nodes of two clusters; serialized, an entry of `firewall/rules.json`.
///
/// It permits packets of one family only: from an IPv4 range to an IPv4 range, from an IPv6 range to an IPv6 range.
/// Unless `to_host` is set, both sides hold the same families.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FirewallRule {
    /// The cluster whose nodes send.
    pub from: String,
    /// The cluster that is reached.
    pub to: String,
    /// The nodes of `from`.
    #[serde(rename = "fromCIDRs")]
    pub from_cidrs: Vec<IpNet>,
    /// What they reach; empty where only a host name is known.
    #[serde(rename = "toCIDRs")]
    pub to_cidrs: Vec<IpNet>,
    /// The host name they reach, where no address is known.
    #[serde(rename = "toHost")]
    pub to_host: Option<String>,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port of UDP and TCP.
    pub port: Option<u16>,
    /// What it is for, in plain words.
    pub reason: String,
}
