//! Who may reach node ports, as KKP's own firewall has it.

use ipnet::IpNet;

use super::ranges::{is_dialled_from, node_ranges};
use super::{Context, Rule};
use crate::compile::kubectl::kubectl;
use crate::finding::{Finding, Severity};
use crate::firewall::cidr::aggregate;
use crate::model::{Cluster, Fact, Mesh, NodePortSources, ServiceType};
use crate::profile::platform::security_group_of;

/// Only where peers dial the nodes themselves: for a load balancer the cloud's own controller opens the way.
pub(super) fn check(context: &Context<'_>, rule: &Rule, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    for cluster in mesh.members() {
        if let Some(sources) = &cluster.node_port_sources
            && cluster.apiserver.service_type == ServiceType::NodePort
        {
            out.extend(shut_out(mesh, cluster, sources, rule));
        }
    }
}

fn shut_out(
    mesh: &Mesh,
    cluster: &Cluster,
    sources: &Fact<NodePortSources>,
    rule: &Rule,
) -> Option<Finding> {
    let allowed = aggregate(&sources.value.ranges);
    let is_allowed = |net: &IpNet| allowed.iter().any(|range| range.contains(net));
    let peers = mesh.members().filter(|peer| peer.index != cluster.index);
    let shut_out: Vec<(&Cluster, Vec<IpNet>)> = peers
        .map(|peer| {
            let nodes = node_ranges(peer).into_iter();
            let dialling = nodes.filter(|net| is_dialled_from(cluster, net));
            (peer, dialling.filter(|net| !is_allowed(net)).collect())
        })
        .filter(|(_, missing): &(_, Vec<IpNet>)| !missing.is_empty())
        .collect();
    let missing: Vec<IpNet> = shut_out.iter().flat_map(|(_, nets)| nets.clone()).collect();
    let missing = aggregate(&missing);
    if missing.is_empty() {
        return None;
    }
    let names: Vec<&str> = shut_out.iter().map(|(peer, _)| peer.name()).collect();
    let message = format!(
        "peers dial node ports of {}, and KKP's firewall does not let the nodes of {} in: {} missing",
        cluster.name(),
        names.join(", "),
        listed(&missing)
    );
    let finding = rule
        .finding_as(Severity::Error, sources.place.clone(), message)
        .label("who may reach node ports")
        .help(help(mesh, cluster, &sources.value, &missing))
        .cluster(cluster.name());
    let places = shut_out.iter().filter_map(|(peer, _)| {
        let range = peer.node_cidrs.first().map(|range| &range.place);
        range.or_else(|| peer.nodes.first().map(|node| &node.place))
    });
    Some(places.take(3).fold(finding, |finding, place| {
        finding.related(place.clone(), "nodes that dial it")
    }))
}

fn listed(nets: &[IpNet]) -> String {
    let texts: Vec<String> = nets.iter().map(IpNet::to_string).collect();
    let verb = if nets.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", texts.join(", "))
}

/// The patch of KKP's Cluster on the seed: a merge patch replaces the list, so it holds what is there too.
fn help(mesh: &Mesh, cluster: &Cluster, sources: &NodePortSources, missing: &[IpNet]) -> String {
    let mut ranges = sources.ranges.clone();
    ranges.extend(missing);
    let blocks: Vec<String> = ranges.iter().map(IpNet::to_string).collect();
    let cloud = serde_json::json!({
        "spec": {"cloud": {sources.limit.cloud: {"nodePortsAllowedIPRanges": {"cidrBlocks": blocks}}}}
    });
    let seed = mesh.seed.clone().unwrap_or_default();
    let id = cluster.kkp_id.as_deref().unwrap_or("<cluster id>");
    let patch = format!(
        "on the seed: `{} patch clusters.kubermatic.k8c.io {} --type merge -p '{cloud}'`",
        kubectl(&seed),
        crate::compile::kubectl::quoted(id)
    );
    if sources.limit.is_written_once {
        let group = security_group_of(id);
        return format!(
            "{patch}; on OpenStack KKP writes its security group only once, so add the ranges to the group `{group}` too"
        );
    }
    patch
}
