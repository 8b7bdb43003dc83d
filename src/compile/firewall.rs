//! What the firewall rules need to know of a mesh.

use crate::datapath::MeshDatapath;
use crate::firewall::model::{ApiserverEndpoint, Datapath, IngressIsolation, Member};
use crate::firewall::rules::Reachability;
use crate::firewall::unknown_ends::{Destination, PodTraffic, UnknownEnd};
use crate::model::{Cluster, Fact, Mesh, ServiceType};
use crate::profile::platform::{Closed, KUBEVIRT, platform_firewall};

/// The clusters as the firewall sees them, sorted by ID.
pub(crate) fn members(mesh: &Mesh) -> Vec<Member> {
    let mut clusters: Vec<&Cluster> = mesh.members().collect();
    clusters.sort_by_key(|cluster| (cluster.id.as_ref().map(|id| id.value), cluster.index));
    clusters.into_iter().map(member).collect()
}

/// How packets travel between the nodes.
pub(crate) fn datapath(mesh: &Mesh) -> Datapath {
    let no_health_checks = mesh.members().all(checks_no_health);
    let mesh = MeshDatapath::of(mesh);
    Datapath {
        no_health_checks,
        tunnel: mesh.tunnel,
        tunnel_port: mesh.tunnel_port,
        encryption: mesh.encryption,
    }
}

/// Whether the values say that the agents do not check the health of other nodes.
fn checks_no_health(cluster: &Cluster) -> bool {
    let said = cluster.current_value("healthChecking");
    said.is_some_and(|value| value == &serde_json::Value::Bool(false))
}

/// What the rules leave out, in sentences: because a fact is not known, or because no rule can say it.
pub(crate) fn gaps(mesh: &Mesh) -> Vec<String> {
    let members = members(mesh);
    let plan = Reachability::new(&members, datapath(mesh));
    let (mut without_nodes, mut without_address, mut apart) = (Vec::new(), Vec::new(), Vec::new());
    for unknown in plan.unknown() {
        match unknown {
            UnknownEnd::Nodes { cluster } => without_nodes.push(cluster),
            UnknownEnd::Apiserver { cluster } => without_address.push(cluster),
            UnknownEnd::Family { from, to, what } => apart.push(no_family(&from, &to, what)),
        }
    }
    let nodes = (!without_nodes.is_empty()).then(|| no_nodes(&without_nodes));
    let address = (!without_address.is_empty()).then(|| {
        let names = few(&without_address);
        format!("no rule leads to the clustermesh-apiserver of {names}: no address is known")
    });
    let sentences = nodes.into_iter().chain(address).chain(apart);
    sentences
        .chain(plan.pod_traffic().map(pod_traffic))
        .collect()
}

fn no_nodes(names: &[String]) -> String {
    let asked: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    format!(
        "no rule is from or to the nodes of {}: give `nodeCIDRs` or `nodes`, or dump the nodes: `sh dump.sh {}` in the output folder of `meshgen render`",
        few(names),
        asked.join(" ")
    )
}

fn no_family(from: &str, to: &str, what: Destination) -> String {
    let what = match what {
        Destination::Nodes => "nodes",
        Destination::Apiserver => "clustermesh-apiserver",
    };
    format!(
        "no rule is from the nodes of {from} to the {what} of {to}: they have no address family in common"
    )
}

/// How many names of a list that may be long are shown.
const SHOWN: usize = 10;

/// The first names of such a list.
fn few(names: &[String]) -> String {
    match names.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{} and {more} others", names[..SHOWN].join(", ")),
        _ => names.join(", "),
    }
}

/// Native routing: pods are seen by every firewall on the way.
fn pod_traffic(pods: PodTraffic) -> String {
    let ranges = |nets: &[ipnet::IpNet]| {
        let nets: Vec<String> = nets.iter().map(ToString::to_string).collect();
        nets.join(" ")
    };
    format!(
        "with native routing pods are not tunnelled: permit every protocol from {} ({}) to {} ({})",
        ranges(&pods.from_cidrs),
        pods.from,
        ranges(&pods.to_cidrs),
        pods.to
    )
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
        apiserver: ApiserverEndpoint {
            addresses: values(&apiserver.addresses),
            host: apiserver.host.as_ref().map(|host| host.value.clone()),
            port: apiserver.port,
            node_port: node_port.or(is_node_port.then_some(apiserver.port)),
            load_balancer: apiserver.service_type == ServiceType::LoadBalancer,
        },
        platform: IngressIsolation {
            id: cluster.kkp_id.clone(),
            isolates_ingress: isolates_ingress(cluster),
        },
    }
}

/// Whether KKP's policy on KubeVirt closes the way in: asked of any cluster, since the form may be.
fn isolates_ingress(cluster: &Cluster) -> bool {
    let kkp = cluster.kkp.as_ref().map(|kkp| kkp.value.version);
    platform_firewall(KUBEVIRT, kkp).is_some_and(|row| row.closed == Closed::WayIn)
}

fn values<T: Copy>(facts: &[Fact<T>]) -> Vec<T> {
    facts.iter().map(|fact| fact.value).collect()
}
