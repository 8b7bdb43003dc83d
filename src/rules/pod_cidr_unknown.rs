//! A cluster whose pod range nobody says has KKP's default, or one that cannot be checked.

use ipnet::IpNet;

use super::free_ranges::{KKP_PODS, KUBEVIRT_PODS, is_kubevirt};
use super::ranges::{self, Range};
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "pod-cidr-unknown", Warning,
        what: "Nobody says what the pod range of a cluster is, and the range that KKP gives to a cluster that does not ask is another cluster's.",
        why: "KKP gives 172.25.0.0/16, on KubeVirt 172.26.0.0/16, which is also the guide's example of another range. Say `podCIDRs`, or dump the KKP Cluster, so that overlaps are found before anything is applied.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let pods = ranges::pods(context.mesh);
    for cluster in &context.mesh.clusters {
        if !cluster.pod_cidrs.is_empty()
            || cluster.is_unusable("podCIDRs")
            || lacks_dumps(context, cluster)
        {
            continue;
        }
        let default = IpNet::from(if is_kubevirt(cluster) {
            KUBEVIRT_PODS
        } else {
            KKP_PODS
        });
        let mut holders = pods.iter();
        if let Some(holder) =
            holders.find(|pod| pod.net.contains(&default) || default.contains(&pod.net))
        {
            out.push(finding(context, cluster, default, holder));
        }
    }
}

/// Whether dumps that could say it are not there to be read.
fn lacks_dumps(context: &Context<'_>, cluster: &Cluster) -> bool {
    let mut absent = context.mesh.absent.iter();
    absent.any(|absent| absent.fact == "dumps" && absent.cluster == Some(cluster.index))
}

fn finding(
    context: &Context<'_>,
    cluster: &Cluster,
    default: IpNet,
    holder: &Range<'_>,
) -> Finding {
    let place = context.input.field(cluster.index, "podCIDRs");
    let message = format!(
        "the pod range of {} is not given; KKP's default for it, {default}, overlaps that of {}",
        cluster.name(),
        holder.cluster.name()
    );
    RULE.finding(place, message)
        .label("no `podCIDRs` here, and no dumped KKP Cluster")
        .related(holder.place.clone(), format!("{} here", holder.net))
        .help("add `podCIDRs` with what spec.clusterNetwork.pods.cidrBlocks of the KKP Cluster says, or dump that Cluster")
        .cluster(cluster.name())
        .cluster(holder.cluster.name())
}
