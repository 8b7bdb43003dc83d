//! Keys that a chart refuses or takes no notice of, whatever else may be true of their values.

use super::row::{KeptValue, Span, Test, ignored, refused, v};

/// Where the keys that 1.15 has removed are refused, and where they are ignored.
const GONE_1_15: &[Span] = &[(v(15, 8), Some(v(16, 0))), (v(16, 2), None)];
const SILENT_1_15: &[Span] = &[(v(15, 0), Some(v(15, 8))), (v(16, 0), Some(v(16, 2)))];
/// The same of those that 1.16 has removed.
const GONE_1_16: &[Span] = &[(v(16, 2), None)];
const SILENT_1_16: &[Span] = &[(v(16, 0), Some(v(16, 2)))];
const FROM_1_16: &[Span] = &[(v(16, 0), None)];
const FROM_1_18: &[Span] = &[(v(18, 0), None)];
const FROM_1_19: &[Span] = &[(v(19, 0), None)];
const FROM_1_20: &[Span] = &[(v(20, 0), None)];

/// Modes of `ipam.mode` that hand out no pool of the cluster.
const NO_POOL: &[&str] = &[
    "kubernetes",
    "multi-pool",
    "eni",
    "azure",
    "alibabacloud",
    "crd",
    "delegated-plugin",
];

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
        "write `encryption.ipsec.interface`, which charts below 1.20 read, and remove `encryption.interface`"
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

macro_rules! certificate_missing {
    ($path:literal) => {
        refused(
            "clustermesh.apiserver.tls.auto.enabled",
            &[
                ("clustermesh.apiserver.tls.auto.enabled", Test::False),
                ($path, Test::Off),
                (
                    "clustermesh.apiserver.tls.enableSecrets",
                    Test::NoneOf(&["false"], "true"),
                ),
                (
                    "clustermesh.apiserver.kvstoremesh.kvstoreMode",
                    Test::NoneOf(&["external"], "internal"),
                ),
            ],
            &[(v(13, 0), Some(v(20, 0)))],
            "remove `clustermesh.apiserver.tls.auto.enabled`, so that the certificates are made",
        )
    };
}

macro_rules! certificate_left {
    ($path:literal) => {
        refused(
            $path,
            &[
                ($path, Test::True),
                ("clustermesh.apiserver.tls.auto.enabled", Test::False),
            ],
            FROM_1_20,
            "remove the certificates and keys from `clustermesh.apiserver.tls`, and `auto.enabled: false` with them",
        )
    };
}

macro_rules! hubble_certificate_missing {
    ($path:literal, $existing:literal $(, $on:literal, $default:literal)*) => {
        refused(
            "hubble.tls.auto.enabled",
            &[
                ("hubble.tls.auto.enabled", Test::False),
                ($path, Test::Off),
                ($existing, Test::Off),
                $(($on, Test::NoneOf(&["false"], $default)),)*
                ("hubble.enabled", Test::NoneOf(&["false"], "true")),
                ("hubble.tls.enabled", Test::NoneOf(&["false"], "true")),
            ],
            &[(v(13, 0), None)],
            "remove `hubble.tls.auto.enabled`, so that Hubble's certificates are made",
        )
    };
}

