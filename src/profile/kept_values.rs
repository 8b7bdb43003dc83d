//! Values that a patch keeps and that the chart refuses, or takes no notice of, as data.
//!
//! Sources: every `fail` and `required` in the templates of every stable chart from 1.13.0 to 1.20.0, and every key
//! that one of them reads and a later one does not, as far as it is about Cluster Mesh, identities, IPAM, encryption,
//! tunnel, TLS or CNI. Where a row names no other source that is `templates/validate.yaml`.

use serde_json::Value;

use super::version::Version;
use crate::truth::is_true;

/// What a chart does with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueEffect {
    /// Rendering fails.
    Refused,
    /// Nothing.
    Ignored,
}

/// Values from the first version on, up to but without the second.
type VersionSpan = (Version, Option<Version>);

/// A condition on the value at a path; an absent one is null.
type Condition = (&'static str, Test);

#[derive(Debug)]
enum Test {
    /// It is there.
    Set,
    /// A template's `if` takes it for true.
    True,
    /// It is there, and a template's `if` takes it for false.
    False,
    /// A template's `if` takes it for false, or it is absent.
    Off,
    /// It is one of these.
    OneOf(&'static [&'static str]),
    /// It, or the chart's default in its place, is none of these.
    NoneOf(&'static [&'static str], &'static str),
}

/// One row.
#[derive(Debug)]
pub(crate) struct KeptValue {
    /// The path at fault.
    pub(crate) path: &'static str,
    /// What must hold, of this path first.
    when: &'static [Condition],
    /// The versions of which this is so.
    spans: &'static [VersionSpan],
    /// What the chart does with it.
    pub(crate) fate: ValueEffect,
    /// What to do, as an imperative.
    pub(crate) mend: &'static str,
}

impl KeptValue {
    /// Whether a chart does this with the values that `value_at` finds by their dotted paths.
    pub(crate) fn is_met<'v>(
        &self,
        version: Version,
        value_at: impl Fn(&str) -> Option<&'v Value>,
    ) -> bool {
        let in_span =
            |(from, to): &VersionSpan| *from <= version && to.is_none_or(|end| version < end);
        let holds = |(path, test): &Condition| test.holds(value_at(path).unwrap_or(&Value::Null));
        self.spans.iter().any(in_span) && self.when.iter().all(holds)
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        let text = match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        match self {
            Self::Set => !value.is_null(),
            Self::True => is_true(value),
            Self::False => !value.is_null() && !is_true(value),
            Self::Off => !is_true(value),
            Self::OneOf(list) => text.is_some_and(|text| list.contains(&text.as_str())),
            Self::NoneOf(list, default) => !list.contains(&text.as_deref().unwrap_or(default)),
        }
    }
}

const fn v(minor: u16, patch: u16) -> Version {
    Version::new(1, minor, patch)
}

const fn refused(
    path: &'static str,
    when: &'static [Condition],
    spans: &'static [VersionSpan],
    mend: &'static str,
) -> KeptValue {
    KeptValue {
        path,
        when,
        spans,
        fate: ValueEffect::Refused,
        mend,
    }
}

const fn ignored(
    path: &'static str,
    when: &'static [Condition],
    spans: &'static [VersionSpan],
    mend: &'static str,
) -> KeptValue {
    KeptValue {
        path,
        when,
        spans,
        fate: ValueEffect::Ignored,
        mend,
    }
}

/// Where the keys that 1.15 has removed are refused, and where they are ignored.
const GONE_1_15: &[VersionSpan] = &[(v(15, 8), Some(v(16, 0))), (v(16, 2), None)];
const SILENT_1_15: &[VersionSpan] = &[(v(15, 0), Some(v(15, 8))), (v(16, 0), Some(v(16, 2)))];
/// The same of those that 1.16 has removed.
const GONE_1_16: &[VersionSpan] = &[(v(16, 2), None)];
const SILENT_1_16: &[VersionSpan] = &[(v(16, 0), Some(v(16, 2)))];
const FROM_1_18: &[VersionSpan] = &[(v(18, 0), None)];
const FROM_1_20: &[VersionSpan] = &[(v(20, 0), None)];

