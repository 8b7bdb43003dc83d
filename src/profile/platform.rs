//! The firewall that KKP keeps around the nodes of a cluster, by provider and KKP version, as data. Sources are in
//! `kubermatic/kubermatic`; each was compared at every release from the first version of its row to 2.31.0, or to the next row.

use super::version::Version;

/// What KKP keeps on one provider, from one version on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PlatformFirewall {
    /// KKP's name of the provider.
    pub(crate) provider: &'static str,
    /// The first version that this row is about.
    pub(crate) from: Version,
    /// What KKP keeps there, and what that closes between clusters.
    pub(crate) closes: &'static str,
    /// What opens it, and whether that lasts.
    pub(crate) opens: &'static str,
    /// Whether rules that a user adds in the usual way are not enough.
    pub(crate) is_trap: bool,
    /// What of the traffic between clusters is closed.
    pub(crate) closed: Closed,
    /// Where KKP's code says so.
    pub(crate) source: &'static str,
}

/// What KKP's firewall closes to other clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Everything that comes in.
    WayIn,
    /// What is sent to private IPv4 addresses and to IPv6 addresses.
    PrivateWayOut,
    /// Ports that no rule of KKP's opens.
    Ports,
}

/// KubeVirt, whose policy asks which addresses are meant.
pub(crate) const KUBEVIRT: &str = "kubevirt";

/// KKP's names of its providers, of every version that meshgen knows: `ProviderType` in `pkg/apis/kubermatic/v1`, and the
/// key of `spec.cloud` where that is spelled otherwise.
pub(crate) static PROVIDERS: &[&str] = &[
    "alibaba",
    "anexia",
    "aws",
    "azure",
    "baremetal",
    "bringyourown",
    "digitalocean",
    "edge",
    "gcp",
    "hetzner",
    KUBEVIRT,
    "nutanix",
    "openstack",
    "packet",
    "vmware-cloud-director",
    "vmwareclouddirector",
    "vsphere",
];

/// A cloud of a KKP Cluster that has `nodePortsAllowedIPRanges`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NodePortLimit {
    /// Its key of `spec.cloud`.
    pub(crate) cloud: &'static str,
    /// The field beside it that names the security group, where KKP leaves the rules of a group alone that is not its own.
    pub(crate) own_group: Option<&'static str>,
    /// Whether KKP writes the ranges only when it makes the security group.
    pub(crate) is_written_once: bool,
}

/// Every cloud with such ranges: `security_group.go`, and `firewall_rules.go` of GCP, in `pkg/provider/cloud`.
pub(crate) static NODE_PORTS_LIMITED: &[NodePortLimit] = &[
    NodePortLimit {
        cloud: "aws",
        own_group: None,
        is_written_once: false,
    },
    NodePortLimit {
        cloud: "azure",
        own_group: Some("securityGroup"),
        is_written_once: false,
    },
    NodePortLimit {
        cloud: "gcp",
        own_group: None,
        is_written_once: false,
    },
    NodePortLimit {
        cloud: "openstack",
        own_group: Some("securityGroups"),
        is_written_once: true,
    },
];

/// The security group that KKP makes for a Cluster (`resourceNamePrefix` of the providers).
pub(crate) fn security_group_of(kkp_cluster: &str) -> String {
    format!("kubernetes-{kkp_cluster}")
}

/// What KKP keeps on a provider: nothing on those that have no row, where what stands between the nodes is the user's own.
/// Without a version the newest is meant.
pub(crate) fn platform_firewall(
    provider: &str,
    kkp: Option<Version>,
) -> Option<&'static PlatformFirewall> {
    let rows = PLATFORMS.iter().rev();
    let mut known = rows.filter(|row| kkp.is_none_or(|kkp| row.from <= kkp));
    known.find(|row| row.provider == provider)
}

const V2_22_0: Version = Version::new(2, 22, 0);

