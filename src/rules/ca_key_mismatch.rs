//! The key of the mesh's CA must be its key.

use super::{Context, Rule};
use crate::code::code;
use super::mesh_ca;
use crate::finding::Finding;
use crate::pki::CaFault;

pub(super) static RULE: Rule = Rule {
    code: code!(
        "ca-key-mismatch", Error,
        what: "The key given for the mesh's CA is the key of another certificate.",
        why: "Each cluster signs its own certificates with this key; with another key no peer would accept any of them. Certificate and key must come from one Secret `cilium-ca`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(cert) = mesh_ca::shared(context) else {
        return;
    };
    if mesh_ca::faults(context).any(|fault| matches!(fault, CaFault::KeyMismatch)) {
        let key = context.mesh.ca.pair.key.as_ref();
        let place = key.map_or(&cert.place, |key| &key.place);
        out.push(
            Finding::error(
                "ca-key-mismatch",
                place.clone(),
                "this key is not the key of the mesh's CA certificate",
            )
            .related(cert.place.clone(), "the certificate")
            .help(mesh_ca::HELP),
        );
    }
}
