//! What is to be trusted as a CA must be one.

use super::{Context, Rule, mesh_ca};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::CaFault;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-not-a-ca", Error,
        what: "A certificate given as a CA cannot sign the certificates of the clusters.",
        why: "It is the certificate of a server or a client, or an intermediate CA, whose issuer no cluster would be given. What is wanted is `ca.crt` of the Secret `cilium-ca` of the cluster that `ca.from` names (with `inline` and `bundle`: of each cluster), not `tls.crt`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for ca in mesh_ca::all(context) {
        for fault in ca.faults {
            let message = match fault {
                CaFault::KeyMismatch | CaFault::WeakKey(_) => continue,
                CaFault::Intermediate => format!(
                    "{} is an intermediate CA, which Cilium's certificate Job does not take",
                    ca.name()
                ),
                CaFault::NotACa => {
                    format!("the certificate given as {} is not one of a CA", ca.name())
                }
                CaFault::NoCertSign => {
                    format!(
                        "the certificate given as {} may not sign certificates",
                        ca.name()
                    )
                }
            };
            let finding = RULE
                .finding(ca.cert.place.clone(), message)
                .help(mesh_ca::HELP);
            out.push(
                ca.of
                    .iter()
                    .fold(finding, |finding, cluster| finding.cluster(cluster.name())),
            );
        }
    }
}