/// Certificates and keys that are missing among the values, or must not be there: `required` in
/// `templates/clustermesh-apiserver/tls-provided/` and `templates/hubble/tls-provided/`.
static CERTIFICATES: &[KeptValue] = &[
    certificate_missing!("clustermesh.apiserver.tls.server.cert"),
    certificate_missing!("clustermesh.apiserver.tls.server.key"),
    certificate_missing!("clustermesh.apiserver.tls.admin.cert"),
    certificate_missing!("clustermesh.apiserver.tls.admin.key"),
    certificate_missing!("clustermesh.apiserver.tls.remote.cert"),
    certificate_missing!("clustermesh.apiserver.tls.remote.key"),
    certificate_left!("clustermesh.apiserver.tls.server.cert"),
    certificate_left!("clustermesh.apiserver.tls.admin.cert"),
    certificate_left!("clustermesh.apiserver.tls.remote.cert"),
    hubble_certificate_missing!("hubble.tls.server.cert", "hubble.tls.server.existingSecret"),
    hubble_certificate_missing!("hubble.tls.server.key", "hubble.tls.server.existingSecret"),
    hubble_certificate_missing!(
        "hubble.relay.tls.client.cert",
        "hubble.relay.tls.client.existingSecret",
        "hubble.relay.enabled",
        "false"
    ),
    hubble_certificate_missing!(
        "hubble.relay.tls.client.key",
        "hubble.relay.tls.client.existingSecret",
        "hubble.relay.enabled",
        "false"
    ),
    hubble_certificate_missing!(
        "hubble.relay.tls.server.cert",
        "hubble.relay.tls.server.existingSecret",
        "hubble.relay.enabled",
        "false",
        "hubble.relay.tls.server.enabled",
        "false"
    ),
    hubble_certificate_missing!(
        "hubble.ui.tls.client.cert",
        "hubble.ui.tls.client.existingSecret",
        "hubble.ui.enabled",
        "false",
        "hubble.relay.enabled",
        "false",
        "hubble.relay.tls.server.enabled",
        "false"
    ),
    hubble_certificate_missing!(
        "hubble.relay.tls.server.key",
        "hubble.relay.tls.server.existingSecret",
        "hubble.relay.enabled",
        "false",
        "hubble.relay.tls.server.enabled",
        "false"
    ),
    hubble_certificate_missing!(
        "hubble.ui.tls.client.key",
        "hubble.ui.tls.client.existingSecret",
        "hubble.ui.enabled",
        "false",
        "hubble.relay.enabled",
        "false",
        "hubble.relay.tls.server.enabled",
        "false"
    ),
];

macro_rules! with_high_id {
    ($path:literal, $test:expr) => {
        refused(
            $path,
            &[
                ($path, $test),
                ("cluster.id", Test::Within(&[(128, 255), (384, 511)])),
                (
                    "extraConfig.allow-unsafe-policy-skb-usage",
                    Test::NoneOf(&["true"], ""),
                ),
            ],
            &[(v(16, 4), None)],
            "give the cluster an ID below 128 or from 256 to 383: with these network interfaces the others mark packets as something else",
        )
    };
}

/// Network interfaces of clouds, with an ID whose highest bit of eight is set (cilium/cilium#21330).
static CLOUD_INTERFACES: &[KeptValue] = &[
    with_high_id!("eni.enabled", Test::True),
    with_high_id!("alibabacloud.enabled", Test::True),
    with_high_id!("cni.chainingMode", Test::OneOf(&["aws-cni"])),
];

macro_rules! pasted {
    ($path:literal, $mend:literal) => {
        ignored($path, &[($path, Test::True)], &[(v(13, 0), None)], $mend)
    };
}

