//! What each Cilium chart does with the values that meshgen writes, as data.
//!
//! A row is good for every version from its own up to the next row's. A chart that does something new is one more row;
//! docs/architecture.md has what else a new chart needs. Sources: the charts themselves (`values.yaml`,
//! `templates/validate.yaml`, `templates/clustermesh-config/`, `templates/clustermesh-apiserver/`),
//! every stable release from 1.13.0 to 1.20.0 scanned for its borders and rendered with Helm.

use super::ReleaseLines;
use super::version::Version;
use crate::model::settings::AuthMode;

/// How a cluster that dials a peer trusts that peer's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedCa {
    /// The CA is in the values, at `clustermesh.apiserver.tls.ca`, and each peer needs an inline
    /// certificate (the chart's template fails without). 1.13.
    InValues,
    /// The CA is the Secret `cilium-ca`, applied before the patch; peers need no `tls`. From 1.14.
    AsSecret,
}

/// What the chart does with `clustermesh.apiserver.tls.ca`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValuesCa {
    /// Used.
    Works,
    /// Silently ignored.
    Ignored,
    /// Rendering fails.
    Refused,
}

/// Who honours `tls.caBundle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bundle {
    /// No component: the key does not exist.
    Absent,
    /// Agents and apiserver, but not the KVStoreMesh container.
    NotForKvStoreMesh,
    /// Everybody.
    Works,
}

/// KVStoreMesh in the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KvStoreMesh {
    /// Not in this chart.
    Absent,
    /// Off unless switched on.
    DefaultOff,
    /// On unless switched off.
    DefaultOn,
}

/// The keys from which the chart makes the routing mode and the tunnel's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelKeys {
    /// `tunnel` alone.
    Tunnel,
    /// `tunnel`, and over it `routingMode` and `tunnelProtocol`.
    Both,
    /// `routingMode` and `tunnelProtocol`; `tunnel` is ignored, or refused.
    RoutingMode,
}

/// The names of the annotations of a global service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceAnnotations {
    /// Makes the service global.
    pub global: &'static str,
    /// Whether the cluster's backends are offered to the others.
    pub shared: &'static str,
    /// Which backends are preferred.
    pub affinity: &'static str,
}

/// The first spelling, read by every version.
const IO_CILIUM: ServiceAnnotations = ServiceAnnotations {
    global: "io.cilium/global-service",
    shared: "io.cilium/shared-service",
    affinity: "io.cilium/service-affinity",
};

/// The spelling certain to be read from 1.14 on (cilium/cilium#23298).
const SERVICE_CILIUM_IO: ServiceAnnotations = ServiceAnnotations {
    global: "service.cilium.io/global",
    shared: "service.cilium.io/shared",
    affinity: "service.cilium.io/affinity",
};

