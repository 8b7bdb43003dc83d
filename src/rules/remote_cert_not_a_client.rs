//! A remote certificate is that of a client.

use super::remote_cert;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::RemoteFault;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "remote-cert-not-a-client", Error,
        what: "A cluster's remote certificate cannot be used by a TLS client.",
        why: "It is a CA's certificate, or one for servers only, such as `clustermesh-apiserver-server-cert`. What is wanted is `tls.crt` of the Secret `clustermesh-apiserver-remote-cert`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let wrong =
        |fault: &RemoteFault| matches!(fault, RemoteFault::NotClientUsage | RemoteFault::IsCa);
    for (cluster, _) in remote_cert::faults(context).filter(|(_, fault)| wrong(fault)) {
        let message = format!(
            "the remote certificate of {} cannot be used by a client",
            cluster.name()
        );
        let place = remote_cert::cert_place(cluster);
        out.push(remote_cert::finding(
            context, &RULE, cluster, place, message,
        ));
    }
}
