//! Keys and signatures that are too weak.

use super::{Context, Rule, mesh_ca};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Fact;
use crate::pki::Certificate;
use crate::trust::Remote;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "key-weak", Warning,
        what: "A certificate has a key that is too short, or a signature over MD5 or SHA-1.",
        why: "Short keys can be broken, and whoever has a key of the mesh reads and writes the state of every cluster. Go, and with it every component of Cilium, refuses signatures over MD5 and SHA-1 at once. Cilium's own certificate Job makes P-256 keys.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for ca in mesh_ca::all(context) {
        if ca.faults.is_empty() {
            let finding = weak(
                &ca.name(),
                ca.cert,
                "make a new cilium-ca: delete the Secret, and Cilium's certificate Job makes one with a P-256 key",
            );
            out.extend(finding.map(|finding| {
                ca.of
                    .iter()
                    .fold(finding, |finding, cluster| finding.cluster(cluster.name()))
            }));
        }
    }
    for (cluster, remote) in context.mesh.clusters.iter().zip(&context.trust.remotes) {
        if let Remote::Proven(proven) = remote {
            let name = format!("the remote certificate of {}", cluster.name());
            let finding = weak(
                &name,
                proven.cert,
                "let Cilium's certificate Job make it, then dump it again",
            );
            out.extend(finding.map(|finding| finding.cluster(cluster.name())));
        }
    }
}

fn weak(name: &str, cert: &Fact<Certificate>, help: &str) -> Option<Finding> {
    let weakness = cert.value.weakness()?;
    let message = format!("{name} is too weak: {weakness}");
    Some(RULE.finding(cert.place.clone(), message).help(help))
}
