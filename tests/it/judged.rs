//! What the conformance suite judged is what is rendered today: `conformance/judged.json` keeps a digest of every case.
//!
//! The real consumers (charts, API server, firewalls) cannot be had on every machine. So a change of the output fails
//! here until `conformance/run --record` has put it before them again. That is a gate of its own, which CI runs with
//! `cargo test --test it judged -- --ignored`: whoever reviews a changed snapshot needs no charts for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use assert_cmd::Command;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

const ADVICE: &str = "put it before the judges again: conformance/run --record";
const BEGIN: &str = "<!-- judged: begin -->\n";
const END: &str = "<!-- judged: end -->\n";

/// `conformance/judged.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Judged {
    recorded_on: String,
    programs: BTreeMap<String, String>,
    charts: BTreeMap<String, String>,
    judges: BTreeMap<String, BTreeMap<String, usize>>,
    cases: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
struct Case {
    mesh: String,
    arguments: Vec<String>,
    kinds: Vec<String>,
    digest: String,
    charts: Vec<String>,
    verdict: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn judged() -> Judged {
    let text = std::fs::read_to_string(root().join("conformance/judged.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The digest of everything of these kinds that is rendered, in the order of index.json.
fn digest_today(case: &Case) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("meshgen").unwrap();
    command
        .current_dir(root())
        .args(["render", "--quiet", "-o"]);
    let output = command
        .arg(folder.path())
        .args(&case.arguments)
        .arg(&case.mesh)
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(format!(
            "is refused: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let text = std::fs::read_to_string(folder.path().join("index.json")).unwrap();
    let index: Value = serde_json::from_str(&text).unwrap();
    let mut digest = Sha256::new();
    for path in paths(&index, &case.kinds) {
        digest.update(std::fs::read(folder.path().join(path)).unwrap());
    }
    let bytes = digest.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn paths<'i>(index: &'i Value, kinds: &[String]) -> Vec<&'i str> {
    let clusters = index["clusters"].as_array().unwrap().iter();
    let files = clusters
        .chain([index])
        .flat_map(|owner| owner["files"].as_array().unwrap());
    files
        .filter(|file| kinds.iter().any(|kind| file["kind"] == kind.as_str()))
        .map(|file| file["path"].as_str().unwrap())
        .collect()
}

/// What is wrong with a case, if anything.
fn disagreement(case: &Case) -> Option<String> {
    if case.verdict != "accepted" {
        return Some("was judged and refused".to_owned());
    }
    match digest_today(case) {
        Ok(digest) if digest == case.digest => None,
        Ok(_) => Some("has changed since it was judged".to_owned()),
        Err(why) => Some(why),
    }
}

/// The disagreements of many cases, on all cores.
fn disagreements(cases: &BTreeMap<String, Case>) -> BTreeMap<String, String> {
    let queue = Mutex::new(cases.iter());
    let found = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let Some((id, case)) = queue.lock().unwrap().next() else {
                return;
            };
            if let Some(why) = disagreement(case) {
                found.lock().unwrap().insert(id.clone(), why);
            }
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    found.into_inner().unwrap()
}

#[test]
#[ignore = "a gate of its own in CI: cargo test --test it judged -- --ignored"]
fn every_case_renders_what_was_judged() {
    let found = disagreements(&judged().cases);
    let mut report = String::new();
    for (id, why) in found.iter().take(20) {
        writeln!(report, "  {id} {why}").unwrap();
    }
    assert!(
        found.is_empty(),
        "{} cases differ; {ADVICE}\n{report}",
        found.len()
    );
}

#[test]
#[ignore = "a gate of its own in CI: cargo test --test it judged -- --ignored"]
fn a_case_that_changed_is_noticed() {
    let mut cases = judged().cases;
    cases.retain(|id, _| id.starts_with("1.18.10-inline-direct/"));
    assert_eq!(cases.len(), 3);
    cases
        .get_mut("1.18.10-inline-direct/join")
        .unwrap()
        .arguments = vec!["--phase".to_owned(), "bootstrap".to_owned()];
    cases.get_mut("1.18.10-inline-direct/mesh").unwrap().verdict = "refused".to_owned();
    let found = disagreements(&cases);
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [
            (
                "1.18.10-inline-direct/join".to_owned(),
                "has changed since it was judged".to_owned()
            ),
            (
                "1.18.10-inline-direct/mesh".to_owned(),
                "was judged and refused".to_owned()
            ),
        ]
    );
}

/// The cases that the folders hold, as the suite names them.
fn cases_in_folders() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("conformance/cases")).unwrap() {
        let folder: PathBuf = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let phases: &[&str] = match (
            folder.join("mesh.yaml").exists(),
            folder.join("join.yaml").exists(),
        ) {
            (false, _) => &[],
            (true, true) => &["bootstrap", "join", "mesh"],
            (true, false) if name.starts_with("firewall-") => &["drop"],
            (true, false) => &["mesh"],
        };
        found.extend(phases.iter().map(|phase| format!("{name}/{phase}")));
    }
    found
}

#[test]
#[ignore = "a gate of its own in CI: cargo test --test it judged -- --ignored"]
fn every_case_was_judged() {
    let recorded: BTreeSet<String> = judged().cases.into_keys().collect();
    let there = cases_in_folders();
    let never: Vec<_> = there.difference(&recorded).collect();
    let gone: Vec<_> = recorded.difference(&there).collect();
    assert!(never.is_empty(), "never judged: {never:?}; {ADVICE}");
    assert!(
        gone.is_empty(),
        "judged, but not there any more: {gone:?}; {ADVICE}"
    );
}

/// The table for people, between its markers in README.md.
fn table(judged: &Judged) -> String {
    let programs: Vec<String> = judged
        .programs
        .iter()
        .map(|(name, version)| format!("{name} {}", version.trim_start_matches('v')))
        .collect();
    let mut out = format!(
        "Judged on {} with {} released Cilium charts and {}.\n\n| judge | accepted | skipped |\n|---|---|---|\n",
        judged.recorded_on,
        judged.charts.len(),
        programs.join(", "),
    );
    for (judge, counts) in &judged.judges {
        let count = |result: &str| counts.get(result).copied().unwrap_or(0);
        let (ok, skipped) = (count("ok"), count("SKIPPED"));
        writeln!(
            out,
            "| {judge} | {ok} of {} | {skipped} |",
            ok + count("FAILED")
        )
        .unwrap();
    }
    out + &matrix(judged)
}

/// Cases (phases, KVStoreMesh, authMode) per Cilium minor and trust mode.
fn matrix(judged: &Judged) -> String {
    let modes = ["sharedCA", "inline", "bundle"];
    let mut out = format!(
        "\nAccepted cases, each a mesh of three clusters in one phase:\n\n| Cilium | {} |\n|---|---|---|---|\n",
        modes.join(" | ")
    );
    let mut rows: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for (id, case) in judged
        .cases
        .iter()
        .filter(|(_, case)| !case.charts.is_empty())
    {
        let column = modes.iter().position(|mode| id.contains(mode)).unwrap();
        rows.entry(row(case)).or_default()[column] += 1;
    }
    for (row, counts) in rows {
        let row = versions_of(judged, &row);
        let cells = counts.map(|count| match count {
            0 => "–".to_owned(),
            count => count.to_string(),
        });
        writeln!(out, "| {row} | {} |", cells.join(" | ")).unwrap();
    }
    out
}

/// All charts of a minor version.
fn versions_of(judged: &Judged, minor: &str) -> String {
    let charts = judged
        .charts
        .keys()
        .filter(|chart| chart.rsplit_once('.').unwrap().0 == minor);
    let mut patches: Vec<u32> = charts
        .map(|chart| chart.rsplit_once('.').unwrap().1.parse().unwrap())
        .collect();
    patches.sort_unstable();
    let versions: Vec<String> = patches
        .iter()
        .map(|patch| format!("{minor}.{patch}"))
        .collect();
    if versions.is_empty() {
        minor.to_owned()
    } else {
        versions.join(", ")
    }
}

/// The minor version, or what stands for it where a mesh has several.
fn row(case: &Case) -> String {
    match case.charts.as_slice() {
        [chart] => chart.rsplit_once('.').unwrap().0.to_owned(),
        _ => "several in one mesh".to_owned(),
    }
}

#[test]
fn readme_shows_what_was_judged() {
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let table = table(&judged());
    if std::env::var_os("MESHGEN_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        shown, table,
        "run: MESHGEN_UPDATE=1 cargo test --test it judged readme"
    );
}