/// Where values stand in files around them, which were pasted as a whole. No chart has these keys.
static PASTED: &[KeptValue] = &[
    pasted!(
        "cilium",
        "take the values out of `cilium`, where an umbrella chart has them: the chart of Cilium reads them at the top only"
    ),
    pasted!(
        "valuesObject",
        "take the values out of `valuesObject`, where an Application of Argo CD has them"
    ),
    pasted!(
        "valuesInline",
        "take the values out of `valuesInline`, where a kustomization has them"
    ),
    pasted!(
        "values",
        "take the values out of `values`, where a HelmRelease or an ApplicationInstallation has them"
    ),
    pasted!(
        "helm",
        "take the values out of `helm`, where an Application of Argo CD or a Bundle of Fleet has them"
    ),
    pasted!(
        "releases",
        "keep what stands in the `values` of the release only: a helmfile is no values"
    ),
    pasted!(
        "helmCharts",
        "keep what stands in `valuesInline` only: a kustomization is no values"
    ),
    pasted!(
        "spec",
        "keep the values inside it only, such as `spec.values` of a HelmRelease: an object is no values"
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
        &[(v(14, 0), None)],
        "write legacy, migration or cluster",
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
    refused(
        "clustermesh.apiserver.kvstoremesh.kvstoreMode",
        &[
            (
                "clustermesh.apiserver.kvstoremesh.kvstoreMode",
                Test::OneOf(&["external"]),
            ),
            ("clustermesh.apiserver.kvstoremesh.enabled", Test::False),
        ],
        FROM_1_18,
        "write internal, or switch KVStoreMesh on",
    ),
    refused(
        "clustermesh.apiserver.kvstoremesh.kvstoreMode",
        &[
            (
                "clustermesh.apiserver.kvstoremesh.kvstoreMode",
                Test::OneOf(&["external"]),
            ),
            ("clustermesh.apiserver.replicas", Test::NoneOf(&["1"], "1")),
        ],
        FROM_1_18,
        "write internal, or `clustermesh.apiserver.replicas: 1`",
    ),
    // `values.schema.json`.
    refused(
        "clustermesh.apiserver.service.enableSessionAffinity",
        &[(
            "clustermesh.apiserver.service.enableSessionAffinity",
            Test::NoneOf(&["HAOnly", "Always", "Never"], "HAOnly"),
        )],
        FROM_1_16,
        "write HAOnly, Always or Never",
    ),
    refused(
        "clustermesh.apiserver.service.externalTrafficPolicy",
        &[(
            "clustermesh.apiserver.service.externalTrafficPolicy",
            Test::NoneOf(&["Local", "Cluster"], "Cluster"),
        )],
        FROM_1_16,
        "write Local or Cluster",
    ),
    refused(
        "clustermesh.apiserver.service.internalTrafficPolicy",
        &[(
            "clustermesh.apiserver.service.internalTrafficPolicy",
            Test::NoneOf(&["Local", "Cluster"], "Cluster"),
        )],
        FROM_1_16,
        "write Local or Cluster",
    ),
    refused(
        "clustermesh.apiserver.etcd.storageMedium",
        &[(
            "clustermesh.apiserver.etcd.storageMedium",
            Test::NoneOf(&["Disk", "Memory"], "Disk"),
        )],
        FROM_1_16,
        "write Disk or Memory",
    ),
    refused(
        "identityManagementMode",
        &[(
            "identityManagementMode",
            Test::NoneOf(&["agent", "operator", "both"], "agent"),
        )],
        FROM_1_18,
        "write agent, operator or both",
    ),
    refused(
        "encryption.ztunnel.ca.type",
        &[(
            "encryption.ztunnel.ca.type",
            Test::NoneOf(&["spire", "internal"], "internal"),
        )],
        FROM_1_20,
        "write spire or internal",
    ),
    refused(
        "ipam.mode",
        &[
            ("ipam.mode", Test::OneOf(&["eni"])),
            ("eni.enabled", Test::Off),
        ],
        FROM_1_20,
        "set `eni.enabled: true`",
    ),
    // `templates/cilium-configmap.yaml`.
    refused(
        "gke.enabled",
        &[
            ("gke.enabled", Test::True),
            ("routingMode", Test::True),
            ("routingMode", Test::NoneOf(&["native"], "native")),
        ],
        &[(v(14, 6), None)],
        "remove `gke.enabled`, or write `routingMode: native`",
    ),
    refused(
        "aksbyocni.enabled",
        &[
            ("aksbyocni.enabled", Test::True),
            ("gke.enabled", Test::Off),
            ("routingMode", Test::True),
            ("routingMode", Test::NoneOf(&["tunnel"], "tunnel")),
        ],
        &[(v(14, 6), None)],
        "remove `aksbyocni.enabled`, or write `routingMode: tunnel`",
    ),
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
    refused(
        "routingMode",
        &[
            ("routingMode", Test::OneOf(&["native"])),
            ("ipv6NativeRoutingCIDR", Test::Off),
            ("nativeRoutingCIDRFromClusterPool", Test::Off),
            ("ipv6.enabled", Test::True),
            ("enableIPv6Masquerade", Test::NoneOf(&["false"], "true")),
            ("ipMasqAgent.enabled", Test::Off),
        ],
        FROM_1_18,
        "set `ipv6NativeRoutingCIDR` to a range that covers the pods of all clusters",
    ),
    refused(
        "nativeRoutingCIDRFromClusterPool",
        &[
            ("nativeRoutingCIDRFromClusterPool", Test::True),
            ("ipv4NativeRoutingCIDR", Test::Off),
            ("ipam.operator.clusterPoolIPv4PodCIDRList", Test::NotOne),
            ("ipam.mode", Test::NoneOf(NO_POOL, "cluster-pool")),
        ],
        FROM_1_20,
        "set `ipv4NativeRoutingCIDR` to a range that covers the pods of all clusters",
    ),
    refused(
        "nativeRoutingCIDRFromClusterPool",
        &[
            ("nativeRoutingCIDRFromClusterPool", Test::True),
            ("ipv6NativeRoutingCIDR", Test::Off),
            ("ipam.operator.clusterPoolIPv6PodCIDRList", Test::NotOne),
            ("ipv6.enabled", Test::True),
            ("ipam.mode", Test::NoneOf(NO_POOL, "cluster-pool")),
        ],
        FROM_1_20,
        "set `ipv6NativeRoutingCIDR` to a range that covers the pods of all clusters",
    ),
    // Read by no template any more, or not yet.
    ignored(
        "ipam.operator.clusterPoolIPv4PodCIDR",
        &[
            ("ipam.operator.clusterPoolIPv4PodCIDR", Test::True),
            ("ipam.operator.clusterPoolIPv4PodCIDRList", Test::Off),
        ],
        FROM_1_19,
        "write the range into `clusterPoolIPv4PodCIDRList`; without it the chart takes its own default",
    ),
    ignored(
        "ipam.operator.clusterPoolIPv6PodCIDR",
        &[
            ("ipam.operator.clusterPoolIPv6PodCIDR", Test::True),
            ("ipam.operator.clusterPoolIPv6PodCIDRList", Test::Off),
        ],
        FROM_1_19,
        "write the range into `clusterPoolIPv6PodCIDRList`; without it the chart takes its own default",
    ),
    ignored(
        "ciliumEndpointSlice.enabled",
        &[
            ("ciliumEndpointSlice.enabled", Test::True),
            ("enableCiliumEndpointSlice", Test::Off),
        ],
        &[(v(13, 0), Some(v(16, 0)))],
        "write `enableCiliumEndpointSlice: true`, which charts below 1.18 read",
    ),
    ignored(
        "encryption.strictMode.enabled",
        &[("encryption.strictMode.enabled", Test::True)],
        &[(v(13, 0), Some(v(15, 0)))],
        "upgrade to 1.15 or newer before it is needed: packets may leave in plain text",
    ),
    ignored(
        "encryption.strictMode.egress.enabled",
        &[
            ("encryption.strictMode.egress.enabled", Test::True),
            ("encryption.strictMode.enabled", Test::Off),
        ],
        &[(v(13, 0), Some(v(19, 0)))],
        "write `encryption.strictMode.enabled`, which charts from 1.15 on read: packets may leave in plain text",
    ),
    ignored(
        "highScaleIPcache.enabled",
        &[("highScaleIPcache.enabled", Test::True)],
        &[(v(13, 0), Some(v(14, 0))), (v(18, 0), None)],
        "remove `highScaleIPcache`; only 1.14 to 1.17 have it",
    ),
    ignored(
        "enableTunnelBIGTCP",
        &[("enableTunnelBIGTCP", Test::True)],
        &[(v(13, 0), Some(v(19, 0))), (v(19, 3), None)],
        "remove `enableTunnelBIGTCP`; only 1.19.0 to 1.19.2 have it",
    ),
    ignored(
        "eni.updateEC2AdapterLimitViaAPI",
        &[("eni.updateEC2AdapterLimitViaAPI", Test::Set)],
        FROM_1_18,
        "remove `eni.updateEC2AdapterLimitViaAPI`: it is always on",
    ),
    ignored(
        "underlayProtocol",
        &[("underlayProtocol", Test::True)],
        &[(v(13, 0), Some(v(18, 0)))],
        "remove `underlayProtocol`, which charts from 1.18 on read",
    ),
    ignored(
        "nativeRoutingCIDRFromClusterPool",
        &[("nativeRoutingCIDRFromClusterPool", Test::True)],
        &[(v(13, 0), Some(v(20, 0)))],
        "write `ipv4NativeRoutingCIDR` in its place",
    ),
    ignored(
        "clustermesh.policyDefaultLocalCluster",
        &[("clustermesh.policyDefaultLocalCluster", Test::True)],
        &[(v(13, 0), Some(v(18, 0)))],
        "remove it: policies select peers' pods too below 1.18",
    ),
    ignored(
        "clustermesh.enableEndpointSliceSynchronization",
        &[("clustermesh.enableEndpointSliceSynchronization", Test::True)],
        &[(v(13, 0), Some(v(16, 0)))],
        "upgrade to 1.16 or newer before it is needed",
    ),
    ignored(
        "clustermesh.apiserver.kvstoremesh.enabled",
        &[("clustermesh.apiserver.kvstoremesh.enabled", Test::True)],
        &[(v(13, 0), Some(v(14, 0)))],
        "remove it: there is KVStoreMesh from 1.14 on",
    ),
    ignored(
        "clustermesh.apiserver.service.loadBalancerSourceRanges",
        &[(
            "clustermesh.apiserver.service.loadBalancerSourceRanges",
            Test::True,
        )],
        &[(v(13, 0), Some(v(17, 0)))],
        "upgrade to 1.17 or newer, or restrict the load balancer by other means: it is open to everybody",
    ),
    ignored(
        "clustermesh.apiserver.service.enableSessionAffinity",
        &[(
            "clustermesh.apiserver.service.enableSessionAffinity",
            Test::True,
        )],
        &[(v(13, 0), Some(v(16, 0)))],
        "remove it, or upgrade to 1.16 or newer before it is needed",
    ),
    ignored(
        "clustermesh.apiserver.service.loadBalancerClass",
        &[(
            "clustermesh.apiserver.service.loadBalancerClass",
            Test::True,
        )],
        &[(v(13, 0), Some(v(15, 7)))],
        "upgrade to 1.15.7 or newer before it is needed",
    ),
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
    // Read from 1.14.4 on (`cilium-configmap.yaml`); 1.15 has no such choice any more.
    ignored(
        "encryption.wireguard.encapsulate",
        &[("encryption.wireguard.encapsulate", Test::True)],
        &[(v(13, 0), Some(v(14, 4))), (v(15, 0), None)],
        "remove it: only 1.14.4 to 1.14.19 have it, and from 1.15 on packets are always encapsulated first",
    ),
    // Still in `values.yaml` of 1.20.0, and read by no template.
    ignored(
        "encryption.ipsec.interface",
        &[("encryption.ipsec.interface", Test::True)],
        FROM_1_20,
        "remove `encryption.ipsec.interface`: agents find the interfaces themselves",
    ),
    ignored(
        "clustermesh.disableKubernetesHostAliases",
        &[("clustermesh.disableKubernetesHostAliases", Test::True)],
        &[(v(13, 0), Some(v(20, 0))), (v(21, 0), None)],
        "remove `clustermesh.disableKubernetesHostAliases`; only 1.20 has it",
    ),
    ignored(
        "clustermesh.apiserver.etcd.image.repository",
        &[(
            "clustermesh.apiserver.etcd.image.repository",
            Test::NoneOf(&["quay.io/coreos/etcd"], "quay.io/coreos/etcd"),
        )],
        &[(v(15, 0), None)],
        "remove `clustermesh.apiserver.etcd.image`; etcd is in the image of the apiserver",
    ),
    ignored(
        "clustermesh.apiserver.kvstoremesh.image.repository",
        &[(
            "clustermesh.apiserver.kvstoremesh.image.repository",
            Test::NoneOf(
                &["quay.io/cilium/kvstoremesh"],
                "quay.io/cilium/kvstoremesh",
            ),
        )],
        &[(v(15, 0), None)],
        "remove `clustermesh.apiserver.kvstoremesh.image`; KVStoreMesh is in the image of the apiserver",
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
pub(super) fn rows() -> impl Iterator<Item = &'static KeptValue> {
    let removed = REMOVED.iter().flatten();
    removed
        .chain(CERTIFICATES)
        .chain(CLOUD_INTERFACES)
        .chain(PASTED)
        .chain(OTHERS)
}
