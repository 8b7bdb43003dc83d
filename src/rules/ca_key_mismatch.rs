//! The key of a CA must be its key.

use super::{Context, Rule, mesh_ca};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::CaFault;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-key-mismatch", Error,
        what: "The key given for a CA is the key of another certificate.",
        why: "Each cluster signs its own certificates with this key; with another key no peer would accept any of them. Certificate and key must come from one Secret `cilium-ca`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for ca in mesh_ca::all(context) {
        if !ca.faults.contains(&CaFault::KeyMismatch) {
            continue;
        }
        let place = ca.key.map_or(&ca.cert.place, |key| &key.place);
        let message = match ca.of {
            None => "this key is not the key of the mesh's CA certificate".to_owned(),
            Some(cluster) => format!(
                "this key is not the key of the CA certificate of {}",
                cluster.name()
            ),
        };
        let finding = RULE
            .finding(place.clone(), message)
            .related(ca.cert.place.clone(), "the certificate")
            .help(mesh_ca::HELP);
        out.push(
            ca.of
                .iter()
                .fold(finding, |finding, cluster| finding.cluster(cluster.name())),
        );
    }
}
