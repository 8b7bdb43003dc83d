//! A KKP and a Cilium version that do not work together.

use super::versions::pairs;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "version-pair", Error,
        what: "The chart of this Cilium version cannot be rendered with the values that this KKP version writes.",
        why: "KKP writes some values itself, whatever a patch says, and the chart refuses them: the Helm upgrade fails and nothing of the patch happens. KKP offers some of these pairs all the same. Upgrade Cilium or KKP first.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for pair in pairs(context) {
        let Some(reason) = pair.cannot_render() else {
            continue;
        };
        let message = format!(
            "Cilium {} of {} does not work on KKP {}: {reason}",
            pair.cilium.value.version,
            pair.of(),
            pair.kkp.value.version
        );
        let place = pair.cilium.place.clone();
        out.push(pair.complete(RULE.finding(place, message)));
    }
}
