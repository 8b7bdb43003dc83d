//! The firewall that KKP itself keeps around the nodes.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use super::{Context, Rule, node_port_sources};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::model::{Cluster, Mesh};
use crate::profile::platform::{Closed, PLATFORMS, PlatformFirewall, platform_firewall};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "platform-firewall", Warning,
        what: "KKP keeps a firewall around the nodes of a cluster, and it is closed to the other clusters.",
        why: "On KubeVirt, OpenStack, AWS, GCP and Azure KKP writes network policies, security groups or firewall rules of its own. None of them opens the tunnel (8472/udp) and the health check (4240/tcp) to another cluster. On KubeVirt private addresses of others cannot be reached at all (up to KKP 2.22, nothing of others comes in); on Azure what comes from a peered network is let in all the same. Where the dumped KKP Cluster of OpenStack or Azure names a security group that is not KKP's, KKP leaves that alone, and nothing is said. It is a warning where rules that are added in the usual way are not enough (KubeVirt, Azure), else a note. It is an error where the dumped KKP Cluster limits who reaches node ports, and the nodes of a peer, which dial one, are not among them. docs/firewalls.md has what to apply on each provider.",
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

/// One finding for each row, since the cure is one.
fn closed(mesh: &Mesh, platform: &PlatformFirewall) -> Option<Finding> {
    let on_it = |cluster: &&Cluster| {
        firewall_of(cluster) == Some(platform) && is_in_the_way(mesh, cluster, platform)
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

/// What KKP keeps around a cluster; nothing where the security group is the user's own.
fn firewall_of(cluster: &Cluster) -> Option<&'static PlatformFirewall> {
    let provider = cluster.provider.as_ref()?;
    let kkp = cluster.kkp.as_ref().map(|kkp| kkp.value.version);
    platform_firewall(&provider.value, kkp).filter(|_| !cluster.has_own_security_group)
}

/// The policy on KubeVirt leaves public IPv4 addresses open.
fn is_in_the_way(mesh: &Mesh, cluster: &Cluster, platform: &PlatformFirewall) -> bool {
    let mut others = mesh.members().filter(|other| other.index != cluster.index);
    platform.closed != Closed::PrivateWayOut || others.any(has_private_address)
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
