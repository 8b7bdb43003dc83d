//! What is true of a mesh: typed and dumped facts brought together, defaults applied, versions
//! resolved. Every fact knows where it was said, so that any rule can point at it.
//!
//! A value that could not be used (an invalid CIDR, an unreadable certificate) is not here; the
//! finding about it was made when it was read, and [`Cluster::unusable`] names it so that it is not
//! reported as missing as well.

mod absent;
mod current;
mod due;
mod object_use;
pub(crate) mod rotation;
pub(crate) mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

pub(crate) use absent::{Absent, AbsentKind, FileEncryption};
pub(crate) use current::Current;
pub(crate) use due::{Due, DueRestart};
pub(crate) use object_use::ObjectUse;
pub(crate) use rotation::{Rotation, Stage};
pub(crate) use settings::{
    Affinity, AuthMode, EncryptionKind, ServiceType, TargetPort, Trust, TunnelKind,
};

use crate::pki::{Certificate, PrivateKey};
use crate::profile::platform::NodePortLimit;
use crate::profile::releases::ValuesField;
use crate::profile::{Cilium, Kkp, ResolvedVersion, Version};
use crate::source::Place;

/// A value and where it was said.
#[derive(Debug, Clone)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// Where it was said: in mesh.yaml or in a dump.
    pub place: Place,
}

impl<T> Fact<T> {
    /// A value said at a place.
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }

    /// The same place with another value.
    pub fn with<U>(&self, value: U) -> Fact<U> {
        Fact::new(value, self.place.clone())
    }
}

/// A whole mesh.
#[derive(Debug)]
pub struct Mesh {
    /// What the mesh is called.
    pub name: String,
    /// The top of mesh.yaml.
    pub place: Place,
    /// How clusters trust each other; the place of that field, or where it would be.
    pub trust: Fact<Trust>,
    /// `clustermesh.apiserver.tls.authMode`, where said.
    pub auth_mode: Option<Fact<AuthMode>>,
    /// `clustermesh.maxConnectedClusters`, where said: 255 or 511.
    pub max_connected_clusters: Option<Fact<u16>>,
    /// How packets travel, where said.
    pub tunnel: Option<Fact<TunnelKind>>,
    /// UDP port of the tunnel, where said.
    pub tunnel_port: Option<Fact<u16>>,
    /// How packets are encrypted, where said.
    pub encryption: Option<Fact<EncryptionKind>>,
    /// The mesh's CA.
    pub ca: MeshCa,
    /// How kubectl reaches the seed, where mesh.yaml says so.
    pub seed: Option<KubectlTarget>,
    /// The clusters, as they stand in mesh.yaml.
    pub clusters: Vec<Cluster>,
    /// Global services.
    pub services: Vec<GlobalService>,
    /// Accepted findings.
    pub ignores: Vec<Ignore>,
    /// Inputs that mesh.yaml names and that are not there, or are encrypted.
    pub absent: Vec<Absent>,
    /// What becomes of each dumped object, by cluster and position in its dumps.
    pub uses: Vec<Vec<ObjectUse>>,
}

impl Mesh {
    /// The highest cluster ID that the mesh allows: where mesh.yaml is silent, what all clusters have already.
    pub fn highest_id(&self) -> i64 {
        let typed = self.max_connected_clusters.as_ref();
        let kept = || match self.clusters.iter().all(Cluster::has_many_ids) {
            true if !self.clusters.is_empty() => 511,
            _ => 255,
        };
        typed.map_or_else(kept, |max| max.value.into())
    }

    /// The cluster whose CA everyone shares, if `ca.from` names one.
    pub fn ca_cluster(&self) -> Option<&Cluster> {
        self.ca.from.and_then(|index| self.clusters.get(index))
    }

    /// The global services by name and namespace: where there are several, each is in clusters of its own.
    pub fn twins(&self) -> BTreeMap<(&str, &str), Vec<&GlobalService>> {
        let mut twins: BTreeMap<_, Vec<&GlobalService>> = BTreeMap::new();
        for service in &self.services {
            twins.entry(service.key()).or_default().push(service);
        }
        twins
    }

    /// The clusters that do not leave.
    pub fn members(&self) -> impl Iterator<Item = &Cluster> + Clone {
        self.clusters.iter().filter(|cluster| !cluster.is_leaving())
    }

    /// Ordered pairs of different clusters, each once, in file order.
    pub fn pairs(&self) -> impl Iterator<Item = (&Cluster, &Cluster)> {
        let clusters = &self.clusters;
        clusters.iter().enumerate().flat_map(move |(at, first)| {
            clusters[at + 1..].iter().map(move |second| (first, second))
        })
    }
}

