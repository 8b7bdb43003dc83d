//! What a mesh can be set to, as it is written in mesh.yaml.

use schemars::JsonSchema;
use serde::Deserialize;

/// How clusters come to trust each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Trust {
    // Without a doc comment: one makes `oneOf` of `enum` in the schema.
    #[default]
    #[serde(rename = "sharedCA")]
    SharedCa,
    // Without a doc comment: one makes `oneOf` of `enum` in the schema.
    #[serde(rename = "inline")]
    Inline,
    // Without a doc comment: one makes `oneOf` of `enum` in the schema.
    #[serde(rename = "bundle")]
    Bundle,
}

impl Trust {
    /// As it is written in mesh.yaml.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SharedCa => "sharedCA",
            Self::Inline => "inline",
            Self::Bundle => "bundle",
        }
    }
}

/// How a client certificate is matched to a user (`clustermesh.apiserver.tls.authMode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
// Without a doc comment: one makes `oneOf` of `enum` in the schema.
pub enum AuthMode {
    Legacy,
    Migration,
    Cluster,
    #[serde(rename = "cluster-strict")]
    ClusterStrict,
}

impl AuthMode {
    /// As it is written in mesh.yaml and in the values.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Migration => "migration",
            Self::Cluster => "cluster",
            Self::ClusterStrict => "cluster-strict",
        }
    }

    /// Whether a client's name is that of its cluster.
    pub fn is_by_name(self) -> bool {
        matches!(self, Self::Cluster | Self::ClusterStrict)
    }
}

/// How packets travel between nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
// Without a doc comment: one makes `oneOf` of `enum` in the schema.
pub enum TunnelKind {
    #[default]
    Vxlan,
    Geneve,
    Native,
}

/// How packets between nodes are encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
// Without a doc comment: one makes `oneOf` of `enum` in the schema.
pub enum EncryptionKind {
    #[default]
    None,
    Wireguard,
    Ipsec,
}

/// Type of a Service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
// Without a doc comment: one makes `oneOf` of `enum` in the schema.
pub enum ServiceType {
    #[default]
    LoadBalancer,
    NodePort,
    #[serde(rename = "ClusterIP")]
    ClusterIp,
}

impl ServiceType {
    /// As Kubernetes spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoadBalancer => "LoadBalancer",
            Self::NodePort => "NodePort",
            Self::ClusterIp => "ClusterIP",
        }
    }
}

/// Which backends of a global service are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
// Without a doc comment: one makes `oneOf` of `enum` in the schema.
pub enum Affinity {
    Local,
    Remote,
    None,
}

/// Port of the pods behind a service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TargetPort {
    /// A number.
    Number(i64),
    /// The name of a container's port.
    Name(String),
}
