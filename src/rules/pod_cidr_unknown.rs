//! A cluster whose pod range is not given: it has KKP's default, or one that cannot be checked.

use ipnet::IpNet;

use super::free_ranges::{KKP_PODS, KUBEVIRT_PODS, is_kubevirt};
use super::ranges::{self, ClusterRange};
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "pod-cidr-unknown", Warning,
        what: "The pod range of a cluster is not known. KKP's default range, which it may have, is another cluster's range, or the default of another cluster whose range is not known either.",
        why: "KKP gives 172.25.0.0/16, on KubeVirt 172.26.0.0/16, which is also the guide's example of another range. Say `podCIDRs`, or dump the ApplicationInstallation or the KKP Cluster, so that overlaps are found before anything is applied.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let pods = ranges::pods(context.mesh);
    let mut unknown: Vec<(&Cluster, IpNet)> = Vec::new();
    for cluster in context.mesh.members() {
        if !cluster.pod_cidrs.is_empty()
            || cluster.is_unusable("podCIDRs")
            || lacks_dumps(context, cluster)
        {
            continue;
        }
        let default = default_of(cluster);
        let mut holders = pods.iter();
        let holder = holders.find(|pod| pod.net.contains(&default) || default.contains(&pod.net));
        let twin = unknown.iter().find(|(_, range)| *range == default);
        if let Some(holder) = holder {
            out.push(overlaps(context, cluster, default, holder));
        } else if let Some((twin, _)) = twin {
            out.push(same_default(context, cluster, default, twin));
        }
        unknown.push((cluster, default));
    }
}

fn default_of(cluster: &Cluster) -> IpNet {
    IpNet::from(if is_kubevirt(cluster) {
        KUBEVIRT_PODS
    } else {
        KKP_PODS
    })
}

/// Whether dumps that could say it are not there to be read.
fn lacks_dumps(context: &Context<'_>, cluster: &Cluster) -> bool {
    let mut absent = context.mesh.absent.iter();
    absent.any(|absent| absent.fact == "dumps" && absent.cluster == Some(cluster.index))
}

fn overlaps(
    context: &Context<'_>,
    cluster: &Cluster,
    default: IpNet,
    holder: &ClusterRange<'_>,
) -> Finding {
    let message = format!(
        "the pod range of {} is not given; KKP's default for it, {default}, overlaps that of {}",
        cluster.name(),
        holder.cluster.name()
    );
    finding(context, cluster, message)
        .related(holder.place.clone(), format!("{} here", holder.net))
        .cluster(holder.cluster.name())
}

fn same_default(
    context: &Context<'_>,
    cluster: &Cluster,
    default: IpNet,
    twin: &Cluster,
) -> Finding {
    let message = format!(
        "the pod ranges of {} and {} are not given; KKP's default is {default} for both",
        twin.name(),
        cluster.name()
    );
    let place = context.input.field(twin.index, "podCIDRs");
    finding(context, cluster, message)
        .related(place, "nor here")
        .cluster(twin.name())
}

fn finding(context: &Context<'_>, cluster: &Cluster, message: String) -> Finding {
    let place = context.input.field(cluster.index, "podCIDRs");
    RULE.finding(place, message)
        .label("no `podCIDRs` here, and no dump that tells them")
        .help("add `podCIDRs` with what spec.clusterNetwork.pods.cidrBlocks of the KKP Cluster says, or dump that Cluster or the ApplicationInstallation")
        .cluster(cluster.name())
}