/// The kubeconfig and context by which kubectl reaches a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KubectlTarget {
    /// The file with its credentials, relative to mesh.yaml, where said.
    pub kubeconfig: Option<String>,
    /// The context; without one, the file's own.
    pub context: Option<String>,
}

/// The CA of the whole mesh: the `cilium-ca` of one cluster.
#[derive(Debug, Default)]
pub struct MeshCa {
    /// Index of the cluster named by `ca.from`; `None` where that names no cluster.
    pub from: Option<usize>,
    /// Where `ca.from` stands, if it does.
    pub from_place: Option<Place>,
    /// Certificate and key: during a rotation those that certificates are to be signed by now.
    pub pair: KeyPair,
    /// Certificate and key that are to take its place.
    pub next: KeyPair,
    /// How far that is.
    pub rotation: Option<Rotation>,
}

/// A certificate and its key, as far as they are known and readable.
#[derive(Debug, Clone, Default)]
pub struct KeyPair {
    /// The certificate.
    pub cert: Option<Fact<Certificate>>,
    /// The private key.
    pub key: Option<Fact<PrivateKey>>,
    /// The `ca.crt` beside them, where a Secret holds one.
    pub ca_cert: Option<Fact<Certificate>>,
    /// Whether a half was given that cannot be read: a finding says so, and it is not missing as well.
    pub is_unreadable: bool,
}

/// One cluster.
#[derive(Debug)]
pub struct Cluster {
    /// Position in mesh.yaml, from 0.
    pub index: usize,
    /// Its entry in mesh.yaml.
    pub place: Place,
    /// Name in the mesh; where none is given, `clusters[1]`.
    pub name: Fact<String>,
    /// ID in the mesh, as written.
    pub id: Option<Fact<i64>>,
    /// KKP version.
    pub kkp: Option<Fact<ResolvedVersion<Kkp>>>,
    /// Cilium version: the one wished for, else the dumped one.
    pub cilium: Option<Fact<ResolvedVersion<Cilium>>>,
    /// How kubectl reaches it.
    pub target: KubectlTarget,
    /// Name of KKP's Cluster object, where said.
    pub kkp_cluster: Option<String>,
    /// The same, or the name of the dumped one.
    pub kkp_id: Option<String>,
    /// Who reaches its node ports, where the dumped KKP Cluster limits that.
    pub node_port_sources: Option<Fact<NodePortSources>>,
    /// Whether the dumped KKP Cluster names a security group that KKP has not made, and so leaves alone.
    pub has_own_security_group: bool,
    /// Where mesh.yaml says that the cluster leaves the mesh, if it does.
    pub leaves: Option<Place>,
    /// Folder for dumps, as written in mesh.yaml, else `dumps/<name>`.
    pub dump_folder: String,
    /// Whether what is put there is read: not where mesh.yaml names files alone.
    pub reads_dump_folder: bool,
    /// What an earlier run of steps.sh has left to restart.
    pub due: Option<Due>,
    /// Pod ranges.
    pub pod_cidrs: Vec<Fact<IpNet>>,
    /// Service ranges.
    pub service_cidrs: Vec<Fact<IpNet>>,
    /// Node ranges.
    pub node_cidrs: Vec<Fact<IpNet>>,
    /// Addresses of the nodes: typed, else those that Cilium takes of the dumped Nodes.
    pub nodes: Vec<Fact<IpAddr>>,
    /// The dumped Nodes.
    pub dumped_nodes: Vec<DumpedNode>,
    /// KKP's proxy mode.
    pub proxy_mode: Option<Fact<String>>,
    /// KKP's cloud provider.
    pub provider: Option<Fact<String>>,
    /// KKP's CNI type, from the Cluster dump.
    pub cni: Option<Fact<String>>,
    /// Node mask sizes from the Cluster dump: IPv4, IPv6.
    pub node_masks: [Option<Fact<u8>>; 2],
    /// Node ports that the cluster's API server hands out; default 30000-32767.
    pub node_ports: std::ops::RangeInclusive<i64>,
    /// Whether KVStoreMesh is switched on or off in mesh.yaml.
    pub kvstoremesh: Option<Fact<bool>>,
    /// The cluster's own `cilium-ca`.
    pub ca: KeyPair,
    /// Its `clustermesh-apiserver-remote-cert`.
    pub remote: KeyPair,
    /// Its `clustermesh-apiserver-server-cert`, where dumped.
    pub server_cert: Option<Fact<Certificate>>,
    /// Image of the clustermesh-apiserver, full reference.
    pub apiserver_image: Option<Fact<String>>,
    /// Image of its etcd, full reference.
    pub etcd_image: Option<Fact<String>>,
    /// Where the other clusters reach it.
    pub apiserver: Apiserver,
    /// Its ApplicationInstallation as dumped.
    pub current: Option<Current>,
    /// Facts that were given but cannot be used, by their name in mesh.yaml.
    pub unusable: BTreeSet<&'static str>,
}

