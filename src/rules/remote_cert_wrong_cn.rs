//! The common name of a remote certificate is a user of its server.

use super::remote_cert;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::RemoteFault;
use crate::trust::expected_name;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "remote-cert-wrong-cn", Error,
        what: "A cluster's remote certificate does not have the common name that its authMode needs.",
        why: "The server takes the common name for the user: `remote`, or `remote-<name of the cluster>` with authMode cluster. Another name has no rights, and every read is refused.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let wrong = |fault: &RemoteFault| matches!(fault, RemoteFault::WrongCommonName { .. });
    for (cluster, _) in remote_cert::faults(context).filter(|(_, fault)| wrong(fault)) {
        let message = format!(
            "the remote certificate of {} does not have the common name `{}`",
            cluster.name(),
            expected_name(context.mesh, cluster)
        );
        let place = remote_cert::cert_place(cluster);
        out.push(remote_cert::finding(
            context, &RULE, cluster, place, message,
        ));
    }
}