/// One row: what a chart does.
#[derive(Debug, Clone, Copy)]
pub struct Cilium {
    /// The first version that this row is about.
    pub from: Version,
    /// How the shared-CA mode reaches the cluster.
    pub shared_ca: SharedCa,
    /// What the chart does with `clustermesh.apiserver.tls.ca`: refused from 1.15.8 and 1.16.2, ignored just before.
    pub values_ca: ValuesCa,
    /// Whether a peer's own `caCert` is read (from 1.14; together with `cert` and `key`).
    pub peer_ca_cert: bool,
    /// Who honours `tls.caBundle` (from 1.14); KVStoreMesh does from 1.18.5 (cilium/cilium#42726).
    pub bundle: Bundle,
    /// KVStoreMesh: there from 1.14, on by default from 1.16.
    pub kvstoremesh: KvStoreMesh,
    /// Whether `clustermesh.apiserver.tls.authMode` exists (from 1.14).
    pub auth_mode: bool,
    /// The mode where no value is set: legacy, from 1.19 migration, from 1.21 cluster (cilium/cilium#48170).
    pub default_auth_mode: AuthMode,
    /// Whether the mode `cluster-strict` exists (from 1.21, cilium/cilium#48361).
    pub strict_auth_mode: bool,
    /// Whether KVStoreMesh with inline peers makes agents dial their own clustermesh-apiserver by the peer's CA and
    /// key (1.14.0 alone).
    pub inline_dials_itself: bool,
    /// Whether the Service's port is a value, `clustermesh.apiserver.service.port` (from 1.21, cilium/cilium#47375).
    pub service_port: bool,
    /// Whether agents lose the remote backends of service ports that share a target port (from 1.18; the patch of
    /// 1.19 that cures it, cilium/cilium#45179, is not pinned down).
    pub shared_target_ports_fail: bool,
    /// Whether `clustermesh.maxConnectedClusters` exists (from 1.15).
    pub max_connected_clusters: bool,
    /// Whether the first apply hangs without `maxUnavailable: 1`: the certificates come from a hook
    /// that runs after Helm's wait, and the Deployment allows no unavailable pod. 1.16 to 1.18
    /// (kubermatic/kubermatic#15249, cilium/cilium#42045).
    pub waits_for_itself: bool,
    /// Whether the certificate Job is named by a hash of its spec, so that only a changed pod label
    /// re-issues the leaves after the CA has changed (from 1.19, cilium/cilium#42298).
    pub ca_label: bool,
    /// Dotted path of the list of extra DNS names of the server certificate, where the certificate
    /// Job reads one: from 1.13.2; moved in 1.20.
    pub extra_dns_names: Option<&'static str>,
    /// Whether `clustermesh.apiserver.etcd.image` exists; from 1.15 etcd is in the apiserver's image.
    pub etcd_image: bool,
    /// Whether `service.loadBalancerClass` is read (from 1.15.7; and 1.16).
    pub load_balancer_class: bool,
    /// Whether `service.loadBalancerSourceRanges` is read (from 1.17).
    pub load_balancer_source_ranges: bool,
    /// Whether `service.externalTrafficPolicy` is read (from 1.14).
    pub traffic_policies: bool,
    /// Whether the Service asks for session affinity where there are several replicas (from 1.16).
    pub session_affinity: bool,
    /// Whether the addresses of peers are host aliases of pods, which restart when they change: of clustermesh-apiserver
    /// where KVStoreMesh runs, else of the agents. To 1.20 (1.21.0-pre.0 has none).
    pub host_aliases: bool,
    /// Whether the chart orders peers by name (from 1.19, `clustermesh-clusters` in `templates/clustermesh-config/_helpers.tpl`); before, they are in
    /// the order of the list, and so are the host aliases: the same peers in another order restart the pods.
    pub orders_peers: bool,
    /// Whether the same node port in all clusters misleads kube-proxy replacement (to 1.18: reported on
    /// 1.13.0 in cilium/cilium#24692, cured by cilium/cilium#41337).
    pub same_node_port_clashes: bool,
    /// Whether network policies without a cluster select local pods only (default from 1.19).
    pub policies_local: bool,
    /// The spellings of a global service's annotations that are certain to be read, oldest first. Where a
    /// service has both, the later wins; with both it stays global while agents are up- or downgraded.
    pub service_annotations: &'static [ServiceAnnotations],
    /// Whether the agent's list of services shows backends that are not preferred (to 1.17, cilium/cilium#43681).
    pub lists_all_backends: bool,
    /// Whether the certificate Job demands a CA that outlives its leaves (1.20).
    pub ca_must_outlive: bool,
    /// Whether the remote certificate has its common name as a DNS name too: certgen to 0.1.9 makes it so, which the charts
    /// to 1.13.14, 1.14.9 and 1.15.3 run.
    pub remote_has_dns_name: bool,
    /// Days that leaves are valid: 1095, from 1.20 365.
    pub leaf_days: u32,
    /// Name of the agent's own command inside its pod.
    pub agent_command: &'static str,
    /// Whether `kubeProxyReplacement` must be `disabled`, `partial` or `strict`: 1.13.4 to the end of 1.13.
    pub kube_proxy_replacement_words: bool,
    /// Whether `clusterPoolIPv4PodCIDR` still exists (to 1.13); a chart without it fails on it.
    pub single_pod_cidr: bool,
    /// Whether agents take only the first address of each type and family of a Node (from 1.14; before it all).
    pub first_node_address_only: bool,
    /// What the chart makes the tunnel of: `tunnel` to 1.14, the newer keys from 1.14.
    pub tunnel_keys: TunnelKeys,
    /// Whether WireGuard peers are distinguished by the node's name alone, so that two clusters with equal
    /// names overwrite each other's (to 1.13.2, cilium/cilium#24785).
    pub wireguard_by_node_name: bool,
    /// Whether nodes of another network can be left out of `autoDirectNodeRoutes` by
    /// `directRoutingSkipUnreachable` (from 1.16, cilium/cilium#31124).
    pub skips_unreachable_nodes: bool,
    /// Whether a cluster tells its peers its configuration (from 1.14).
    pub serves_configuration: bool,
    /// Whether agents connect only to clusters that tell it (from 1.16, cilium/cilium#32505).
    pub demands_configuration: bool,
    /// Whether `values.schema.json` wants a number for the node mask (from 1.16).
    pub typed_mask: bool,
    /// Kept bytes of a Helm release without any peer, measured with `helm upgrade`, history 1.
    pub release_base: u64,
}