impl Cluster {
    /// Whether it runs with `maxConnectedClusters: 511`, as its current values say.
    fn has_many_ids(&self) -> bool {
        let value = self.current_value("clustermesh.maxConnectedClusters");
        let is_read = self
            .chart()
            .is_some_and(|chart| chart.max_connected_clusters);
        is_read && value.and_then(Value::as_u64) == Some(511)
    }

    /// The name, for messages and file names.
    pub fn name(&self) -> &str {
        &self.name.value
    }

    /// The chart profile, where the version is known.
    pub fn chart(&self) -> Option<&'static Cilium> {
        self.cilium.as_ref().map(|cilium| cilium.value.profile)
    }

    /// The Cilium version, where known.
    pub fn cilium_version(&self) -> Option<Version> {
        self.cilium.as_ref().map(|cilium| cilium.value.version)
    }

    /// Whether the cluster is on its way out of the mesh.
    pub fn is_leaving(&self) -> bool {
        self.leaves.is_some()
    }

    /// Whether a fact was given but is not usable, so that it is not missing.
    pub fn is_unusable(&self, fact: &str) -> bool {
        self.unusable.contains(fact)
    }

    /// Whether KVStoreMesh will run: mesh.yaml, else the current values, else the chart's default.
    pub fn runs_kvstoremesh(&self) -> bool {
        use crate::profile::charts::KvStoreMesh;
        let Some(chart) = self
            .chart()
            .filter(|chart| chart.kvstoremesh != KvStoreMesh::Absent)
        else {
            return false;
        };
        let written = self.kvstoremesh.as_ref().map(|fact| fact.value);
        written
            .or_else(|| {
                self.current_value("clustermesh.apiserver.kvstoremesh.enabled")?
                    .as_bool()
            })
            .unwrap_or(chart.kvstoremesh == KvStoreMesh::DefaultOn)
    }

    /// A value of the current Helm values, by dotted path.
    pub fn current_value(&self, path: &str) -> Option<&Value> {
        at_path(self.current.as_ref()?.values(), path)
    }

    /// Whether KKP keeps this cluster's values as one string: the dumped object says, else the version.
    pub fn form(&self) -> Option<ValuesField> {
        let dumped = self.current.as_ref().and_then(|current| current.form);
        dumped.or_else(|| self.kkp.as_ref().map(|kkp| kkp.value.profile.form))
    }
}

/// A value by dotted path of plain keys.
pub(crate) fn at_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// `nodePortsAllowedIPRanges` of a KKP Cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePortSources {
    /// The cloud under whose key of `spec.cloud` it stands.
    pub(crate) limit: &'static NodePortLimit,
    /// The ranges, and that of the older `nodePortsAllowedIPRange`.
    pub ranges: Vec<IpNet>,
}

/// A Node as it was dumped.
#[derive(Debug, Clone)]
pub struct DumpedNode {
    /// Its name.
    pub name: Fact<String>,
    /// The addresses at which Cilium reaches it; none where it has no usable one.
    pub addresses: Vec<Fact<IpAddr>>,
}

/// The chart's default node port of the Service `clustermesh-apiserver`.
pub(crate) const DEFAULT_NODE_PORT: u16 = 32379;

/// The clustermesh-apiserver of a cluster, as others see it.
#[derive(Debug, Default)]
pub struct Apiserver {
    /// Type of its Service.
    pub service_type: ServiceType,
    /// Where the type was said, if it was.
    pub service_type_place: Option<Place>,
    /// Whether mesh.yaml says the type.
    pub service_type_typed: bool,
    /// Addresses that peers dial.
    pub addresses: Vec<Fact<IpAddr>>,
    /// Name that peers dial where there are no addresses.
    pub host: Option<Fact<String>>,
    /// Port that peers dial.
    pub port: u16,
    /// Where the port was said, if it was.
    pub port_place: Option<Place>,
    /// Node port: mesh.yaml, else the current values, else the dumped Service.
    pub node_port: Option<Fact<i64>>,
    /// Whether mesh.yaml says the node port.
    pub node_port_typed: bool,
    /// The dumped Service, where its load balancer has no address yet.
    pub pending: Option<Place>,
    /// The Service as it was dumped.
    pub live: Option<LiveService>,
    /// `service.annotations`, where said.
    pub annotations: Option<Fact<BTreeMap<String, String>>>,
    /// `service.loadBalancerIP`, where said.
    pub load_balancer_ip: Option<Fact<String>>,
    /// `service.loadBalancerClass`, where said.
    pub load_balancer_class: Option<Fact<String>>,
    /// `service.loadBalancerSourceRanges`, where said.
    pub load_balancer_source_ranges: Option<Fact<Vec<String>>>,
}

