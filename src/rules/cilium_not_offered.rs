//! A Cilium version that KKP does not have.

use super::versions::pairs;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::profile::Judged;
use crate::profile::releases::Offer;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "cilium-not-offered", Note,
        what: "This KKP version has no such Cilium version, neither for new clusters nor for old ones.",
        why: "KKP installs only what its ApplicationDefinition lists, and its webhook refuses any change of an ApplicationInstallation with another version. Most often one of the two versions is mistyped.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for pair in pairs(context) {
        let (kkp, cilium) = (&pair.kkp.value, &pair.cilium.value);
        // Of versions that meshgen does not know, it cannot know whether they fit.
        let is_newer = |judged| matches!(judged, Judged::NewerPatch | Judged::NewerMinor);
        let newer = is_newer(kkp.judged) || is_newer(cilium.judged);
        let is_line = !std::ptr::eq(kkp.oldest, kkp.profile);
        if newer
            || is_line
            || pair.offer() != Some(Offer::Unknown)
            || pair.cannot_render().is_some()
        {
            continue;
        }
        let message = format!(
            "KKP {} has no Cilium {}, which {} is to have",
            kkp.version,
            cilium.version,
            pair.of()
        );
        let place = pair.cilium.place.clone();
        // KKP's webhook refuses a new cluster with it.
        let severity = match pair.is_unborn(context) {
            true => Severity::Error,
            false => RULE.code.severity,
        };
        out.push(pair.complete(RULE.finding_as(severity, place, message)));
    }
}
