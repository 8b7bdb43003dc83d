//! What providers and load balancers make of a Service, as data.

/// How a provider reads a boolean annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Boolean {
    /// `true` switches it on; everything else means off, or the default, without a word.
    TrueOrFalse,
    /// What Go's `strconv.ParseBool` takes; anything else fails the Service.
    GoBool,
    /// Everything but `false` means on for the cloud provider, such as `0.0.0.0/0`, which many people write there; the AWS Load
    /// Balancer Controller reads it as Go does.
    AllButFalse,
}

impl Boolean {
    /// Whether a text is read as what it says.
    pub(crate) fn reads(self, text: &str) -> bool {
        let is_plain = matches!(text, "true" | "false");
        let is_go = matches!(
            text,
            "1" | "t" | "T" | "TRUE" | "True" | "0" | "f" | "F" | "FALSE" | "False"
        );
        match self {
            Self::TrueOrFalse => is_plain,
            Self::GoBool => is_plain || is_go,
            Self::AllButFalse => {
                is_plain || matches!(text, "1" | "t" | "T" | "TRUE" | "True" | "0.0.0.0/0")
            }
        }
    }
}

/// Annotations that are read as booleans. Sources: `requiresInternalLoadBalancer` of `kubernetes-sigs/cloud-provider-azure`,
/// `getBoolFromServiceAnnotation` of `kubernetes/cloud-provider-openstack`, `internal/annotation` of
/// `hetznercloud/hcloud-cloud-controller-manager`, `pkg/providers/v1/aws.go` of `kubernetes/cloud-provider-aws`, and
/// `pkg/annotation` of `cilium/cilium`.
pub(crate) const BOOLEAN_ANNOTATIONS: &[(&str, Boolean)] = &[
    (
        "service.beta.kubernetes.io/azure-load-balancer-internal",
        Boolean::TrueOrFalse,
    ),
    (
        "service.beta.kubernetes.io/openstack-internal-load-balancer",
        Boolean::TrueOrFalse,
    ),
    (
        "loadbalancer.openstack.org/keep-floatingip",
        Boolean::TrueOrFalse,
    ),
    (
        "loadbalancer.openstack.org/enable-health-monitor",
        Boolean::TrueOrFalse,
    ),
    (
        "service.beta.kubernetes.io/aws-load-balancer-internal",
        Boolean::AllButFalse,
    ),
    (
        "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled",
        Boolean::TrueOrFalse,
    ),
    (
        "load-balancer.hetzner.cloud/use-private-ip",
        Boolean::GoBool,
    ),
    (
        "load-balancer.hetzner.cloud/disable-private-ingress",
        Boolean::GoBool,
    ),
    (
        "load-balancer.hetzner.cloud/disable-public-network",
        Boolean::GoBool,
    ),
    ("load-balancer.hetzner.cloud/ipv6-disabled", Boolean::GoBool),
    (
        "load-balancer.hetzner.cloud/uses-proxyprotocol",
        Boolean::GoBool,
    ),
    ("io.cilium/global-service", Boolean::TrueOrFalse),
    ("io.cilium/shared-service", Boolean::TrueOrFalse),
    ("service.cilium.io/global", Boolean::TrueOrFalse),
    ("service.cilium.io/shared", Boolean::TrueOrFalse),
];

/// Annotations by which MetalLB is asked for addresses; with `loadBalancerIP` beside one it assigns none
/// (`getDesiredLbIPs` in `controller/service.go` of `metallb/metallb`).
pub(crate) const METALLB_ADDRESSES: [&str; 2] = [
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
];

/// Annotations that ask a load balancer for addresses, comma-separated: MetalLB's, and those of Cilium's own LB IPAM
/// (`getSVCRequestedIPs` in `operator/pkg/lbipam` of `cilium/cilium`), kube-vip's, Azure's (`pkg/consts` of
/// `kubernetes-sigs/cloud-provider-azure`), OpenStack's (`pkg/openstack/loadbalancer.go` of `kubernetes/cloud-provider-openstack`)
/// and PureLB's.
pub(crate) const ADDRESS_ANNOTATIONS: &[&str] = &[
    METALLB_ADDRESSES[0],
    METALLB_ADDRESSES[1],
    "lbipam.cilium.io/ips",
    "io.cilium/lb-ipam-ips",
    "kube-vip.io/loadbalancerIPs",
    "service.beta.kubernetes.io/azure-load-balancer-ipv4",
    "service.beta.kubernetes.io/azure-load-balancer-ipv6",
    "loadbalancer.openstack.org/load-balancer-address",
    "purelb.io/addresses",
];

/// The annotation of ranges that a load balancer lets in, comma-separated, which providers read where
/// `loadBalancerSourceRanges` is not set (`GetLoadBalancerSourceRanges` in `service/helpers` of `kubernetes/cloud-provider`).
pub(crate) const SOURCE_RANGES_ANNOTATION: &str =
    "service.beta.kubernetes.io/load-balancer-source-ranges";

/// KKP's providers whose own load balancers refuse a Service with session affinity (`EnsureLoadBalancer` of
/// `kubernetes/cloud-provider-aws`; reported in cilium/cilium#32646).
pub(crate) const WITHOUT_SESSION_AFFINITY: &[&str] = &["aws"];

/// The class, and the annotation with its values, by which a Service is served by the AWS Load Balancer Controller, which
/// knows session affinity.
pub(crate) const AWS_CONTROLLER_CLASS: &str = "service.k8s.aws/nlb";
/// See [`AWS_CONTROLLER_CLASS`].
pub(crate) const AWS_CONTROLLER_ANNOTATION: (&str, [&str; 2]) = (
    "service.beta.kubernetes.io/aws-load-balancer-type",
    ["external", "nlb-ip"],
);
