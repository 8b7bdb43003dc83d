//! A remote certificate must be signed by the CA that its server trusts.

use super::{Context, Rule};
use crate::code::code;
use super::remote_cert;
use crate::finding::Finding;
use crate::pki::RemoteFault;

pub(super) static RULE: Rule = Rule {
    code: code!(
        "remote-cert-wrong-ca", Error,
        what: "A cluster's remote certificate was not signed by the CA that its peers trust.",
        why: "The classic mistake of the guide: the Secret was dumped before the cluster was given the mesh's CA, and Cilium has since issued another one. Peers would present a certificate that is refused. Once the cluster runs with the mesh's CA, dump the Secret again.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let wrong = |fault: &RemoteFault| matches!(fault, RemoteFault::WrongCa);
    for (cluster, _) in remote_cert::faults(context).filter(|(_, fault)| wrong(fault)) {
        let message = format!("the remote certificate of {} was not signed by the CA that its peers will trust; it was dumped before the cluster was given that CA, or belongs to another cluster", cluster.name());
        let place = remote_cert::cert_place(cluster);
        out.push(remote_cert::finding(context, "remote-cert-wrong-ca", cluster, place, message));
    }
}
