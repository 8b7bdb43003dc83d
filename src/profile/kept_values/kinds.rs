//! Values of a kind that a chart's schema refuses: charts have one, `values.schema.json`, from 1.16.0 on. A text that
//! looks like a number or a boolean is the usual fault; older charts took it.
//!
//! What KKP itself writes on every version is not here, such as `ipam.operator.clusterPoolIPv4MaskSize`, `ipv6.enabled` and
//! `cni.exclusive`.

use super::row::{JsonKind, KeptValue, Test, refused, v};

macro_rules! of_kind {
    ($path:literal, $kind:expr, $from:expr, $to:expr, $mend:literal) => {
        refused(
            $path,
            &[($path, Test::NotA(&[$kind]))],
            &[($from, $to)],
            $mend,
        )
    };
}

macro_rules! boolean {
    ($path:literal, $from:expr, $to:expr) => {
        of_kind!(
            $path,
            JsonKind::Boolean,
            $from,
            $to,
            "write true or false, without quotes"
        )
    };
}

macro_rules! integer {
    ($path:literal, $from:expr, $to:expr) => {
        of_kind!(
            $path,
            JsonKind::Integer,
            $from,
            $to,
            "write a whole number, without quotes"
        )
    };
}

macro_rules! text {
    ($path:literal, $from:expr, $to:expr) => {
        of_kind!(
            $path,
            JsonKind::Text,
            $from,
            $to,
            "write one text, in quotes"
        )
    };
}

macro_rules! list {
    ($path:literal, $from:expr, $to:expr) => {
        of_kind!($path, JsonKind::List, $from, $to, "write a list")
    };
}

