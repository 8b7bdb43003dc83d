//! Trust: the mode, the CA of the mesh, and every remote certificate that will be rendered.

use super::Context;
use crate::finding::{Finding, Severity};
use crate::model::{AuthMode, Cluster, Trust};
use crate::pki::{CaFault, Fit, RemoteFault, Validity};
use crate::profile::cilium::{Bundle, SharedCa};
use crate::source::Place;
use crate::trust::{Remote, expected_name};

pub(super) fn check_mode(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let mode = mesh.trust.value;
    let reasons: Vec<(&Cluster, &str)> = obstacles(context, mode);
    if reasons.is_empty() {
        return;
    }
    let works: Vec<&str> = [Trust::SharedCa, Trust::Inline, Trust::Bundle]
        .into_iter()
        .filter(|other| obstacles(context, *other).is_empty())
        .map(Trust::as_str)
        .collect();
    let help = if works.is_empty() {
        "no mode works for this mesh as it is: change what stands beside the clusters below"
            .to_owned()
    } else {
        format!("write `trust: {}`", works.join("` or `trust: "))
    };
    let works = if works.is_empty() {
        "no mode".to_owned()
    } else {
        works.join(", ")
    };
    let mut finding = Finding::error(
        "trust-mode-unsupported",
        mesh.trust.place.clone(),
        format!(
            "trust mode {} does not work for this mesh; {works} would",
            mode.as_str()
        ),
    )
    .help(help);
    for (cluster, reason) in reasons {
        let place = cluster
            .cilium
            .as_ref()
            .map_or(&cluster.place, |cilium| &cilium.place);
        finding = finding
            .related(place.clone(), format!("{}: {reason}", cluster.name()))
            .cluster(cluster.name());
    }
    out.push(finding);
}

/// Why a mode does not work, by cluster. A cluster of unknown version has no verdict.
fn obstacles<'m>(context: &Context<'m>, mode: Trust) -> Vec<(&'m Cluster, &'static str)> {
    let by_name = context
        .mesh
        .auth_mode
        .as_ref()
        .is_some_and(|mode| mode.value == AuthMode::Cluster);
    let obstacle = |cluster: &Cluster| {
        let chart = cluster.chart()?;
        match mode {
            _ if by_name && !chart.auth_mode => {
                Some("its chart has no authMode, and would be refused by the others")
            }
            Trust::SharedCa => None,
            Trust::Inline if chart.shared_ca == SharedCa::InValues => {
                Some("its chart reads no CA per peer")
            }
            Trust::Inline if by_name => {
                Some("with authMode cluster it would present its peer's own name")
            }
            Trust::Inline => None,
            Trust::Bundle => match chart.bundle {
                Bundle::Absent => Some("its chart has no CA bundle"),
                Bundle::NotForKvStoreMesh if cluster.runs_kvstoremesh() => {
                    Some("its KVStoreMesh ignores the bundle, unless `kvstoremesh: false`")
                }
                Bundle::NotForKvStoreMesh | Bundle::Works => None,
            },
        }
    };
    let clusters = context.mesh.clusters.iter();
    clusters
        .filter_map(|cluster| Some((cluster, obstacle(cluster)?)))
        .collect()
}

pub(super) fn check_ca(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    if mesh.trust.value != Trust::SharedCa {
        return;
    }
    let Some(cert) = &mesh.ca.pair.cert else {
        return;
    };
    for fault in &context.trust.ca_faults {
        let (code, place, message) = match fault {
            CaFault::KeyMismatch => {
                let key = mesh
                    .ca
                    .pair
                    .key
                    .as_ref()
                    .map_or(&cert.place, |key| &key.place);
                (
                    "ca-key-mismatch",
                    key.clone(),
                    "this key is not the key of the mesh's CA certificate",
                )
            }
            CaFault::Intermediate => (
                "ca-not-a-ca",
                cert.place.clone(),
                "the mesh's CA is an intermediate CA, which Cilium's certificate Job does not take",
            ),
            _ => (
                "ca-not-a-ca",
                cert.place.clone(),
                "the mesh's CA certificate is not one of a CA",
            ),
        };
        out.push(
            Finding::error(code, place, message)
                .help("give ca.crt and ca.key of one Secret: `kubectl -n kube-system get secret cilium-ca -o yaml`"),
        );
    }
    if context.trust.ca_faults.is_empty() {
        replaced_cas(context, out);
        if let Some(now) = context.now
            && cert.value.valid_at(now) != Validity::Ok
        {
            out.push(
                Finding::error("ca-expired", cert.place.clone(), "the mesh's CA certificate is out of date")
                    .help("make a new CA in the cluster that ca.from names, then dump its cilium-ca again"),
            );
        }
    }
}