macro_rules! gone {
    ($path:literal, $test:expr, $refused:expr, $ignored:expr, $mend:literal) => {
        [
            refused($path, &[($path, $test)], $refused, $mend),
            ignored($path, &[($path, $test)], $ignored, $mend),
        ]
    };
}

/// Keys that charts ignore for some patches after their removal, and refuse then.
static REMOVED: &[[KeptValue; 2]] = &[
    gone!(
        "tunnel",
        Test::True,
        GONE_1_15,
        SILENT_1_15,
        "write `routingMode: native` for `tunnel: disabled`, else `tunnelProtocol`, and remove `tunnel`"
    ),
    gone!(
        "enableK8sEventHandover",
        Test::True,
        GONE_1_15,
        SILENT_1_15,
        "remove `enableK8sEventHandover`"
    ),
    gone!(
        "enableCnpStatusUpdates",
        Test::True,
        GONE_1_15,
        SILENT_1_15,
        "remove `enableCnpStatusUpdates`"
    ),
    gone!(
        "encryption.keyFile",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "write `encryption.ipsec.keyFile`, and remove `encryption.keyFile`"
    ),
    gone!(
        "encryption.mountPath",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "write `encryption.ipsec.mountPath`, and remove `encryption.mountPath`"
    ),
    gone!(
        "encryption.secretName",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "write `encryption.ipsec.secretName`, and remove `encryption.secretName`"
    ),
    gone!(
        "encryption.interface",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "write `encryption.ipsec.interface`, and remove `encryption.interface`"
    ),
    gone!(
        "proxy.prometheus.enabled",
        Test::Set,
        GONE_1_16,
        SILENT_1_16,
        "write `envoy.prometheus.enabled`, and remove `proxy.prometheus`"
    ),
    gone!(
        "proxy.prometheus.port",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "write `envoy.prometheus.port`, and remove `proxy.prometheus`"
    ),
    gone!(
        "endpointStatus",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "remove `endpointStatus`"
    ),
    gone!(
        "remoteNodeIdentity",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "remove `remoteNodeIdentity`: it is always on"
    ),
    gone!(
        "containerRuntime.integration",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "remove `containerRuntime.integration`"
    ),
    gone!(
        "etcd.managed",
        Test::True,
        GONE_1_16,
        SILENT_1_16,
        "remove `etcd.managed`"
    ),
];

