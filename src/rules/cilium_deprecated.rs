//! A Cilium version that KKP has taken off its offer.

use super::versions::pairs;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::profile::releases::Offer;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "cilium-deprecated", Warning,
        what: "KKP has taken this Cilium version off its offer, most often for known vulnerabilities.",
        why: "Clusters that have it keep it and KKP still accepts it, so the mesh works. But a cluster of a mesh is open to all the others: upgrade it, one minor version at a time, before you join it.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for pair in pairs(context) {
        let (kkp, cilium) = (&pair.kkp.value, &pair.cilium.value);
        let Some(Offer::Deprecated(why)) = pair.offer() else {
            continue;
        };
        if pair.cannot_render().is_some() {
            continue; // an error, with the same cure
        }
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(": {why}")
        };
        let message = format!(
            "Cilium {} of {} is deprecated in KKP {}{why}",
            cilium.version,
            pair.of(),
            kkp.version
        );
        let place = pair.cilium.place.clone();
        out.push(pair.complete(RULE.finding(place, message)));
    }
}
