//! A remote certificate must be signed by the CA that its server trusts.

use super::{Context, Rule, remote_cert};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, Fact, Mesh, Trust};
use crate::pki::{Certificate, RemoteFault};
use crate::trust::own_ca_fact;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "remote-cert-wrong-ca", Error,
        what: "A cluster's remote certificate was not signed by the CA that its peers trust.",
        why: "The classic mistake of the guide: the Secret was dumped before the cluster was given the mesh's CA, and Cilium has since issued another one. Peers would present a certificate that is refused. Once the cluster runs with the mesh's CA, dump the Secret again.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let wrong = |fault: &RemoteFault| matches!(fault, RemoteFault::WrongCa);
    for (cluster, _) in remote_cert::faults(context).filter(|(_, fault)| wrong(fault)) {
        let place = remote_cert::cert_place(cluster);
        let message = message(context.mesh, cluster);
        let mut finding = remote_cert::finding(context, &RULE, cluster, place, message);
        if is_by_the_replaced(context.mesh, cluster) {
            finding = finding.help(remote_cert::MAKE);
        } else if let Some(more) = more_help(context.mesh, cluster) {
            finding = finding.help(format!("{}; {more}", remote_cert::again(cluster)));
        }
        out.push(match judge(context.mesh, cluster) {
            Some(ca) => finding.related(ca.place.clone(), "not signed by this CA"),
            None => finding,
        });
    }
}

/// Whether it is by the CA that `ca.next` replaces: its cluster issues another only once it has the new CA, and no patch can be made
/// for that as long as this one is all that peers could be given.
fn is_by_the_replaced(mesh: &Mesh, cluster: &Cluster) -> bool {
    let old = mesh
        .ca
        .rotation
        .as_ref()
        .and_then(|rotation| rotation.old.as_ref());
    let cert = cluster.remote.cert.as_ref();
    old.zip(cert)
        .is_some_and(|(old, cert)| cert.value.signed_by(old))
}

/// What else may be done than what is done about any remote certificate.
fn more_help(mesh: &Mesh, cluster: &Cluster) -> Option<&'static str> {
    if gives_the_ca(mesh, cluster) && !remote_cert::is_given(cluster) {
        Some("it reads the CA too")
    } else if mesh.trust.value == Trust::SharedCa {
        Some("if it is the CA that is wrong, mend `ca` in mesh.yaml")
    } else {
        None
    }
}

/// The CA that must have signed a cluster's remote certificate.
fn judge<'m>(mesh: &'m Mesh, cluster: &'m Cluster) -> Option<&'m Fact<Certificate>> {
    match mesh.trust.value {
        Trust::SharedCa => mesh.ca.pair.cert.as_ref(),
        Trust::Inline | Trust::Bundle => own_ca_fact(cluster),
    }
}

/// The cluster that gives the CA was never given another one.
fn gives_the_ca(mesh: &Mesh, cluster: &Cluster) -> bool {
    mesh.trust.value == Trust::SharedCa && mesh.ca.from == Some(cluster.index)
}

fn message(mesh: &Mesh, cluster: &Cluster) -> String {
    let name = cluster.name();
    if is_by_the_replaced(mesh, cluster) {
        return format!(
            "the remote certificate of {name} is by the CA that `ca.next` replaces now"
        );
    }
    if gives_the_ca(mesh, cluster) {
        return format!(
            "the remote certificate of {name} was not signed by the CA that is given as its own; one of the two belongs to another cluster, or is old"
        );
    }
    let why = match remote_cert::is_given(cluster) {
        true => "it was made by an earlier CA",
        false => "it was dumped before the cluster was given that CA",
    };
    format!(
        "the remote certificate of {name} was not signed by the CA that its peers will trust; {why}, or belongs to another cluster"
    )
}