/// The Service `clustermesh-apiserver` as it was dumped: what the API server compares a change with.
#[derive(Debug)]
pub struct LiveService {
    /// The object.
    pub place: Place,
    /// Its type.
    pub kind: ServiceType,
    /// `spec.loadBalancerClass`; empty where there is none.
    pub class: Fact<String>,
    /// `metadata.uid`.
    pub uid: Option<String>,
    /// `spec.clusterIPs`: where it is inside its own cluster.
    pub cluster_ips: Vec<Fact<IpAddr>>,
}

impl Apiserver {
    /// Whether a peer can dial it.
    pub fn is_known(&self) -> bool {
        !self.addresses.is_empty() || self.host.is_some()
    }

    /// The node port that a Service of type NodePort will have: the one said, else the chart's.
    pub fn served_node_port(&self) -> Option<i64> {
        let said = self.node_port.as_ref().map(|port| port.value);
        (self.service_type == ServiceType::NodePort)
            .then_some(said.unwrap_or(DEFAULT_NODE_PORT.into()))
    }

    /// Where the node port is said, or at least that there is one.
    pub fn node_port_place(&self) -> Option<&Place> {
        let port = self.node_port.as_ref().map(|port| &port.place);
        port.or(self.service_type_place.as_ref())
    }

    /// The DNS name that its server certificate must carry beside the chart's own ones, if any.
    pub fn extra_server_name(&self) -> Option<&Fact<String>> {
        if !self.addresses.is_empty() {
            return None; // peers dial `<name>.mesh.cilium.io` through a host alias
        }
        self.host.as_ref().filter(|host| !is_mesh_name(&host.value))
    }
}

/// Whether the server certificate's `*.mesh.cilium.io` covers a name: one label below, no more.
fn is_mesh_name(host: &str) -> bool {
    host.strip_suffix(".mesh.cilium.io")
        .is_some_and(|label| !label.is_empty() && !label.contains('.'))
}

/// A service that several clusters offer as one.
#[derive(Debug)]
pub struct GlobalService {
    /// Its entry in mesh.yaml.
    pub place: Place,
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Whether mesh.yaml says the namespace.
    pub namespace_said: bool,
    /// Preferred backends.
    pub affinity: Option<Affinity>,
    /// Whether backends are offered to the others.
    pub shared: Option<bool>,
    /// Type of the Service.
    pub kind: ServiceType,
    /// Ports.
    pub ports: Vec<ServicePort>,
    /// Pod labels.
    pub selector: BTreeMap<String, String>,
    /// Labels of the Service.
    pub labels: BTreeMap<String, String>,
    /// Names of the clusters that get it; `None` for all.
    pub clusters: Option<Vec<Fact<String>>>,
}

impl GlobalService {
    /// Its name and namespace: entries that have them in common describe one service, each in its clusters.
    pub fn key(&self) -> (&str, &str) {
        (&self.name, &self.namespace)
    }

    /// Whether a cluster gets it.
    pub fn is_in(&self, cluster: &str) -> bool {
        match &self.clusters {
            None => true,
            Some(names) => names.iter().any(|name| name.value == cluster),
        }
    }
}

/// One port of a global service.
#[derive(Debug, Clone)]
pub struct ServicePort {
    /// Its entry in mesh.yaml.
    pub place: Place,
    /// Name, where there are several.
    pub name: Option<String>,
    /// Port of the Service.
    pub port: i64,
    /// TCP, UDP or SCTP.
    pub protocol: String,
    /// Port of the pods.
    pub target_port: TargetPort,
}

/// An accepted finding.
#[derive(Debug)]
pub struct Ignore {
    /// Its entry in mesh.yaml.
    pub place: Place,
    /// Code.
    pub code: String,
    /// Route, as findings print it.
    pub route: String,
    /// Why.
    pub reason: String,
}