/// All other rows.
static OTHERS: &[KeptValue] = &[
    refused(
        "enableCiliumEndpointSlice",
        &[("enableCiliumEndpointSlice", Test::True)],
        FROM_1_18,
        "write `ciliumEndpointSlice.enabled`, and remove `enableCiliumEndpointSlice`",
    ),
    refused(
        "ciliumEndpointSlice.sliceMode",
        &[("ciliumEndpointSlice.sliceMode", Test::True)],
        FROM_1_18,
        "remove `ciliumEndpointSlice.sliceMode`",
    ),
    // With clustermesh-apiserver, which every patch switches on.
    refused(
        "disableEndpointCRD",
        &[("disableEndpointCRD", Test::True)],
        &[(v(15, 0), None)],
        "set `disableEndpointCRD: false` before the cluster joins",
    ),
    refused(
        "identityAllocationMode",
        &[("identityAllocationMode", Test::NoneOf(&["crd"], "crd"))],
        &[(v(15, 0), Some(v(17, 0)))],
        "set `identityAllocationMode: crd` before the cluster joins",
    ),
    refused(
        "identityAllocationMode",
        &[(
            "identityAllocationMode",
            Test::NoneOf(
                &["crd", "doublewrite-readkvstore", "doublewrite-readcrd"],
                "crd",
            ),
        )],
        &[(v(17, 0), Some(v(18, 0)))],
        "set `identityAllocationMode: crd` before the cluster joins",
    ),
    refused(
        "identityAllocationMode",
        &[
            (
                "identityAllocationMode",
                Test::NoneOf(
                    &["crd", "doublewrite-readkvstore", "doublewrite-readcrd"],
                    "crd",
                ),
            ),
            ("clustermesh.apiserver.kvstoremesh.enabled", Test::False),
        ],
        FROM_1_18,
        "set `identityAllocationMode: crd` before the cluster joins, or switch KVStoreMesh on",
    ),
    refused(
        "clustermesh.maxConnectedClusters",
        &[(
            "clustermesh.maxConnectedClusters",
            Test::NoneOf(&["255", "511"], "255"),
        )],
        &[(v(15, 0), None)],
        "write 255 or 511",
    ),
    // `templates/clustermesh-apiserver/deployment.yaml`.
    refused(
        "clustermesh.apiserver.tls.authMode",
        &[(
            "clustermesh.apiserver.tls.authMode",
            Test::NoneOf(&["legacy", "migration", "cluster"], "legacy"),
        )],
        &[(v(14, 0), Some(v(21, 0)))],
        "write legacy, migration or cluster",
    ),
    // `templates/clustermesh-apiserver/tls-provided/`: `required`.
    refused(
        "clustermesh.apiserver.tls.auto.enabled",
        &[
            ("clustermesh.apiserver.tls.auto.enabled", Test::False),
            ("clustermesh.apiserver.tls.server.cert", Test::Off),
        ],
        &[(v(13, 0), Some(v(20, 0)))],
        "remove `clustermesh.apiserver.tls.auto.enabled`, so that the certificates are made",
    ),
    refused(
        "clustermesh.apiserver.tls.server.cert",
        &[
            ("clustermesh.apiserver.tls.server.cert", Test::True),
            ("clustermesh.apiserver.tls.auto.enabled", Test::False),
        ],
        FROM_1_20,
        "remove the certificates and keys from `clustermesh.apiserver.tls`, and `auto.enabled: false` with them",
    ),
    refused(
        "clustermesh.apiserver.tls.auto.method",
        &[
            (
                "clustermesh.apiserver.tls.auto.method",
                Test::OneOf(&["certmanager"]),
            ),
            (
                "clustermesh.apiserver.tls.auto.enabled",
                Test::NoneOf(&["false"], "true"),
            ),
            (
                "clustermesh.apiserver.tls.auto.certManagerIssuerRef",
                Test::Off,
            ),
        ],
        &[(v(13, 2), None)],
        "name the issuer in `clustermesh.apiserver.tls.auto.certManagerIssuerRef`",
    ),
    refused(
        "hubble.tls.auto.method",
        &[
            ("hubble.tls.auto.method", Test::OneOf(&["certmanager"])),
            ("hubble.tls.auto.certManagerIssuerRef", Test::Off),
        ],
        &[(v(13, 2), None)],
        "name the issuer in `hubble.tls.auto.certManagerIssuerRef`",
    ),
    refused(
        "authentication.mutual.spire.enabled",
        &[
            ("authentication.mutual.spire.enabled", Test::True),
            ("authentication.enabled", Test::False),
        ],
        &[(v(14, 0), None)],
        "switch `authentication.mutual.spire.enabled` off",
    ),
    refused(
        "clustermesh.apiserver.kvstoremesh.kvstoreMode",
        &[(
            "clustermesh.apiserver.kvstoremesh.kvstoreMode",
            Test::NoneOf(&["internal", "external"], "internal"),
        )],
        FROM_1_18,
        "write internal or external",
    ),
    refused(
        "clustermesh.apiserver.kvstoremesh.kvstoreMode",
        &[
            (
                "clustermesh.apiserver.kvstoremesh.kvstoreMode",
                Test::OneOf(&["external"]),
            ),
            (
                "identityAllocationMode",
                Test::NoneOf(
                    &["kvstore", "doublewrite-readkvstore", "doublewrite-readcrd"],
                    "crd",
                ),
            ),
        ],
        FROM_1_18,
        "write internal: identities are kept in the API server",
    ),
    // `templates/cilium-configmap.yaml`.
    refused(
        "ipam.operator.clusterPoolIPv4PodCIDR",
        &[("ipam.operator.clusterPoolIPv4PodCIDR", Test::Set)],
        &[(v(14, 0), Some(v(19, 0)))],
        "remove `ipam.operator.clusterPoolIPv4PodCIDR`; the range stands in `clusterPoolIPv4PodCIDRList`",
    ),
    refused(
        "ipam.operator.clusterPoolIPv6PodCIDR",
        &[
            ("ipam.operator.clusterPoolIPv6PodCIDR", Test::Set),
            ("ipv6.enabled", Test::True),
        ],
        &[(v(14, 0), Some(v(19, 0)))],
        "remove `ipam.operator.clusterPoolIPv6PodCIDR`; the range stands in `clusterPoolIPv6PodCIDRList`",
    ),
    refused(
        "routingMode",
        &[
            ("routingMode", Test::OneOf(&["native"])),
            ("ipv4NativeRoutingCIDR", Test::Off),
            ("nativeRoutingCIDRFromClusterPool", Test::Off),
            // Null by default, which the template takes for false, though agents masquerade then.
            ("enableIPv4Masquerade", Test::True),
            ("ipMasqAgent.enabled", Test::Off),
        ],
        FROM_1_18,
        "set `ipv4NativeRoutingCIDR` to a range that covers the pods of all clusters",
    ),
    // Read by no template any more, or not yet.
    ignored(
        "clustermesh.enableMCSAPISupport",
        &[
            ("clustermesh.enableMCSAPISupport", Test::True),
            ("clustermesh.mcsapi.enabled", Test::Off),
        ],
        FROM_1_20,
        "write `clustermesh.mcsapi.enabled: true` in its place",
    ),
    ignored(
        "clustermesh.mcsapi.enabled",
        &[
            ("clustermesh.mcsapi.enabled", Test::True),
            ("clustermesh.enableMCSAPISupport", Test::Off),
        ],
        &[(v(13, 0), Some(v(19, 0)))],
        "write `clustermesh.enableMCSAPISupport: true`, which charts from 1.16 on read",
    ),
    ignored(
        "routingMode",
        &[("routingMode", Test::True)],
        &[(v(13, 0), Some(v(14, 0)))],
        "write `tunnel: disabled` for native routing, else remove it",
    ),
    ignored(
        "tunnelProtocol",
        &[("tunnelProtocol", Test::True)],
        &[(v(13, 0), Some(v(14, 0)))],
        "write `tunnel` in its place",
    ),
    ignored(
        "directRoutingSkipUnreachable",
        &[("directRoutingSkipUnreachable", Test::True)],
        &[(v(13, 0), Some(v(16, 0)))],
        "upgrade to 1.16 or newer before it is needed",
    ),
    ignored(
        "encryption.strictMode.enabled",
        &[
            ("encryption.strictMode.enabled", Test::True),
            ("encryption.strictMode.egress.enabled", Test::Off),
        ],
        FROM_1_20,
        "write `encryption.strictMode.egress` with `enabled`, `cidr` and `allowRemoteNodeIdentities` in its place: packets may leave in plain text",
    ),
    ignored(
        "encryption.ipsec.encryptedOverlay",
        &[("encryption.ipsec.encryptedOverlay", Test::True)],
        FROM_1_20,
        "remove `encryption.ipsec.encryptedOverlay`",
    ),
    ignored(
        "encryption.wireguard.userspaceFallback",
        &[("encryption.wireguard.userspaceFallback", Test::True)],
        &[(v(17, 0), None)],
        "remove it; the kernel must have WireGuard",
    ),
    ignored(
        "externalWorkloads.enabled",
        &[("externalWorkloads.enabled", Test::True)],
        FROM_1_18,
        "remove `externalWorkloads`: machines outside lose their connection",
    ),
    ignored(
        "hubble.tls.ca.cert",
        &[("hubble.tls.ca.cert", Test::True)],
        &[(v(14, 0), None)],
        "remove `hubble.tls.ca`; Hubble's certificates are signed by `cilium-ca`",
    ),
    ignored(
        "clustermesh.apiserver.etcd.image.override",
        &[("clustermesh.apiserver.etcd.image.override", Test::True)],
        &[(v(15, 0), None)],
        "remove `clustermesh.apiserver.etcd.image`; etcd is in the image of the apiserver",
    ),
    ignored(
        "clustermesh.apiserver.kvstoremesh.image.override",
        &[(
            "clustermesh.apiserver.kvstoremesh.image.override",
            Test::True,
        )],
        &[(v(15, 0), None)],
        "remove `clustermesh.apiserver.kvstoremesh.image`; KVStoreMesh is in the image of the apiserver",
    ),
];

/// All rows.
pub(crate) fn rows() -> impl Iterator<Item = &'static KeptValue> {
    REMOVED.iter().flatten().chain(OTHERS)
}
