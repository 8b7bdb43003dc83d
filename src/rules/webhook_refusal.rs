//! A patch that KKP's webhook would refuse, or of which it would drop the point.

use serde_json::Value;

use super::{Context, Rule};
use crate::code::code;
use crate::compile::patch;
use crate::finding::Finding;
use crate::kkp::KkpVersion;
use crate::kkp::webhook::{Known, Reason, Verdict, admission, predict, pruned_paths, read_block};
use crate::model::{Current, at_path};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "webhook-refusal", Error,
        what: "KKP's admission webhook would refuse the patch of a cluster, or drop what it sets.",
        why: "The webhook wants some values to be there and others to stay as KKP wrote them. meshgen predicts its answer to the object as it will stand after the patch; since a patch touches nothing but the mesh, what is refused is most often in the current values already. Mend the ApplicationInstallation, wait for KKP to fill in its values, and dump it again.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for planned in &context.plan.clusters {
        let cluster = planned.cluster;
        let (Some(current), Some(kkp)) = (&cluster.current, &cluster.kkp) else {
            continue;
        };
        let Some(after) = patch::applied(context.plan, planned) else {
            continue;
        };
        let version = kkp.value.version;
        let numbers = version.numbers();
        let finding = if drops_block(numbers, &after) {
            let message = format!(
                "KKP {version} does not know `spec.valuesBlock`: it would drop the patch of {} without a word",
                cluster.name()
            );
            Some(
                RULE.finding(kkp.place.clone(), message)
                    .related(current.values_place.clone().of_key(), "the values in the dump")
                    .help("a cluster with a valuesBlock is on KKP 2.25.9 or newer: write the version of the seed"),
            )
        } else if let Verdict::Refused(reasons) = verdict(numbers, &current.object, &after) {
            let beginning = format!("KKP {version} would refuse the patch of {}", cluster.name());
            refusal(current, &reasons, &beginning)
        } else {
            None
        };
        out.extend(finding.map(|finding| finding.cluster(cluster.name())));
    }
}

/// Whether the CRD drops the field that a patch writes, so that nothing of it remains.
fn drops_block(kkp: KkpVersion, after: &Value) -> bool {
    let pruned = pruned_paths(admission(kkp), after);
    pruned.iter().any(|path| path == "spec.valuesBlock")
}

/// What KKP answers where `old` is to become `new`. Whether it offers the version is another rule's question.
fn verdict(kkp: KkpVersion, old: &Value, new: &Value) -> Verdict {
    let known = Known {
        read_block: &read_block,
        version_listed: None,
    };
    predict(admission(kkp), old, new, &known)
}

fn refusal(current: &Current, reasons: &[Reason], beginning: &str) -> Option<Finding> {
    let (first, others) = reasons.split_first()?;
    let at = place(current, first);
    let finding = RULE
        .finding(at.clone(), format!("{beginning}: {first}"))
        .help("mend the ApplicationInstallation or wait until KKP has, then dump it again");
    let elsewhere = others
        .iter()
        .map(|reason| (place(current, reason), reason))
        .filter(|(place, _)| *place != at);
    Some(elsewhere.fold(finding, |finding, (place, reason)| {
        finding.related(place, reason.to_string())
    }))
}

/// Where in the dump the reason for a refusal stands, or would.
fn place(current: &Current, reason: &Reason) -> Place {
    match reason {
        Reason::ProtectedChanged { key } | Reason::ProtectedRemoved { key } => value(current, key),
        Reason::MandatoryMissing { key } => value(current, key),
        Reason::OperatorNotAMap { .. } => value(current, "operator"),
        Reason::ValuesUnreadable { .. } => current.values_place.clone().of_key(),
        Reason::BothSet { .. } => current.place.dotted("spec.values").of_key(),
        Reason::WrongKind { path, .. } | Reason::Required { path } => current.place.dotted(path),
        Reason::NotADuration { path } | Reason::FieldChanged { path } => current.place.dotted(path),
        Reason::NamespaceAbsent => current.place.dotted("spec.namespace"),
        Reason::NegativeInterval => current.place.dotted("spec.reconciliationInterval"),
        Reason::VersionNotListed => current.place.dotted("spec.applicationRef.version"),
        Reason::TimeoutWithoutWait => current.place.dotted("spec.deployOptions.helm"),
        Reason::LabelChanged { label } => current.place.dotted("metadata.labels").key(*label),
    }
}

/// A key of the current values; where it is absent, the values by their name.
fn value(current: &Current, path: &str) -> Place {
    match at_path(current.values(), path) {
        Some(_) => current.value_place(path),
        None => current.values_place.clone().of_key(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    /// Every update that was put to KKP's real admission code: refused here exactly where it was there.
    #[test]
    fn every_recorded_verdict_is_given_as_kkp_gave_it() {
        let packed: &[u8] = include_bytes!("../../fixtures/webhook/runs.jsonl.gz");
        let mut text = String::new();
        let mut unpacked = flate2::read::GzDecoder::new(packed);
        unpacked.read_to_string(&mut text).expect("gzip");
        let mut judged = 0;
        for line in text.lines() {
            let case: Value = serde_json::from_str(line).expect("JSON");
            let name = case["name"].as_str().expect("a name");
            // Which versions KKP lists stands in no object, so this rule does not ask.
            if name.contains("unlisted") {
                continue;
            }
            let tag: Vec<u32> = case["tag"]
                .as_str()
                .expect("a version")
                .split('.')
                .flat_map(str::parse)
                .collect();
            let verdict = verdict((tag[0], tag[1], tag[2]), &case["old"], &case["new"]);
            let accepted = case["accepted"].as_bool().expect("a verdict");
            assert_eq!(
                verdict.is_accepted(),
                accepted,
                "{tag:?} {name}: {verdict:?}"
            );
            judged += 1;
        }
        assert!(judged > 690, "{judged}");
    }
}
