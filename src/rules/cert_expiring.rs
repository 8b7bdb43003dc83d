//! Certificates that end soon.

use super::dates::{DAY, day, days};
use super::{Context, Rule, ca_ends_before_leaves, mesh_ca};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, Fact, Trust};
use crate::pki::{Certificate, Validity};
use crate::trust::{Remote, own_ca};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "cert-expiring", Warning,
        what: "A CA ends in less than 180 days, or a certificate of a cluster in less than 30.",
        why: "When it ends, clusters refuse each other. Nothing renews a CA, and before Cilium 1.20 nothing renews leaves unless a Helm upgrade happens to; what the values of other clusters hold of them is never renewed but by dumping and rendering again. Replacing a CA takes every cluster of the mesh, hence the longer notice.",
    ),
    check,
};

const CA_NOTICE: i64 = 180 * DAY;
const LEAF_NOTICE: i64 = 30 * DAY;

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(now) = context.now else { return };
    for ca in mesh_ca::all(context) {
        let is_reported = ca_ends_before_leaves::is_too_short(context, &ca, now);
        if ca.is_good(now) && !is_reported && ends_within(ca.cert, now, CA_NOTICE) {
            let finding = finding(&ca.name(), ca.cert, now).help(
                "plan a new CA for the mesh: every cluster needs it, and new leaves after it",
            );
            out.push(
                ca.of
                    .iter()
                    .fold(finding, |finding, cluster| finding.cluster(cluster.name())),
            );
        }
    }
    for (cluster, remote) in context.mesh.clusters.iter().zip(&context.trust.remotes) {
        let rendered = matches!(remote, Remote::Proven(_));
        let leaves = [
            ("remote certificate", cluster.remote.cert.as_ref(), rendered),
            ("server certificate", cluster.server_cert.as_ref(), false),
        ];
        for (what, cert, rendered) in leaves {
            let Some(cert) = cert else { continue };
            if ends_within(cert, now, LEAF_NOTICE)
                && (rendered || is_in_use(context, cluster, cert))
            {
                let name = format!("the {what} of {}", cluster.name());
                out.push(
                    finding(&name, cert, now)
                        .help("have it issued again by a Helm upgrade of Cilium in its cluster, then dump it and render again")
                        .cluster(cluster.name()),
                );
            }
        }
    }
}

fn finding(name: &str, cert: &Fact<Certificate>, now: i64) -> Finding {
    let end = cert.value.facts().not_after;
    let message = format!("{name} ends on {}, in {}", day(end), days(end - now));
    RULE.finding(cert.place.clone(), message)
}

/// Whether it is good today and ends soon; what has ended already is another fault.
fn ends_within(cert: &Fact<Certificate>, now: i64, notice: i64) -> bool {
    cert.value.valid_at(now) == Validity::Ok && cert.value.facts().not_after < now + notice
}

/// Whether a leaf that no patch carries is of the CA that the mesh runs with; one of an older CA is
/// issued again when its cluster joins.
fn is_in_use(context: &Context<'_>, cluster: &Cluster, cert: &Fact<Certificate>) -> bool {
    let ca = match context.mesh.trust.value {
        Trust::SharedCa => mesh_ca::shared(context).map(|ca| &ca.value),
        Trust::Inline | Trust::Bundle => own_ca(cluster),
    };
    ca.is_some_and(|ca| cert.value.signed_by(ca))
}