const V1_13_0: Cilium = Cilium {
    from: Version::new(1, 13, 0),
    shared_ca: SharedCa::InValues,
    values_ca: ValuesCa::Works,
    peer_ca_cert: false,
    bundle: Bundle::Absent,
    kvstoremesh: KvStoreMesh::Absent,
    auth_mode: false,
    default_auth_mode: AuthMode::Legacy,
    strict_auth_mode: false,
    inline_dials_itself: false,
    service_port: false,
    shared_target_ports_fail: false,
    max_connected_clusters: false,
    waits_for_itself: false,
    ca_label: false,
    extra_dns_names: None,
    etcd_image: true,
    load_balancer_class: false,
    load_balancer_source_ranges: false,
    traffic_policies: false,
    session_affinity: false,
    host_aliases: true,
    orders_peers: false,
    same_node_port_clashes: true,
    policies_local: false,
    service_annotations: &[IO_CILIUM],
    lists_all_backends: true,
    ca_must_outlive: false,
    remote_has_dns_name: true,
    leaf_days: 1095,
    agent_command: "cilium",
    kube_proxy_replacement_words: false,
    single_pod_cidr: true,
    first_node_address_only: false,
    tunnel_keys: TunnelKeys::Tunnel,
    wireguard_by_node_name: true,
    skips_unreachable_nodes: false,
    serves_configuration: false,
    demands_configuration: false,
    typed_mask: false,
    release_base: 235_664,
};

const V1_13_2: Cilium = Cilium {
    from: Version::new(1, 13, 2),
    extra_dns_names: Some("clustermesh.apiserver.tls.server.extraDnsNames"),
    ..V1_13_0
};

const V1_13_3: Cilium = Cilium {
    from: Version::new(1, 13, 3),
    wireguard_by_node_name: false,
    ..V1_13_2
};

const V1_13_4: Cilium = Cilium {
    from: Version::new(1, 13, 4),
    kube_proxy_replacement_words: true,
    ..V1_13_3
};

const V1_13_15: Cilium = Cilium {
    from: Version::new(1, 13, 15),
    remote_has_dns_name: false,
    ..V1_13_4
};

const V1_14_0: Cilium = Cilium {
    from: Version::new(1, 14, 0),
    shared_ca: SharedCa::AsSecret,
    peer_ca_cert: true,
    bundle: Bundle::NotForKvStoreMesh,
    kvstoremesh: KvStoreMesh::DefaultOff,
    auth_mode: true,
    inline_dials_itself: true,
    traffic_policies: true,
    service_annotations: &[IO_CILIUM, SERVICE_CILIUM_IO],
    kube_proxy_replacement_words: false,
    single_pod_cidr: false,
    first_node_address_only: true,
    tunnel_keys: TunnelKeys::Both,
    serves_configuration: true,
    release_base: 325_304,
    ..V1_13_4
};

const V1_14_1: Cilium = Cilium {
    from: Version::new(1, 14, 1),
    inline_dials_itself: false,
    ..V1_14_0
};

const V1_14_10: Cilium = Cilium {
    from: Version::new(1, 14, 10),
    remote_has_dns_name: false,
    ..V1_14_1
};

const V1_15_0: Cilium = Cilium {
    from: Version::new(1, 15, 0),
    values_ca: ValuesCa::Ignored,
    max_connected_clusters: true,
    etcd_image: false,
    agent_command: "cilium-dbg",
    tunnel_keys: TunnelKeys::RoutingMode,
    ..V1_14_1
};

const V1_15_4: Cilium = Cilium {
    from: Version::new(1, 15, 4),
    remote_has_dns_name: false,
    ..V1_15_0
};

const V1_15_7: Cilium = Cilium {
    from: Version::new(1, 15, 7),
    load_balancer_class: true,
    ..V1_15_4
};

const V1_15_8: Cilium = Cilium {
    from: Version::new(1, 15, 8),
    values_ca: ValuesCa::Refused,
    ..V1_15_7
};

const V1_16_0: Cilium = Cilium {
    from: Version::new(1, 16, 0),
    kvstoremesh: KvStoreMesh::DefaultOn,
    waits_for_itself: true,
    session_affinity: true,
    skips_unreachable_nodes: true,
    demands_configuration: true,
    typed_mask: true,
    release_base: 397_904,
    ..V1_15_7
};

