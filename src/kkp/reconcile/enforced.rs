//! The rows of [`ENFORCED`].

use super::{Effect, EnforcedPath, When};
use crate::kkp::KkpVersion;

const POD_NETWORK: &str = "follows the pod network of the Cluster";
const SECCOMP: &str = "pods run with the seccomp profile of the container runtime";
const REGISTRY: &str = "images come from the overwrite registry";
const NODE_LOCAL_DNS: &str = "the address of NodeLocalDNS is no host of the cluster";
const API_SERVER: &str = "the API server, reached without kube-proxy";

/// A path that KKP replaces from a version on.
const fn set(path: &'static str, since: KkpVersion, when: When, why: &'static str) -> EnforcedPath {
    EnforcedPath {
        path,
        since,
        until: None,
        when,
        effect: Effect::Replaced,
        why,
    }
}

impl EnforcedPath {
    const fn until(self, until: KkpVersion) -> Self {
        Self {
            until: Some(until),
            ..self
        }
    }

    const fn with(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }
}

/// Every path that some KKP version enforces on some cluster, with the version borders.
///
/// Of the chart's images only those named here follow the overwrite registry: never those of clustermesh-apiserver and its
/// etcd, not those of the Hubble UI in 2.24.0 to 2.24.4, and Envoy's from 2.27.1 on.
///
/// Beside these paths KKP puts empty maps at `hubble.ui.frontend` and `hubble.ui.backend` (from 2.24.0), which
/// leave a map of the user's alone.
pub(crate) const ENFORCED: &[EnforcedPath] = &[
    set(
        "cni.exclusive",
        (2, 22, 0),
        When::Always,
        "other CNIs may stand beside Cilium (Multus)",
    ),
    set(
        "cni.chainingMode",
        (2, 24, 0),
        When::NotEbpf,
        "host ports without kube-proxy replacement",
    ),
    set(
        "sessionAffinity",
        (2, 24, 0),
        When::NotEbpf,
        "session affinity without kube-proxy replacement",
    ),
    set(
        "kubeProxyReplacement",
        (2, 22, 0),
        When::Always,
        "follows the proxy mode of the Cluster",
    ),
    set("k8sServiceHost", (2, 22, 0), When::Ebpf, API_SERVER),
    set("k8sServicePort", (2, 22, 0), When::Ebpf, API_SERVER),
    set(
        "nodePort.range",
        (2, 22, 1),
        When::NodePortRange,
        "follows the node-port range of the Cluster",
    ),
    set(
        "ipam.operator.clusterPoolIPv4PodCIDR",
        (2, 22, 0),
        When::Always,
        POD_NETWORK,
    )
    .until((2, 24, 0)),
    set(
        "ipam.operator.clusterPoolIPv4PodCIDR",
        (2, 24, 0),
        When::Always,
        "gave way to clusterPoolIPv4PodCIDRList",
    )
    .until((2, 27, 1))
    .with(Effect::Removed),
    set(
        "ipam.operator.clusterPoolIPv4PodCIDRList",
        (2, 24, 0),
        When::Always,
        POD_NETWORK,
    ),
    set(
        "ipam.operator.clusterPoolIPv4MaskSize",
        (2, 22, 0),
        When::Always,
        POD_NETWORK,
    ),
    set(
        "ipam.operator.clusterPoolIPv6PodCIDR",
        (2, 22, 0),
        When::DualStack,
        POD_NETWORK,
    )
    .until((2, 24, 0)),
    set(
        "ipam.operator.clusterPoolIPv6PodCIDRList",
        (2, 24, 0),
        When::DualStack,
        POD_NETWORK,
    ),
    set(
        "ipam.operator.clusterPoolIPv6MaskSize",
        (2, 22, 0),
        When::DualStack,
        POD_NETWORK,
    ),
    set(
        "ipv6.enabled",
        (2, 22, 0),
        When::DualStack,
        "follows the IP family of the Cluster",
    ),
    set(
        "operator.securityContext.seccompProfile.type",
        (2, 22, 0),
        When::Always,
        SECCOMP,
    ),
    set(
        "podSecurityContext.seccompProfile.type",
        (2, 24, 0),
        When::Always,
        SECCOMP,
    ),
    set(
        "operator.podSecurityContext.seccompProfile.type",
        (2, 24, 0),
        When::Always,
        SECCOMP,
    ),
    set(
        "certgen.podSecurityContext.seccompProfile.type",
        (2, 24, 0),
        When::Always,
        SECCOMP,
    ),
    set(
        "hubble.relay.podSecurityContext.seccompProfile.type",
        (2, 24, 0),
        When::Always,
        SECCOMP,
    ),
    set(
        "hubble.ui.securityContext.seccompProfile.type",
        (2, 24, 0),
        When::Always,
        SECCOMP,
    ),
    set(
        "hubble.ui.securityContext.enabled",
        (2, 26, 0),
        When::Always,
        "the chart reads the context only when it is enabled",
    ),
    set(
        "envoy.podSecurityContext.seccompProfile.type",
        (2, 27, 0),
        When::Always,
        SECCOMP,
    ),
    set(
        "image.repository",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "image.useDigest",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "operator.image.repository",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "operator.image.useDigest",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "certgen.image.repository",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "certgen.image.useDigest",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "hubble.relay.image.repository",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "hubble.relay.image.useDigest",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "hubble.ui.backend.image.repository",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    )
    .until((2, 24, 0)),
    set(
        "hubble.ui.backend.image.useDigest",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    )
    .until((2, 24, 0)),
    set(
        "hubble.ui.backend.image.repository",
        (2, 24, 5),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "hubble.ui.backend.image.useDigest",
        (2, 24, 5),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "hubble.ui.frontend.image.repository",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    )
    .until((2, 24, 0)),
    set(
        "hubble.ui.frontend.image.useDigest",
        (2, 22, 0),
        When::OverwriteRegistry,
        REGISTRY,
    )
    .until((2, 24, 0)),
    set(
        "hubble.ui.frontend.image.repository",
        (2, 24, 5),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "hubble.ui.frontend.image.useDigest",
        (2, 24, 5),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "envoy.image.repository",
        (2, 27, 1),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "envoy.image.useDigest",
        (2, 27, 1),
        When::OverwriteRegistry,
        REGISTRY,
    ),
    set(
        "extraConfig.exclude-local-address",
        (2, 29, 9),
        When::NodeLocalDns,
        NODE_LOCAL_DNS,
    )
    .until((2, 30, 0))
    .with(Effect::Extended),
    set(
        "extraConfig.exclude-local-address",
        (2, 30, 5),
        When::NodeLocalDns,
        NODE_LOCAL_DNS,
    )
    .with(Effect::Extended),
];
