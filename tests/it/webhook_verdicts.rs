//! Every update that was put to KKP's real admission code (six KKP versions, 711 cases) is predicted as it answered.
//!
//! fixtures/webhook/runs.jsonl.gz holds one case a line: the KKP version, a name, both objects, whether it was
//! accepted, what the CRD dropped, and which handler answered.

use meshgen::testing::kkp::KkpVersion;
use meshgen::testing::kkp::webhook::{
    Known, Reason, Verdict, admission, predict, pruned_paths, read_block,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    tag: String,
    name: String,
    old: Value,
    new: Value,
    accepted: bool,
    pruned: Option<Vec<String>>,
    stage: String,
}

fn cases() -> Vec<Case> {
    crate::common::recorded(include_bytes!("../../fixtures/webhook/runs.jsonl.gz"))
}

fn version(tag: &str) -> KkpVersion {
    let parts: Vec<u32> = tag
        .split('.')
        .map(|part| part.parse().expect("a number"))
        .collect();
    (parts[0], parts[1], parts[2])
}

/// What is wrong with the prediction of a case, if anything.
fn disagreement(case: &Case) -> Option<String> {
    let admission = admission(version(&case.tag));
    // Whether the version is listed is no part of the object; the case's name tells.
    let version_listed = Some(!case.name.contains("unlisted"));
    let known = Known {
        read_block: &read_block,
        version_listed,
    };
    let verdict = predict(admission, &case.old, &case.new, &known);
    let pruned = pruned_paths(admission, &case.new);
    let agrees = verdict.is_accepted() == case.accepted
        && pruned == case.pruned.clone().unwrap_or_default()
        && (case.stage != "mutating" || is_wrong_kind(&verdict));
    (!agrees).then(|| {
        let answer = if case.accepted { "accepted" } else { "refused" };
        format!(
            "{} {}: KKP {answer}, dropped {:?}; predicted {verdict:?}, {pruned:?}",
            case.tag, case.name, case.pruned
        )
    })
}

/// The mutating handler refuses only what it cannot decode.
fn is_wrong_kind(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refused(reasons) if matches!(reasons[..], [Reason::WrongKind { .. }]))
}

#[test]
fn predictions_agree_with_the_recorded_verdicts() {
    let cases = cases();
    assert_eq!(cases.len(), 711);
    let disagreements: Vec<_> = cases.iter().filter_map(disagreement).collect();
    assert!(
        disagreements.is_empty(),
        "{} of {}:\n{}",
        disagreements.len(),
        cases.len(),
        disagreements.join("\n")
    );
}
