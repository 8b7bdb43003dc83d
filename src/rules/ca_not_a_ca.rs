//! The mesh's CA must be a CA.

use super::{Context, Rule};
use crate::code::code;
use super::mesh_ca;
use crate::finding::Finding;
use crate::pki::CaFault;

pub(super) static RULE: Rule = Rule {
    code: code!(
        "ca-not-a-ca", Error,
        what: "The certificate given as the mesh's CA cannot sign the certificates of the clusters.",
        why: "It is the certificate of a server or a client, or an intermediate CA, whose issuer no cluster would be given. What is wanted is `ca.crt` of the Secret `cilium-ca` of the cluster that `ca.from` names, not `tls.crt`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(cert) = mesh_ca::shared(context) else {
        return;
    };
    for fault in mesh_ca::faults(context) {
        let message = match fault {
            CaFault::KeyMismatch | CaFault::WeakKey(_) => continue,
            CaFault::Intermediate => {
                "the mesh's CA is an intermediate CA, which Cilium's certificate Job does not take"
            }
            CaFault::NotACa | CaFault::NoCertSign => {
                "the mesh's CA certificate is not one of a CA"
            }
        };
        out.push(
            Finding::error("ca-not-a-ca", cert.place.clone(), message).help(mesh_ca::HELP),
        );
    }
}
