//! What the firewall rules need to know of a mesh.

use crate::firewall::model::{Apiserver, Datapath, Encryption, Member, Tunnel};
use crate::model::{Cluster, EncryptionKind, Fact, Mesh, ServiceType, TunnelKind};

/// The clusters as the firewall sees them, sorted by ID.
pub fn members(mesh: &Mesh) -> Vec<Member> {
    let mut clusters: Vec<&Cluster> = mesh.clusters.iter().collect();
    clusters.sort_by_key(|cluster| (cluster.id.as_ref().map(|id| id.value), cluster.index));
    clusters.into_iter().map(member).collect()
}

/// How packets travel between the nodes.
pub fn datapath(mesh: &Mesh) -> Datapath {
    Datapath {
        tunnel: match mesh.tunnel {
            TunnelKind::Vxlan => Tunnel::Vxlan,
            TunnelKind::Geneve => Tunnel::Geneve,
            TunnelKind::Native => Tunnel::Native,
        },
        tunnel_port: mesh.tunnel_port,
        encryption: match mesh.encryption {
            EncryptionKind::None => Encryption::None,
            EncryptionKind::Wireguard => Encryption::Wireguard,
            EncryptionKind::Ipsec => Encryption::Ipsec,
        },
    }
}

fn member(cluster: &Cluster) -> Member {
    let apiserver = &cluster.apiserver;
    let known = apiserver.node_port.as_ref();
    let node_port = known.and_then(|port| u16::try_from(port.value).ok());
    let is_node_port = apiserver.service_type == ServiceType::NodePort;
    Member {
        name: cluster.name().to_owned(),
        node_cidrs: values(&cluster.node_cidrs),
        nodes: values(&cluster.nodes),
        pod_cidrs: values(&cluster.pod_cidrs),
        apiserver: Apiserver {
            addresses: values(&apiserver.addresses),
            host: apiserver.host.as_ref().map(|host| host.value.clone()),
            port: apiserver.port,
            node_port: node_port.or(is_node_port.then_some(apiserver.port)),
            load_balancer: apiserver.service_type == ServiceType::LoadBalancer,
        },
    }
}

fn values<T: Copy>(facts: &[Fact<T>]) -> Vec<T> {
    facts.iter().map(|fact| fact.value).collect()
}