const V1_16_2: Cilium = Cilium {
    from: Version::new(1, 16, 2),
    values_ca: ValuesCa::Refused,
    ..V1_16_0
};

const V1_17_0: Cilium = Cilium {
    from: Version::new(1, 17, 0),
    load_balancer_source_ranges: true,
    ..V1_16_2
};

const V1_18_0: Cilium = Cilium {
    from: Version::new(1, 18, 0),
    lists_all_backends: false,
    shared_target_ports_fail: true,
    ..V1_17_0
};

const V1_18_5: Cilium = Cilium {
    from: Version::new(1, 18, 5),
    bundle: Bundle::Works,
    ..V1_18_0
};

const V1_19_0: Cilium = Cilium {
    from: Version::new(1, 19, 0),
    waits_for_itself: false,
    orders_peers: true,
    ca_label: true,
    same_node_port_clashes: false,
    policies_local: true,
    default_auth_mode: AuthMode::Migration,
    release_base: 485_748,
    ..V1_18_5
};

const V1_20_0: Cilium = Cilium {
    from: Version::new(1, 20, 0),
    extra_dns_names: Some("clustermesh.apiserver.tls.auto.server.extraDnsNames"),
    ca_must_outlive: true,
    shared_target_ports_fail: false,
    leaf_days: 365,
    release_base: 402_300,
    ..V1_19_0
};

/// What the chart 1.21.0-pre.0 and upstream's changes since show; not released, so never judged.
const V1_21_0: Cilium = Cilium {
    from: Version::new(1, 21, 0),
    default_auth_mode: AuthMode::Cluster,
    strict_auth_mode: true,
    service_port: true,
    host_aliases: false,
    ..V1_20_0
};

/// All rows, oldest first.
pub(crate) static CHARTS: &[Cilium] = &[
    V1_13_0, V1_13_2, V1_13_3, V1_13_4, V1_13_15, V1_14_0, V1_14_1, V1_14_10, V1_15_0, V1_15_4,
    V1_15_7, V1_15_8, V1_16_0, V1_16_2, V1_17_0, V1_18_0, V1_18_5, V1_19_0, V1_20_0, V1_21_0,
];

/// The release lines. The charts after 1.18.12, 1.19.6 and 1.20.0 were not examined: their
/// names are in kubermatic/kubermatic#16534.
pub(super) static LINES: ReleaseLines = ReleaseLines {
    newest: &[
        Version::new(1, 13, 18),
        Version::new(1, 14, 19),
        Version::new(1, 15, 19),
        Version::new(1, 16, 19),
        Version::new(1, 17, 18),
        Version::new(1, 18, 14),
        Version::new(1, 19, 8),
        Version::new(1, 20, 2),
    ],
    looked_at: &[
        Version::new(1, 18, 12),
        Version::new(1, 19, 6),
        Version::new(1, 20, 0),
    ],
};

/// What the first chart of the next minor version changes for a mesh, in sentences.
pub(crate) fn changes_of_next_minor(version: Version, chart: &Cilium) -> Vec<&'static str> {
    let is_next = |row: &&Cilium| row.from.line() == (version.major, version.minor + 1);
    let Some(next) = CHARTS.iter().find(is_next) else {
        return Vec::new();
    };
    let changes = [
        (
            chart.shared_ca != next.shared_ca,
            "the CA of the mesh moves from the values into the Secret cilium-ca",
        ),
        (
            chart.values_ca != next.values_ca,
            "clustermesh.apiserver.tls.ca is no longer read",
        ),
        (
            chart.kvstoremesh != next.kvstoremesh,
            "the default of KVStoreMesh changes",
        ),
        (
            chart.waits_for_itself != next.waits_for_itself,
            "the first apply waits for its own certificates, or no longer does",
        ),
        (
            chart.policies_local != next.policies_local,
            "network policies without a cluster select pods of their own cluster only",
        ),
        (
            chart.demands_configuration != next.demands_configuration,
            "agents connect only to peers of Cilium 1.14 and newer",
        ),
        (
            chart.extra_dns_names != next.extra_dns_names,
            "extra names of the server certificate stand at another path",
        ),
        (
            chart.leaf_days != next.leaf_days,
            "certificates of clusters last another time",
        ),
        (
            chart.ca_must_outlive != next.ca_must_outlive,
            "the CA must outlive the certificates that it signs",
        ),
    ];
    let real = changes.into_iter().filter(|(is_changed, _)| *is_changed);
    real.map(|(_, text)| text).collect()
}
