//! Keys and signatures that are too weak.

use super::{Context, Rule, mesh_ca, remote_cert};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::pki::{CaFault, RemoteFault, Weakness};
use crate::trust::Remote;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "key-weak", Error,
        what: "A certificate has a key that is too short, or a signature over MD5 or SHA-1.",
        why: "Short keys can be broken, and whoever has a key of the mesh reads and writes the state of every cluster. Go, and with it every component of Cilium, refuses signatures over MD5 and SHA-1, and (from Go 1.24 on) RSA keys below 1024 bits. A CA with an RSA key below 2048 bits, or one on P-224, is of no use either: Cilium's certificate Job signs over SHA-1 with such keys. A remote certificate with an RSA key of 1024 to 2047 bits works, so there this is a warning. The Job's own keys are on P-256.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for ca in mesh_ca::all(context) {
        for fault in ca.faults {
            let CaFault::WeakKey(weakness) = fault else {
                continue;
            };
            let message = format!(
                "{} is too weak: {weakness}; {}",
                ca.name(),
                why_refused(*weakness)
            );
            let finding = RULE
                .finding(ca.cert.place.clone(), message)
                .help("make a new cilium-ca: delete the Secret, and Cilium's certificate Job makes one with a P-256 key");
            out.push(
                ca.of
                    .iter()
                    .fold(finding, |finding, cluster| finding.cluster(cluster.name())),
            );
        }
    }
    refused_remotes(context, out);
    weak_remotes(context, out);
}

/// Remote certificates that Go refuses.
fn refused_remotes(context: &Context<'_>, out: &mut Vec<Finding>) {
    for (cluster, fault) in remote_cert::faults(context) {
        if let RemoteFault::Weak(weakness) = fault {
            let name = cluster.name();
            let message = format!(
                "the remote certificate of {name} is too weak: {weakness}, which Go refuses"
            );
            let place = remote_cert::cert_place(cluster);
            let help = format!(
                "let Cilium's certificate Job make it, then {}",
                remote_cert::again(cluster)
            );
            out.push(remote_cert::finding(context, &RULE, cluster, place, message).help(help));
        }
    }
}

/// Remote certificates that work, and should not be relied on.
fn weak_remotes(context: &Context<'_>, out: &mut Vec<Finding>) {
    for (cluster, remote) in context.mesh.clusters.iter().zip(&context.trust.remotes) {
        let Remote::Proven(proven) = remote else {
            continue;
        };
        let Some(weakness) = proven.cert.value.weakness() else {
            continue;
        };
        let name = cluster.name();
        let message = format!("the remote certificate of {name} is too weak: {weakness}");
        out.push(
            RULE.finding_as(Severity::Warning, proven.cert.place.clone(), message)
                .help("let Cilium's certificate Job make it, then dump it again")
                .cluster(name),
        );
    }
}

/// Why a CA with such a key is of no use.
fn why_refused(weakness: Weakness) -> &'static str {
    if weakness.is_refused() {
        "Go refuses RSA keys below 1024 bits"
    } else {
        "Cilium's certificate Job signs over SHA-1 with such a key, and Go refuses that"
    }
}
