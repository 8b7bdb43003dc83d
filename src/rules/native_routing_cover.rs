//! With native routing, what lies outside the native routing range is masqueraded.

use super::ranges::{self, ClusterRange};
use super::{Context, Rule};
use crate::code::code;
use crate::datapath::{self, MeshDatapath};
use crate::finding::Finding;
use crate::firewall::cidr::Family;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "native-routing-cover", Error,
        what: "A cluster routes natively, and its native routing range does not cover the pods of the whole mesh.",
        why: "A packet to a pod outside `ipv4NativeRoutingCIDR` (or `ipv6NativeRoutingCIDR`) leaves with the node's address instead of the pod's: the peer takes it for a stranger, and network policies drop it. Set a range that covers all pod ranges in every cluster, such as 172.16.0.0/12.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let pods = ranges::pods(context.mesh);
    let datapath = MeshDatapath::of(context.mesh);
    for cluster in context.mesh.members() {
        if datapath.is_native(cluster) {
            for (key, family) in [
                ("ipv4NativeRoutingCIDR", Family::V4),
                ("ipv6NativeRoutingCIDR", Family::V6),
            ] {
                out.extend(uncovered(cluster, key, family, &pods));
            }
        }
    }
}

fn uncovered(
    cluster: &Cluster,
    key: &str,
    family: Family,
    pods: &[ClusterRange<'_>],
) -> Option<Finding> {
    let setting = datapath::native_range(cluster, family)?;
    let range = setting.value;
    let same = pods.iter().filter(|pod| Family::of(&pod.net) == family);
    let outside: Vec<&ClusterRange<'_>> = same.filter(|pod| !range.contains(&pod.net)).collect();
    let first = outside.first()?;
    let more = match outside.len() {
        1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    let message = format!(
        "{key} of {} is {range}, and does not cover the pods of {} ({}){more}",
        cluster.name(),
        first.cluster.name(),
        first.net
    );
    let finding = RULE
        .finding(setting.place?, message)
        .label("too narrow")
        .related(first.place.clone(), "these pods are outside")
        .help(format!(
            "set {key} to a range that covers the pods of all clusters"
        ))
        .cluster(cluster.name());
    let outside = outside.iter().map(|pod| pod.cluster.name());
    Some(outside.fold(finding, Finding::cluster))
}
