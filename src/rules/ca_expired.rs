//! CAs must be in date.

use super::dates::day;
use super::{Context, Rule, mesh_ca};
use crate::code::code;
use crate::finding::Finding;
use crate::pki::Validity;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-expired", Error,
        what: "The certificate of a CA that clusters are to trust is not valid today.",
        why: "Every connection between clusters is refused from the day on which the CA ends, and before the one on which it begins. Delete the Secret `cilium-ca` in the cluster that `ca.from` names (with `inline` and `bundle`: in the cluster itself) so that a new one is made, dump it again, and render again.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(now) = context.now else { return };
    for ca in mesh_ca::all(context) {
        let facts = ca.cert.value.facts();
        let message = match ca.cert.value.valid_at(now) {
            _ if !ca.faults.is_empty() => continue,
            Validity::Ok => continue,
            Validity::Expired => format!("{} ended on {}", ca.name(), day(facts.not_after)),
            Validity::NotYet => format!(
                "{} is valid only from {} on",
                ca.name(),
                day(facts.not_before)
            ),
        };
        let mut finding = RULE.finding(ca.cert.place.clone(), message);
        finding = match ca.of {
            None => finding.help(
                "make a new CA in the cluster that ca.from names, then dump its cilium-ca again",
            ),
            Some(cluster) => finding
                .help(format!(
                    "make a new CA in {}, then dump its cilium-ca again",
                    cluster.name()
                ))
                .cluster(cluster.name()),
        };
        out.push(finding);
    }
}