/// Every row; of one provider, the oldest first.
pub(crate) static PLATFORMS: &[PlatformFirewall] = &[
    PlatformFirewall {
        provider: KUBEVIRT,
        from: V2_22_0,
        closes: "KKP's NetworkPolicy `cluster-isolation` in the infra cluster lets in what the cluster's own nodes send, and nothing of other clusters: the tunnel, 4240, ICMP and 2379 are closed",
        opens: "`meshgen firewall --format kubevirt --cluster <name>` writes the NetworkPolicy to add in the cluster's namespace of the infra cluster; `--format kubevirt-datacenter` the entry of `customNetworkPolicies` in the Seed's datacenter, which is for all clusters there. Where the Seed says `enableDefaultNetworkPolicies: false` for the datacenter (from KKP 2.22.4), nothing is closed: apply none of them, which alone would close the way in, and accept this with `ignore`",
        is_trap: true,
        closed: Closed::WayIn,
        source: "pkg/provider/cloud/kubevirt/network_policy.go, v2.22.0 to v2.22.13",
    },
    PlatformFirewall {
        provider: KUBEVIRT,
        from: Version::new(2, 23, 0),
        closes: "KKP's NetworkPolicy `cluster-isolation` in the infra cluster drops what the nodes send to private IPv4 addresses and to IPv6 addresses of other clusters, the tunnel, 4240, ICMP and 2379 included",
        opens: "`meshgen firewall --format kubevirt --cluster <name>` writes the NetworkPolicy to add in the cluster's namespace of the infra cluster; `--format kubevirt-datacenter` the entry of `customNetworkPolicies` in the Seed's datacenter, which is for all clusters there. Where the Seed says `enableDefaultNetworkPolicies: false` for the datacenter, or `namespacedMode` is on (from KKP 2.26), nothing is closed: apply none of them, which alone would close the way out, and accept this with `ignore`",
        is_trap: true,
        closed: Closed::PrivateWayOut,
        source: "pkg/provider/cloud/kubevirt/network_policy.go, v2.23.0 to v2.31.0",
    },
    PlatformFirewall {
        provider: "azure",
        from: V2_22_0,
        closes: "KKP's network security group lets in ICMP, 22, node ports, and all that comes from Azure's service tag VirtualNetwork: the cluster's network, those peered with it, and those behind its gateways. The tunnel and 4240 from elsewhere are closed. KKP writes the group anew at every reconcile, so a rule that it did not write itself is removed",
        opens: "where the nodes of a peer are outside that tag, the rules of `meshgen firewall --format azure --cluster <name>`. They last only in a group without KKP's tag `cluster`. Of a new cluster, name such a group in `spec.cloud.azure.securityGroup`; KKP refuses to change that field later, so of one that exists take the tag off KKP's group: KKP leaves its rules alone from then on, those for node ports too. Where the nodes of all peers are inside VirtualNetwork, or the rules are there, accept this with `ignore`",
        is_trap: true,
        closed: Closed::Ports,
        source: "pkg/provider/cloud/azure, security_group.go, utils.go and provider.go, v2.22.0 to v2.31.0",
    },
    PlatformFirewall {
        provider: "openstack",
        from: V2_22_0,
        closes: "KKP's security group `kubernetes-<id>` lets in ICMP, 22 and node ports; the tunnel and 4240 from other clusters are closed",
        opens: "add the rules of `meshgen firewall --format openstack --cluster <name>` to that group: KKP writes it once and keeps what is added",
        is_trap: false,
        closed: Closed::Ports,
        source: "pkg/provider/cloud/openstack, helper.go from v2.22.0, security_group.go from v2.26.0 to v2.31.0",
    },
    PlatformFirewall {
        provider: "aws",
        from: V2_22_0,
        closes: "KKP's security group `kubernetes-<id>` lets in ICMP, 22 and node ports; the tunnel and 4240 from other clusters are closed",
        opens: "add the rules of `meshgen firewall --format aws --cluster <name>` (Terraform) or `--format cloudformation` to that group: KKP only adds rules and keeps yours",
        is_trap: false,
        closed: Closed::Ports,
        source: "pkg/provider/cloud/aws/security_group.go, v2.22.0 to v2.31.0",
    },
    PlatformFirewall {
        provider: "gcp",
        from: V2_22_0,
        closes: "KKP's rules `firewall-<id>-*` let in ICMP and node ports; they do not open the tunnel and 4240 to other clusters",
        opens: "add the rules of `meshgen firewall --format gcp --cluster <name>`, which select the same nodes by the tag `kubernetes-cluster-<id>`: KKP leaves rules of other names alone",
        is_trap: false,
        closed: Closed::Ports,
        source: "pkg/provider/cloud/gcp/firewall_rules.go, v2.22.0 to v2.31.0",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_holds_from_its_version_to_the_next_of_its_provider() {
        let closed = |provider, kkp| platform_firewall(provider, kkp).map(|row| row.closed);
        let v = |minor, patch| Some(Version::new(2, minor, patch));
        assert_eq!(closed(KUBEVIRT, v(22, 13)), Some(Closed::WayIn));
        assert_eq!(closed(KUBEVIRT, v(23, 0)), Some(Closed::PrivateWayOut));
        assert_eq!(closed(KUBEVIRT, None), Some(Closed::PrivateWayOut));
        assert_eq!(closed("aws", v(22, 0)), Some(Closed::Ports));
        assert_eq!(closed("hetzner", v(31, 0)), None);
    }
}
