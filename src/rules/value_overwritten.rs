//! Values that KKP does not leave as they are.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::kkp::reconcile::{Effect, EnforcedPath, When, enforced_paths};
use crate::model::at_path;
use crate::profile::Version;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "value-overwritten", Warning,
        what: "The current values hold a key that this KKP version deletes at every reconcile.",
        why: "KKP's CNI controller writes its own values over the user's every few minutes. What it deletes does not stay, in the cluster or in the patch, so a value that seems to be set has no effect; or the KKP version in mesh.yaml is not the seed's.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let (Some(current), Some(kkp)) = (&cluster.current, &cluster.kkp) else {
            continue;
        };
        for enforced in deleted(kkp.value.version) {
            if at_path(current.values(), enforced.path).is_none() {
                continue;
            }
            let message = format!(
                "KKP {} deletes `{}` from the values of {} at every reconcile: it {}",
                kkp.value.version,
                enforced.path,
                cluster.name(),
                enforced.why
            );
            let finding = RULE.finding(current.value_place(enforced.path), message)
                .related(kkp.place.clone(), "the KKP version")
                .help("remove it from the ApplicationInstallation, or dump again if the dump is older than the KKP upgrade")
                .cluster(cluster.name());
            out.push(finding);
        }
    }
}

/// What a KKP version deletes from the values at every reconcile.
pub(super) fn deleted(kkp: Version) -> impl Iterator<Item = &'static EnforcedPath> {
    enforced_paths(kkp.numbers())
        .filter(|enforced| enforced.effect == Effect::Removed && enforced.when == When::Always)
}
