//! What the rules about remote certificates share.

use super::{Context, Rule};
use crate::compile::kubectl::dump_again;
use crate::finding::{Finding, Severity};
use crate::model::Cluster;
use crate::pki::{Fit, RemoteFault};
use crate::source::Place;
use crate::trust::Remote;

/// Each fault of each remote certificate that some cluster's values will carry.
pub(super) fn faults<'c>(
    context: &'c Context<'_>,
) -> impl Iterator<Item = (&'c Cluster, &'c RemoteFault)> {
    let all = context.mesh.clusters.iter().zip(&context.trust.remotes);
    all.flat_map(|(cluster, remote)| {
        let faults: &[RemoteFault] = match remote {
            Remote::Faulty(faults) => faults,
            // Where no CA is there to judge, a key can still be another certificate's.
            Remote::Unknown if has_a_foreign_key(cluster) => &[RemoteFault::KeyMismatch],
            Remote::Unknown | Remote::Proven(_) | Remote::NotNeeded => &[],
        };
        faults.iter().map(move |fault| (cluster, fault))
    })
}

fn has_a_foreign_key(cluster: &Cluster) -> bool {
    let (Some(cert), Some(key)) = (&cluster.remote.cert, &cluster.remote.key) else {
        return false;
    };
    key.value.fits(&cert.value) == Fit::No
}

/// A finding about a cluster's remote certificate, which is to be dumped again.
pub(super) fn finding(
    context: &Context<'_>,
    rule: &Rule,
    cluster: &Cluster,
    place: Place,
    message: String,
) -> Finding {
    let severity = if context.must_prove(cluster.index) {
        Severity::Error
    } else {
        Severity::Note
    };
    rule.finding_as(severity, place, message)
        .help(again(cluster))
        .cluster(cluster.name())
}

/// The place of the certificate.
pub(super) fn cert_place(cluster: &Cluster) -> Place {
    let cert = cluster.remote.cert.as_ref();
    cert.map_or_else(
        || cluster.place.key("remoteCert"),
        |cert| cert.place.clone(),
    )
}

/// The place of its key.
pub(super) fn key_place(cluster: &Cluster) -> Place {
    let key = cluster.remote.key.as_ref();
    key.map_or_else(|| cluster.place.key("remoteCert"), |key| key.place.clone())
}

/// How one is had without asking the cluster.
pub(super) const MAKE: &str = "make another one with `meshgen pki remote mesh.yaml -o DIR`, where DIR is a new folder, and name its files as `remoteCert`";

/// How it is dumped again; where mesh.yaml gives it, no dump takes its place.
pub(super) fn again(cluster: &Cluster) -> String {
    if is_given(cluster) {
        format!("{MAKE}; or leave `remoteCert` out to use the dumped one")
    } else {
        format!("to dump it again, {}", dump_again(cluster))
    }
}

/// Whether mesh.yaml gives it.
pub(super) fn is_given(cluster: &Cluster) -> bool {
    let cert = cluster.remote.cert.as_ref();
    cert.is_some_and(|cert| cert.place.file == cluster.place.file)
}
