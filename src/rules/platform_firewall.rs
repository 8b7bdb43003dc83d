//! The firewall that KKP itself keeps around the nodes.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use super::{Context, Rule, node_port_sources};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::model::{Cluster, Mesh};
use crate::profile::platform::{KUBEVIRT, PLATFORMS, PlatformFirewall};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "platform-firewall", Warning,
        what: "KKP keeps a firewall around the nodes of a cluster, and it is closed to the other clusters.",
        why: "On KubeVirt, OpenStack, AWS, GCP and Azure KKP writes network policies or security groups of its own. None of them lets the tunnel (8472/udp) and the health check (4240/tcp) in from another cluster, and on KubeVirt nothing reaches private addresses of others at all. It is a warning where rules that are added in the usual way are not enough (KubeVirt, Azure), else a note. It is an error where the dumped KKP Cluster limits who reaches node ports, and the nodes of a peer, which dial one, are not among them. docs/firewalls.md has what to apply on each provider.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    if mesh.members().count() < 2 {
        return;
    }
    out.extend(
        PLATFORMS
            .iter()
            .filter_map(|platform| closed(mesh, platform)),
    );
    node_port_sources::check(context, &RULE, out);
}

/// One finding for each provider, since the cure is one.
fn closed(mesh: &Mesh, platform: &PlatformFirewall) -> Option<Finding> {
    let on_it = |cluster: &&Cluster| {
        let provider = cluster.provider.as_ref();
        provider.is_some_and(|provider| provider.value == platform.provider)
            && (platform.provider != KUBEVIRT || is_isolated(mesh, cluster))
    };
    let mut clusters = mesh.members().filter(on_it);
    let first = clusters.next()?;
    let severity = match platform.is_trap {
        true => Severity::Warning,
        false => Severity::Note,
    };
    let place = first.provider.as_ref()?.place.clone();
    let finding = RULE
        .finding_as(severity, place, platform.closes)
        .label(format!("kubermatic/kubermatic, {}", platform.source))
        .help(platform.opens)
        .cluster(first.name());
    Some(clusters.fold(finding, |finding, cluster| finding.cluster(cluster.name())))
}

/// Whether the policy on KubeVirt is in the way: it leaves public IPv4 addresses open, unless it closes the way in.
fn is_isolated(mesh: &Mesh, cluster: &Cluster) -> bool {
    let kkp = cluster.kkp.as_ref();
    let others = mesh.members().filter(|other| other.index != cluster.index);
    kkp.is_some_and(|kkp| kkp.value.profile.kubevirt_isolates_ingress)
        || others.into_iter().any(has_private_address)
}

fn has_private_address(cluster: &Cluster) -> bool {
    let ranges = cluster.node_cidrs.iter().map(|range| range.value);
    let addresses = cluster.nodes.iter().chain(&cluster.apiserver.addresses);
    let mut all = ranges.chain(addresses.map(|address| address.value.into()));
    let unknown = cluster.node_cidrs.is_empty() && cluster.nodes.is_empty();
    unknown || all.any(|net| is_private(&net))
}

/// What the policy closes: RFC 1918, and IPv6 altogether.
fn is_private(net: &IpNet) -> bool {
    const BLOCKS: [(Ipv4Addr, u8); 3] = [
        (Ipv4Addr::new(10, 0, 0, 0), 8),
        (Ipv4Addr::new(172, 16, 0, 0), 12),
        (Ipv4Addr::new(192, 168, 0, 0), 16),
    ];
    match net {
        IpNet::V4(net) => BLOCKS.iter().any(|(address, prefix)| {
            let block = Ipv4Net::new_assert(*address, *prefix);
            block.contains(net) || net.contains(&block)
        }),
        IpNet::V6(_) => true,
    }
}
