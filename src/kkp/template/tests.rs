//! meshgen's outcome beside what the real libraries did (`fixtures/kkp-templates`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Outcome, of_key, of_value};
use crate::profile;
use crate::profile::releases::TemplateField;

#[derive(Deserialize)]
struct Verdict {
    text: String,
    #[serde(default, rename = "isKey")]
    is_key: bool,
    /// By kind of cluster.
    #[serde(rename = "2.27")]
    before: BTreeMap<String, String>,
    #[serde(rename = "2.29")]
    now: BTreeMap<String, String>,
}

const VERDICTS: &str = include_str!("../../../fixtures/kkp-templates/verdicts.jsonl");
const EXCEPTIONS: &str = include_str!("../../../fixtures/kkp-templates/exceptions.txt");

fn data(minor: u16) -> &'static [TemplateField] {
    let version = profile::Version::new(2, minor, 0);
    profile::releases::RELEASES
        .iter()
        .rev()
        .find(|row| row.from <= version)
        .expect("the version is known")
        .template_data
}

/// Texts that render and that meshgen does not let pass, and why.
fn exceptions() -> BTreeMap<String, &'static str> {
    let lines = EXCEPTIONS.lines();
    lines
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (text, why) = line.split_once("\t").expect("a text, a tab, a reason");
            (serde_json::from_str(text).expect("the text is JSON"), why)
        })
        .collect()
}

#[test]
fn meshgen_and_the_real_libraries_agree() {
    let exceptions = exceptions();
    let mut unused: Vec<&String> = exceptions.keys().collect();
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for line in VERDICTS.lines() {
        let verdict: Verdict = serde_json::from_str(line).expect("a verdict a line");
        for (minor, went) in [(27, &verdict.before), (29, &verdict.now)] {
            judged += 1;
            let of = if verdict.is_key { of_key } else { of_value };
            let ours = of(&verdict.text, data(minor));
            let all = went.values().all(|went| went == "ok");
            let none = went.values().all(|went| went != "ok");
            let agrees = match ours {
                Outcome::Renders => all,
                Outcome::Fails(_) => none,
                Outcome::Undecided(_) => !all,
                Outcome::Angle => true,
            };
            let is_strict = all && ours != Outcome::Renders;
            if is_strict && exceptions.contains_key(&verdict.text) {
                unused.retain(|text| **text != verdict.text);
            } else if !agrees {
                wrong.push(format!(
                    "2.{minor} {:?} key {}: {ours:?}, in truth {went:?}",
                    verdict.text, verdict.is_key
                ));
            }
        }
    }
    assert!(judged > 2_000);
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(unused.is_empty(), "exceptions that are none: {unused:?}");
}
