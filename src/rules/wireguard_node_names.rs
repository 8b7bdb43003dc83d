//! Nodes of two clusters with one name, which old charts cannot tell apart under WireGuard.

use std::collections::HashMap;

use super::{Context, Rule};
use crate::code::code;
use crate::datapath::{self, MeshDatapath};
use crate::finding::Finding;
use crate::model::{Cluster, EncryptionKind, Fact};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "wireguard-node-names", Error,
        what: "Nodes of two clusters have the same name, and one of the clusters runs WireGuard on Cilium older than 1.13.3.",
        why: "These agents keep WireGuard peers by the node's name alone, without its cluster: one node's key overwrites the other's, and packets to one of the two are lost (cilium/cilium#24785). KKP 2.22.0 to 2.22.8 ship Cilium 1.13.0.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut first: HashMap<&str, (&Cluster, &Fact<String>)> = HashMap::new();
    let clusters = &context.mesh.clusters;
    let default = MeshDatapath::of(context.mesh).encryption;
    let mixes_up_names: Vec<bool> = clusters
        .iter()
        .map(|cluster| mixes_up_names(cluster, default))
        .collect();
    for cluster in clusters {
        let mut is_reported = false;
        for node in &cluster.dumped_nodes {
            let (other, twin) = *first
                .entry(&node.name.value)
                .or_insert((cluster, &node.name));
            let mixes_up = [other, cluster]
                .into_iter()
                .find(|cluster| mixes_up_names[cluster.index]);
            if let Some(victim) = mixes_up.filter(|_| other.index != cluster.index && !is_reported)
            {
                is_reported = true; // names repeat as series do: worker-1, worker-2, ...
                out.push(finding(victim, (other, twin), (cluster, &node.name)));
            }
        }
    }
}

/// Whether a cluster keeps WireGuard peers by the name of the node alone. `default` is what counts where its values say nothing.
fn mixes_up_names(cluster: &Cluster, default: EncryptionKind) -> bool {
    let own = datapath::encryption(cluster);
    let kind = if own.is_explicit { own.value } else { default };
    let chart = cluster.chart();
    kind == EncryptionKind::Wireguard && chart.is_some_and(|chart| chart.wireguard_by_node_name)
}

fn finding(
    victim: &Cluster,
    (first, twin): (&Cluster, &Fact<String>),
    (second, node): (&Cluster, &Fact<String>),
) -> Finding {
    let message = format!(
        "{} and {} both have a node `{}`, and WireGuard in {} takes the two for one",
        first.name(),
        second.name(),
        node.value,
        victim.name()
    );
    let mut finding = RULE
        .finding(node.place.clone(), message)
        .label("the same name")
        .related(twin.place.clone(), "first here")
        .help("upgrade Cilium to 1.13.3 or newer before the clusters are joined, or name the nodes of one cluster otherwise");
    if let Some(cilium) = &victim.cilium {
        finding = finding.related(cilium.place.clone(), "cured in 1.13.3");
    }
    finding.cluster(first.name()).cluster(second.name())
}
