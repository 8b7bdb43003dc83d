//! Every clustermesh-apiserver has an address of its own.

use std::collections::BTreeMap;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "address-duplicate", Error,
        what: "The clustermesh-apiservers of two clusters have the same address and port.",
        why: "A cluster that dials this address reaches one of the two and is refused, or reads the wrong cluster's state. It is usually a paste that was not changed: `kubectl -n kube-system get service clustermesh-apiserver` tells the address of each.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for cluster in &context.mesh.clusters {
        for address in &cluster.apiserver.addresses {
            let key = (address.value, cluster.apiserver.port);
            let first = *seen.entry(key).or_insert((cluster, address));
            if first.0.index != cluster.index {
                out.push(
                    RULE.finding(
                        address.place.clone(),
                        format!(
                            "{} and {} are both reached at {} port {}",
                            first.0.name(),
                            cluster.name(),
                            key.0,
                            key.1
                        ),
                    )
                    .related(first.1.place.clone(), "the first one")
                    .help("give each cluster the address of its own clustermesh-apiserver")
                    .cluster(first.0.name())
                    .cluster(cluster.name()),
                );
            }
        }
    }
}
