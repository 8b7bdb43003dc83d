//! mesh.yaml as it is written: plain types that serde reads and schemars turns into the schema.
//!
//! Nothing here is checked beyond its type; `resolve` turns it into what is true. Fields are
//! optional so that a file with faults can still be read as far as it goes; what must be there
//! is marked `required` for the schema, which [`super::structure`] checks. Numbers are wide, so
//! that an ID of 70000 is a rule's finding, with a sentence, and not a type error.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::model::{
    Affinity, AuthMode, EncryptionKind, ServiceType, TargetPort, Trust, TunnelKind,
};

/// One file that describes a whole Cilium Cluster Mesh.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(
    deny_unknown_fields,
    title = "meshgen mesh file",
    extend("required" = ["apiVersion", "clusters"])
)]
pub struct MeshFile {
    /// The form of this file: always `meshgen/v1`.
    pub api_version: Option<ApiVersion>,
    /// What this mesh is called. Default: `mesh`.
    pub mesh: Option<String>,
    /// Any field of a cluster but `name`, `id`, `kkpCluster` and `leaves`, said once for all clusters.
    pub defaults: Option<ClusterFields>,
    /// How clusters come to trust each other. Default: `sharedCA`.
    pub trust: Option<Trust>,
    /// The certificate authority of the whole mesh.
    pub ca: Option<MeshCaFields>,
    /// How a cluster's client certificate is matched to a user of the other cluster. Default: the chart's.
    pub auth_mode: Option<AuthMode>,
    /// How many clusters the mesh can have: 255 or 511. The same everywhere, never changed later. Default: 255.
    pub max_connected_clusters: Option<i64>,
    /// How packets travel between nodes. For checks and firewall rules; not rendered. Default: `vxlan`.
    pub tunnel: Option<TunnelKind>,
    /// The UDP port of the tunnel. For checks and firewall rules; not rendered. Default: 8472, with geneve 6081.
    pub tunnel_port: Option<i64>,
    /// How packets between nodes are encrypted. For checks and firewall rules; not rendered. Default: `none`.
    pub encryption: Option<EncryptionKind>,
    /// Services that several clusters offer as one.
    pub services: Option<Vec<ServiceFields>>,
    /// How kubectl reaches the seed, where KKP keeps its Cluster objects; for printed commands and scripts.
    pub seed: Option<SeedFields>,
    /// Findings that are known and accepted, each at one place and with a reason.
    pub ignore: Option<Vec<IgnoreFields>>,
    /// The clusters of the mesh. One alone is a valid mesh.
    #[schemars(extend("minItems" = 1))]
    pub clusters: Option<Vec<ClusterEntry>>,
}

/// The one form of mesh.yaml that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum ApiVersion {
    // Without a doc comment: one makes `oneOf` of `enum` in the schema.
    #[serde(rename = "meshgen/v1")]
    V1,
}

/// How kubectl reaches the seed of the clusters.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields)]
pub struct SeedFields {
    /// kubectl context of the seed.
    pub context: Option<String>,
    /// Kubeconfig of the seed, a file relative to mesh.yaml. It is named in commands and never opened.
    pub kubeconfig: Option<String>,
}

/// The certificate authority of the mesh.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields)]
pub struct MeshCaFields {
    /// The cluster whose `cilium-ca` everyone shares. Default: the first cluster.
    pub from: Option<String>,
    /// Its certificate, where it is not in that cluster's dumps.
    pub cert: Option<SecretValue>,
    /// Its key, where it is not in that cluster's dumps.
    pub key: Option<SecretValue>,
    /// The CA that takes its place, in stages; with `trust: sharedCA`.
    pub next: Option<KeyPairFields>,
}

/// A certificate and its key.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields)]
pub struct KeyPairFields {
    /// The certificate.
    pub cert: Option<SecretValue>,
    /// The private key.
    pub key: Option<SecretValue>,
}

