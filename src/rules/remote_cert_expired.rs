//! A remote certificate must be in date.

use super::dates::day;
use super::remote_cert::again;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::Validity;
use crate::trust::Remote;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "remote-cert-expired", Error,
        what: "A cluster's remote certificate is not valid today.",
        why: "Peers are refused from the day on which it ends, and before the one on which it begins. KKP renews it in its own cluster, but not in the values of the others: dump it again and render again.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(now) = context.now else {
        return;
    };
    for (cluster, remote) in context.mesh.clusters.iter().zip(&context.trust.remotes) {
        let Remote::Proven(proven) = remote else {
            continue;
        };
        let facts = proven.cert.value.facts();
        let name = cluster.name();
        let message = match proven.cert.value.valid_at(now) {
            Validity::Ok => continue,
            Validity::Expired => {
                format!(
                    "the remote certificate of {name} ended on {}",
                    day(facts.not_after)
                )
            }
            Validity::NotYet => {
                format!(
                    "the remote certificate of {name} is valid only from {} on",
                    day(facts.not_before)
                )
            }
        };
        out.push(
            RULE.finding(proven.cert.place.clone(), message)
                .help(again(cluster))
                .cluster(name),
        );
    }
}
