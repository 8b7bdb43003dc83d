//! What is to be trusted as a CA must be one.

use super::{Context, Rule, mesh_ca};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::CaFault;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-not-a-ca", Error,
        what: "A certificate given as a CA cannot sign the certificates of the clusters.",
        why: "It is the certificate of a server or a client, or one whose extensions make Go refuse what it signs: Go applies extended key usages and name constraints of a CA to all certificates below it, and no certificate with a critical extension that it does not know is of any use. Where Go would take a CA and Cilium does not support it, the message says so: an intermediate CA, whose issuer no cluster would be given, and several certificates at once. What is wanted is `ca.crt` of the Secret `cilium-ca` of the cluster that `ca.from` names (with `inline` and `bundle`: of each cluster), not `tls.crt`.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for ca in mesh_ca::all(context) {
        for fault in ca.faults {
            let Some(message) = message(&ca.name(), fault) else {
                continue;
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

/// `None` for what other rules tell.
fn message(ca: &str, fault: &CaFault) -> Option<String> {
    let given = format!("the certificate given as {ca}");
    Some(match fault {
        CaFault::KeyMismatch | CaFault::WeakKey(_) => return None,
        CaFault::NotACa => format!("{given} is not one of a CA"),
        CaFault::NoCertSign => format!("{given} may not sign certificates (key usage)"),
        CaFault::Usage(left_out) => format!(
            "{given} has extended key usages that leave out {left_out}: Go applies them to every certificate that it signs, and refuses theirs"
        ),
        CaFault::CriticalExtension(oid) => format!(
            "{given} has a critical extension that Go does not know ({oid}), and so Go refuses whatever it signs"
        ),
        CaFault::Name(name) => format!(
            "{given} has name constraints that do not allow `{name}`, which every server certificate of Cilium has"
        ),
        CaFault::Headers => format!(
            "{given} has header lines below BEGIN, and Go passes such a certificate over when it reads CAs"
        ),
        CaFault::Intermediate => format!(
            "{ca} is an intermediate CA; Go would take it as it stands, but Cilium's certificate Job is made for a self-signed CA: up to certgen 0.3 it hands on no CA above it"
        ),
        CaFault::Several(count) => format!(
            "{given} holds {count} certificates; Go would trust all of them, but Cilium's certificate Job up to certgen 0.3 takes exactly one, and newer ones sign with the first and hand on the last"
        ),
    })
}