/// A secret: the value itself (base64 of PEM, or PEM), a file, or an environment variable.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SecretValue {
    /// Base64 of PEM, as a Kubernetes Secret holds it, or PEM.
    Text(String),
    /// A file that holds either form.
    File(SecretFile),
    /// An environment variable that holds either form.
    Env(SecretEnv),
}

/// A secret in a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SecretFile {
    /// Path of the file, relative to mesh.yaml.
    pub file: String,
}

/// A secret in the environment.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SecretEnv {
    /// Name of the environment variable.
    pub env: String,
}

/// Never shows a secret that was typed in place.
impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(<hidden>)"),
            Self::File(file) => file.fmt(f),
            Self::Env(env) => env.fmt(f),
        }
    }
}

macro_rules! cluster_fields {
    ($(#[$meta:meta])* $name:ident { $($(#[$own_meta:meta])* $own:ident: $own_type:ty,)* }) => {
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", default)]
        #[schemars(deny_unknown_fields)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$own_meta])* pub $own: $own_type,)*
            /// KKP version of the seed, quoted: `"2.30.5"`. A minor alone is enough except for 2.25.
            pub kkp: Option<String>,
            /// Cilium version of the cluster, such as `1.18.10`.
            pub cilium: Option<String>,
            /// kubectl context in printed commands. Default: the cluster's name; with `kubeconfig` that file's own.
            pub context: Option<String>,
            /// Kubeconfig of the cluster, a file relative to mesh.yaml. It is named in commands and never opened.
            pub kubeconfig: Option<String>,
            /// Ranges of pod addresses, as in KKP's `spec.clusterNetwork.pods.cidrBlocks`.
            #[serde(rename = "podCIDRs")]
            pub pod_cidrs: Option<Vec<String>>,
            /// Ranges of service addresses.
            #[serde(rename = "serviceCIDRs")]
            pub service_cidrs: Option<Vec<String>>,
            /// Ranges in which the nodes' InternalIPs lie.
            #[serde(rename = "nodeCIDRs")]
            pub node_cidrs: Option<Vec<String>>,
            /// InternalIPs of the nodes.
            pub nodes: Option<Vec<String>>,
            /// KKP's proxy mode: `ebpf`, `ipvs`, `iptables` or `nftables`.
            pub proxy_mode: Option<String>,
            /// KKP's cloud provider, such as `openstack` or `kubevirt`.
            pub provider: Option<String>,
            /// Switches KVStoreMesh on or off. Default: the chart's.
            pub kvstoremesh: Option<bool>,
            /// What `kubectl get ... -o yaml` printed: a folder, or a list of files, relative to mesh.yaml. Default:
            /// `dumps/<name>/`, where that exists.
            pub dumps: Option<Dumps>,
            /// The cluster's own `cilium-ca`, where it is not in its dumps.
            pub ca: Option<KeyPairFields>,
            /// The cluster's `clustermesh-apiserver-remote-cert`, where it is not in its dumps.
            pub remote_cert: Option<KeyPairFields>,
            /// Images for sites without access to the public registry.
            pub images: Option<ImageFields>,
            /// Where the other clusters reach this cluster's clustermesh-apiserver.
            pub apiserver: Option<ApiserverFields>,
        }
    };
}

cluster_fields! {
    /// One cluster of the mesh.
    #[schemars(extend("required" = ["name", "id"]))]
    ClusterEntry {
        /// Name of the cluster in the mesh: 1 to 32 of a-z, 0-9 and hyphen; not KKP's cluster ID.
        name: Option<String>,
        /// ID of the cluster in the mesh, from 1. Never change it on a cluster with workloads.
        id: Option<i64>,
        /// Name of KKP's Cluster object in the seed: ten random characters. With `seed`, scripts read that object.
        kkp_cluster: Option<String>,
        /// Whether the cluster is on its way out of the mesh: the others drop it, then it is taken out itself.
        leaves: Option<bool>,
    }
}

cluster_fields! {
    /// Fields for all clusters that do not say them themselves.
    ClusterFields {}
}

