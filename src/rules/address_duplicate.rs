//! Every clustermesh-apiserver has an address of its own.

use std::collections::BTreeMap;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;
use crate::source::Place;

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
    for cluster in context.mesh.members() {
        for (address, place) in dialled(cluster) {
            let key = (address, cluster.apiserver.port);
            let first = *seen.entry(key.clone()).or_insert((cluster, place));
            if first.0.index != cluster.index && !is_one_service(first.0, cluster) {
                out.push(finding(first, (cluster, place), &key));
            }
        }
    }
}

/// Whether both clusters have a dump of one and the same Service, which `dump-foreign` says.
fn is_one_service(one: &Cluster, other: &Cluster) -> bool {
    let uid = |cluster: &Cluster| cluster.apiserver.live.as_ref()?.uid.clone();
    uid(one).is_some_and(|own| uid(other) == Some(own))
}

/// What peers dial: addresses, else a name, whose letters may be of either case.
fn dialled(cluster: &Cluster) -> impl Iterator<Item = (String, &Place)> {
    let apiserver = &cluster.apiserver;
    let addresses = apiserver.addresses.iter();
    let addresses = addresses.map(|address| (address.value.to_string(), &address.place));
    let host = apiserver.host.as_ref();
    let host = host.filter(|_| apiserver.addresses.is_empty());
    addresses.chain(host.map(|host| (host.value.to_ascii_lowercase(), &host.place)))
}

fn finding(
    (first, at): (&Cluster, &Place),
    (other, again): (&Cluster, &Place),
    (address, port): &(String, u16),
) -> Finding {
    let message = format!(
        "{} and {} are both reached at {address} port {port}",
        first.name(),
        other.name()
    );
    RULE.finding(again.clone(), message)
        .related(at.clone(), "the first one")
        .help("give each cluster the address of its own clustermesh-apiserver")
        .cluster(first.name())
        .cluster(other.name())
}