static KINDS: &[KeptValue] = &[
    boolean!("encryption.enabled", v(16, 0), None),
    boolean!("encryption.nodeEncryption", v(16, 0), None),
    boolean!("encryption.ipsec.keyWatcher", v(16, 0), None),
    boolean!("disableEndpointCRD", v(16, 0), None),
    boolean!("enableIPv6Masquerade", v(16, 0), None),
    boolean!("ipMasqAgent.enabled", v(16, 0), None),
    boolean!("ciliumEndpointSlice.enabled", v(16, 0), None),
    boolean!("directRoutingSkipUnreachable", v(16, 0), None),
    boolean!("enableIPv4Masquerade", v(16, 0), None),
    boolean!("bpf.masquerade", v(16, 0), None),
    boolean!("bpf.hostLegacyRouting", v(16, 0), None),
    boolean!("ipv4.enabled", v(13, 0), None),
    boolean!("k8s.requireIPv4PodCIDR", v(16, 0), None),
    boolean!("k8s.requireIPv6PodCIDR", v(16, 0), None),
    boolean!("eni.enabled", v(16, 0), None),
    boolean!("alibabacloud.enabled", v(16, 0), None),
    boolean!("cni.customConf", v(16, 0), None),
    boolean!("cni.install", v(16, 0), None),
    boolean!("cni.uninstall", v(16, 0), None),
    boolean!("cni.enableRouteMTUForCNIChaining", v(16, 0), None),
    boolean!("authentication.enabled", v(16, 0), None),
    boolean!("authentication.mutual.spire.enabled", v(16, 0), None),
    boolean!("wellKnownIdentities.enabled", v(16, 0), None),
    boolean!("tls.caBundle.enabled", v(16, 0), None),
    boolean!("tls.caBundle.useSecret", v(16, 0), None),
    boolean!("hubble.enabled", v(16, 0), None),
    boolean!("hubble.tls.enabled", v(13, 0), None),
    boolean!("hubble.tls.auto.enabled", v(16, 0), None),
    boolean!("clustermesh.apiserver.kvstoremesh.enabled", v(14, 0), None),
    boolean!("clustermesh.apiserver.tls.auto.enabled", v(16, 0), None),
    boolean!(
        "clustermesh.enableEndpointSliceSynchronization",
        v(16, 0),
        None
    ),
    boolean!(
        "clustermesh.apiserver.tls.enableSecrets",
        v(16, 0),
        Some(v(20, 0))
    ),
    boolean!("clustermesh.enableMCSAPISupport", v(16, 0), Some(v(20, 0))),
    boolean!("encryption.strictMode.enabled", v(16, 0), Some(v(20, 0))),
    boolean!(
        "encryption.strictMode.allowRemoteNodeIdentities",
        v(16, 0),
        Some(v(20, 0))
    ),
    boolean!(
        "encryption.ipsec.encryptedOverlay",
        v(16, 0),
        Some(v(20, 0))
    ),
    boolean!("externalWorkloads.enabled", v(16, 0), Some(v(18, 0))),
    boolean!("clustermesh.policyDefaultLocalCluster", v(18, 0), None),
    boolean!("clustermesh.mcsapi.enabled", v(19, 0), None),
    boolean!("encryption.strictMode.egress.enabled", v(19, 0), None),
    boolean!("encryption.strictMode.ingress.enabled", v(19, 0), None),
    boolean!(
        "encryption.strictMode.egress.allowRemoteNodeIdentities",
        v(19, 0),
        None
    ),
    boolean!(
        "clustermesh.apiserver.service.externallyCreated",
        v(19, 0),
        None
    ),
    boolean!("nativeRoutingCIDRFromClusterPool", v(20, 0), None),
    boolean!("clustermesh.defaultGlobalNamespace", v(20, 0), None),
    integer!("MTU", v(16, 0), None),
    integer!("tunnelPort", v(16, 0), None),
    integer!("clustermesh.maxConnectedClusters", v(16, 0), None),
    integer!("clustermesh.apiserver.replicas", v(16, 0), None),
    integer!("clustermesh.apiserver.healthPort", v(16, 0), None),
    integer!("clustermesh.apiserver.service.nodePort", v(16, 0), None),
    integer!(
        "clustermesh.apiserver.terminationGracePeriodSeconds",
        v(16, 0),
        None
    ),
    integer!(
        "clustermesh.apiserver.tls.auto.certValidityDuration",
        v(16, 0),
        None
    ),
    integer!("tls.ca.certValidityDuration", v(16, 0), None),
    integer!("hubble.tls.auto.certValidityDuration", v(16, 0), None),
    integer!("authentication.mutual.port", v(16, 0), None),
    text!("routingMode", v(16, 0), None),
    text!("tunnelProtocol", v(16, 0), None),
    text!("ipv4NativeRoutingCIDR", v(16, 0), None),
    text!("ipv6NativeRoutingCIDR", v(16, 0), None),
    text!("encryption.type", v(16, 0), None),
    text!("encryption.wireguard.persistentKeepalive", v(16, 0), None),
    text!("encryption.ipsec.interface", v(16, 0), None),
    text!("encryption.ipsec.keyFile", v(16, 0), None),
    text!("encryption.ipsec.mountPath", v(16, 0), None),
    text!("encryption.ipsec.secretName", v(16, 0), None),
    text!("encryption.ipsec.keyRotationDuration", v(16, 0), None),
    text!("identityAllocationMode", v(16, 0), None),
    text!("identityChangeGracePeriod", v(13, 0), None),
    text!("ipam.mode", v(13, 0), None),
    text!("clustermesh.config.domain", v(16, 0), None),
    text!("cni.chainingMode", v(13, 0), None),
    text!("cni.chainingTarget", v(16, 0), None),
    text!("cni.confPath", v(16, 0), None),
    text!("cni.binPath", v(16, 0), None),
    text!("cni.configMapKey", v(16, 0), None),
    text!("tls.ca.cert", v(16, 0), None),
    text!("tls.ca.key", v(16, 0), None),
    text!("tls.caBundle.name", v(16, 0), None),
    text!("tls.caBundle.key", v(16, 0), None),
    text!("clustermesh.apiserver.service.type", v(13, 0), None),
    text!(
        "clustermesh.apiserver.service.loadBalancerClass",
        v(16, 0),
        None
    ),
    text!(
        "clustermesh.apiserver.service.loadBalancerIP",
        v(16, 0),
        None
    ),
    text!("clustermesh.apiserver.tls.authMode", v(16, 0), None),
    text!("clustermesh.apiserver.tls.auto.method", v(13, 0), None),
    text!("hubble.tls.auto.method", v(13, 0), None),
    text!("hubble.tls.auto.schedule", v(16, 0), None),
    text!("encryption.strictMode.cidr", v(16, 0), Some(v(20, 0))),
    text!("tunnelSourcePortRange", v(17, 2), None),
    text!("cni.configMap", v(18, 0), None),
    text!("underlayProtocol", v(18, 0), None),
    text!(
        "clustermesh.apiserver.kvstoremesh.kvstoreMode",
        v(18, 0),
        None
    ),
    text!("clustermesh.cacheTTL", v(19, 0), None),
    text!("encryption.strictMode.egress.cidr", v(19, 0), None),
    list!("clustermesh.apiserver.extraArgs", v(14, 0), None),
    list!("clustermesh.apiserver.extraEnv", v(13, 0), None),
    list!("clustermesh.apiserver.tolerations", v(16, 0), None),
    list!("hubble.tls.server.extraDnsNames", v(16, 0), None),
    list!("hubble.tls.server.extraIpAddresses", v(16, 0), None),
    list!(
        "clustermesh.apiserver.tls.server.extraDnsNames",
        v(13, 2),
        None
    ),
    list!(
        "clustermesh.apiserver.tls.server.extraIpAddresses",
        v(13, 2),
        None
    ),
    list!(
        "clustermesh.apiserver.service.loadBalancerSourceRanges",
        v(17, 0),
        None
    ),
    list!(
        "clustermesh.apiserver.tls.auto.server.extraDnsNames",
        v(20, 0),
        None
    ),
    list!(
        "clustermesh.apiserver.tls.auto.server.extraIpAddresses",
        v(20, 0),
        None
    ),
];

/// All rows.
pub(super) fn rows() -> impl Iterator<Item = &'static KeptValue> {
    KINDS.iter()
}
