//! The firewall that KKP keeps around the nodes of a cluster, by provider, as data. Sources are in `kubermatic/kubermatic` at v2.31.0.

/// What KKP keeps on one provider.
pub(crate) struct PlatformFirewall {
    /// KKP's name of the provider.
    pub(crate) provider: &'static str,
    /// What KKP keeps there, and what that closes between clusters.
    pub(crate) closes: &'static str,
    /// What opens it, and whether that lasts.
    pub(crate) opens: &'static str,
    /// Whether rules that a user adds in the usual way are not enough.
    pub(crate) is_trap: bool,
    /// Where KKP's code says so.
    pub(crate) source: &'static str,
}

/// KubeVirt, whose policy also asks which addresses are meant.
pub(crate) const KUBEVIRT: &str = "kubevirt";

/// The clouds of a KKP Cluster that have `nodePortsAllowedIPRanges`.
pub(crate) static NODE_PORTS_LIMITED: &[&str] = &["aws", "azure", "gcp", "openstack"];

/// The cloud on which KKP writes the ranges only when it makes the security group (`security_group.go`).
pub(crate) const NODE_PORTS_WRITTEN_ONCE: &str = "openstack";

/// Every provider on which KKP keeps a firewall. On the others there is none, and what stands between the nodes is the user's own.
pub(crate) static PLATFORMS: &[PlatformFirewall] = &[
    PlatformFirewall {
        provider: KUBEVIRT,
        closes: "KKP's NetworkPolicy `cluster-isolation` in the infra cluster drops what the nodes send to private addresses of other clusters, the tunnel, 4240, ICMP and 2379 included",
        opens: "`meshgen firewall --format kubevirt --cluster <name>` writes the NetworkPolicy to add in the cluster's namespace of the infra cluster; `--format kubevirt-datacenter` the entry of `customNetworkPolicies` in the Seed's datacenter, which is for all clusters there. Where `enableDefaultNetworkPolicies: false` is set, or the way is open already, accept this with `ignore`",
        is_trap: true,
        source: "pkg/provider/cloud/kubevirt/network_policy.go",
    },
    PlatformFirewall {
        provider: "azure",
        closes: "KKP's network security group lets in ICMP, 22 and node ports; the tunnel and 4240 from other clusters are closed. KKP removes at its next reconcile every rule that it did not write itself",
        opens: "`meshgen firewall --format azure --cluster <name>` writes the rules. Put them into a network security group of your own that KKP does not own: one without its tag, named in the Cluster's `spec.cloud.azure.securityGroup`. Where that is so already, accept this with `ignore`",
        is_trap: true,
        source: "pkg/provider/cloud/azure/security_group.go",
    },
    PlatformFirewall {
        provider: "openstack",
        closes: "KKP's security group `kubernetes-<id>` lets in ICMP, 22 and node ports; the tunnel and 4240 from other clusters are closed",
        opens: "add the rules of `meshgen firewall --format openstack --cluster <name>` to that group: KKP writes it once and keeps what is added",
        is_trap: false,
        source: "pkg/provider/cloud/openstack/security_group.go",
    },
    PlatformFirewall {
        provider: "aws",
        closes: "KKP's security group `kubernetes-<id>` lets in ICMP, 22 and node ports; the tunnel and 4240 from other clusters are closed",
        opens: "add the rules of `meshgen firewall --format aws --cluster <name>` to that group: KKP only adds rules and keeps yours",
        is_trap: false,
        source: "pkg/provider/cloud/aws/security_group.go",
    },
    PlatformFirewall {
        provider: "gcp",
        closes: "KKP's rules `firewall-<id>-*` let in ICMP, 22 and node ports; the tunnel and 4240 from other clusters are closed",
        opens: "add the rules of `meshgen firewall --format gcp --cluster <name>`, which select the same nodes by the tag `kubernetes-cluster-<id>`: KKP leaves rules of other names alone",
        is_trap: false,
        source: "pkg/provider/cloud/gcp/firewall.go",
    },
];