/// Where the dumps of a cluster are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Dumps {
    /// A folder (its `.yaml`, `.yml` and `.json` files), or one file.
    Path(String),
    /// Several files or folders.
    Paths(Vec<String>),
}

impl Dumps {
    /// The paths as written.
    pub fn paths(&self) -> &[String] {
        match self {
            Self::Path(path) => std::slice::from_ref(path),
            Self::Paths(paths) => paths,
        }
    }
}

/// Images of the clustermesh-apiserver pod: full references, used as they are.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields)]
pub struct ImageFields {
    /// Image of clustermesh-apiserver: `registry/name:tag`, with or without `@sha256:...`.
    pub apiserver: Option<String>,
    /// Image of its etcd, on the charts that have one (1.13 and 1.14).
    pub etcd: Option<String>,
}

/// Where the clustermesh-apiserver is reached, and through what Service.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields)]
pub struct ApiserverFields {
    /// Addresses at which the other clusters reach it.
    pub ips: Option<Vec<String>>,
    /// DNS name at which they reach it, where there is no stable address.
    pub address: Option<String>,
    /// Port at which they reach it. Default: 2379, with type NodePort the node port.
    pub port: Option<i64>,
    /// The Service in front of it.
    pub service: Option<ApiserverServiceFields>,
}

/// The Service `clustermesh-apiserver`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields)]
pub struct ApiserverServiceFields {
    /// Type of the Service. Default: what the cluster has, else LoadBalancer.
    #[serde(rename = "type")]
    pub kind: Option<ServiceType>,
    /// Node port, with type NodePort. Give each cluster its own.
    pub node_port: Option<i64>,
    /// Annotations, mostly for the cloud's load balancer.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Address to ask the cloud for.
    #[serde(rename = "loadBalancerIP")]
    pub load_balancer_ip: Option<String>,
    /// Class of the load balancer (charts from 1.15.7).
    pub load_balancer_class: Option<String>,
    /// Ranges that the load balancer lets in (charts from 1.17).
    pub load_balancer_source_ranges: Option<Vec<String>>,
}

/// A service that several clusters offer as one.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields, extend("required" = ["name", "ports"]))]
pub struct ServiceFields {
    /// Name, the same in every cluster.
    pub name: Option<String>,
    /// Namespace, the same in every cluster. Default: `default`.
    pub namespace: Option<String>,
    /// Which backends are preferred: `local`, `remote` or `none`. Default: none.
    pub affinity: Option<Affinity>,
    /// Whether this cluster's backends are offered to the others. Default: true.
    pub shared: Option<bool>,
    /// Type of the Service. Default: ClusterIP.
    #[serde(rename = "type")]
    pub kind: Option<ServiceType>,
    /// Its ports.
    pub ports: Option<Vec<PortFields>>,
    /// Labels of the pods behind it.
    pub selector: Option<BTreeMap<String, String>>,
    /// Labels of the Service itself.
    pub labels: Option<BTreeMap<String, String>>,
    /// The clusters that get it. Default: all.
    pub clusters: Option<Vec<String>>,
}

/// One port of a global service.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields, extend("required" = ["port"]))]
pub struct PortFields {
    /// Name of the port; needed where there are several.
    pub name: Option<String>,
    /// Port of the Service.
    pub port: Option<i64>,
    /// TCP, UDP or SCTP. Default: TCP.
    pub protocol: Option<String>,
    /// Port of the pods: a number, or the name of a container's port. Default: the same as `port`.
    pub target_port: Option<TargetPort>,
}

/// A finding that is known and accepted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields, extend("required" = ["code", "route", "reason"]))]
pub struct IgnoreFields {
    /// Code of the finding.
    pub code: Option<String>,
    /// Where it is, as the finding's `route` says: `clusters[1].podCIDRs[0]`.
    pub route: Option<String>,
    /// Why it is accepted.
    pub reason: Option<String>,
}

/// The JSON Schema of mesh.yaml, as `schemas/mesh.schema.json` holds it.
pub(crate) fn schema() -> serde_json::Value {
    schemars::schema_for!(MeshFile).to_value()
}