/// Every KKP cluster is born with a CA of its own, which the join replaces.
fn replaced_cas(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let Some(shared) = &mesh.ca.pair.cert else {
        return;
    };
    for cluster in &mesh.clusters {
        let Some(own) = &cluster.ca.cert else {
            continue;
        };
        let keeps = cluster
            .chart()
            .is_none_or(|chart| chart.shared_ca == SharedCa::InValues);
        let is_shared = own.value.facts().fingerprint == shared.value.facts().fingerprint;
        if !keeps && !is_shared && mesh.ca.from != Some(cluster.index) {
            out.push(
                Finding::note(
                    "ca-to-be-replaced",
                    own.place.clone(),
                    format!(
                        "{} has a cilium-ca of its own, which the mesh's CA replaces",
                        cluster.name()
                    ),
                )
                .help("STEPS.md keeps a copy of it first")
                .cluster(cluster.name()),
            );
        }
    }
}

pub(super) fn check_remotes(context: &Context<'_>, out: &mut Vec<Finding>) {
    for (cluster, remote) in context.mesh.clusters.iter().zip(&context.trust.remotes) {
        match remote {
            Remote::Faulty(faults) => faults
                .iter()
                .for_each(|fault| out.push(faulty(context, cluster, fault))),
            Remote::Proven(proven) => {
                let end = context.now.map(|now| proven.cert.value.valid_at(now));
                if end.is_some_and(|validity| validity != Validity::Ok) {
                    out.push(
                        Finding::error(
                            "remote-cert-expired",
                            proven.cert.place.clone(),
                            format!(
                                "the remote certificate of {} is out of date",
                                cluster.name()
                            ),
                        )
                        .help(again(cluster))
                        .cluster(cluster.name()),
                    );
                }
            }
            Remote::Unknown => unjudged(context, cluster, out),
            Remote::NotNeeded => {}
        }
    }
}

/// Where no CA is there to judge, a key can still be another certificate's.
fn unjudged(context: &Context<'_>, cluster: &Cluster, out: &mut Vec<Finding>) {
    if let (Some(cert), Some(key)) = (&cluster.remote.cert, &cluster.remote.key)
        && key.value.fits(&cert.value) == Fit::No
    {
        out.push(faulty(context, cluster, &RemoteFault::KeyMismatch));
    }
}

fn faulty(context: &Context<'_>, cluster: &Cluster, fault: &RemoteFault) -> Finding {
    let name = cluster.name();
    let place = |fact: Option<Place>| fact.unwrap_or_else(|| cluster.place.key("remoteCert"));
    let cert = place(cluster.remote.cert.as_ref().map(|cert| cert.place.clone()));
    let key = place(cluster.remote.key.as_ref().map(|key| key.place.clone()));
    let (code, place, message) = match fault {
        RemoteFault::WrongCa => (
            "remote-cert-wrong-ca",
            cert,
            format!(
                "the remote certificate of {name} was not signed by the CA that its peers will trust; it was dumped before the cluster was given that CA, or belongs to another cluster"
            ),
        ),
        RemoteFault::KeyMismatch => (
            "remote-cert-key-mismatch",
            key,
            format!("this key is not the key of the remote certificate of {name}"),
        ),
        RemoteFault::WrongCommonName { .. } => (
            "remote-cert-wrong-cn",
            cert,
            format!(
                "the remote certificate of {name} does not have the common name `{}`",
                expected_name(context.mesh, cluster)
            ),
        ),
        _ => (
            "remote-cert-not-a-client",
            cert,
            format!("the remote certificate of {name} cannot be used by a client"),
        ),
    };
    let severity = if context.must_prove(cluster.index) {
        Severity::Error
    } else {
        Severity::Note
    };
    Finding::new(code, severity, place, message)
        .help(again(cluster))
        .cluster(name)
}

fn again(cluster: &Cluster) -> String {
    use crate::compile::kubectl::{self, Dump};
    format!(
        "dump it again: {}",
        kubectl::dump(cluster, Dump::RemoteCert)
    )
}
