//! The key of a remote certificate must be its key.

use super::remote_cert;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::RemoteFault;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "remote-cert-key-mismatch", Error,
        what: "The key given for a cluster's remote certificate is the key of another certificate.",
        why: "No TLS client can use the two together. Both must come from one Secret `clustermesh-apiserver-remote-cert`, dumped at one time.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let wrong = |fault: &RemoteFault| matches!(fault, RemoteFault::KeyMismatch);
    for (cluster, _) in remote_cert::faults(context).filter(|(_, fault)| wrong(fault)) {
        let message = format!(
            "this key is not the key of the remote certificate of {}",
            cluster.name()
        );
        let place = remote_cert::key_place(cluster);
        out.push(remote_cert::finding(
            context, &RULE, cluster, place, message,
        ));
    }
}
