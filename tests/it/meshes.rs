//! Every folder of fixtures/meshes, through the built binary: the findings, every file, every command.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use crate::common::{Fixture, NOW, files, fixtures, masked, meshgen, render, run, sha256};

#[test]
fn every_mesh_gives_what_its_snapshots_say() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 20, "the fixtures were not found");
    for fixture in fixtures {
        let out = tempfile::tempdir().unwrap();
        let findings = findings(&fixture, out.path());
        let settings = settings(&fixture);
        settings.bind(|| {
            insta::assert_snapshot!("findings", findings);
            for (name, text) in parts(out.path()) {
                insta::assert_snapshot!(name, text);
            }
        });
    }
}

fn settings(fixture: &Fixture) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(fixture.folder.join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// What `validate` finds, and what `render` says beside it.
fn findings(fixture: &Fixture, out: &Path) -> String {
    let args = ["validate", &fixture.mesh, "--format", "json", "--now", NOW];
    let validated = run(meshgen().args(args));
    let rendered = render(fixture, out);
    let said = rendered.stderr.lines();
    let report: Vec<&str> = said
        .filter(|line| !line.contains(" files written, "))
        .collect();
    let report = report.join("\n");
    masked(&format!(
        "# meshgen validate --format json: exit {}\n{}\n# meshgen {}: exit {}\n{report}\n",
        validated.code,
        validated.stdout,
        ["render", "-o OUT", &fixture.args.join(" ")]
            .join(" ")
            .trim_end(),
        rendered.code,
    ))
}

/// The output folder as a few texts: what people read, what machines read, and what is applied.
fn parts(out: &Path) -> BTreeMap<&'static str, String> {
    let mut parts: BTreeMap<&str, String> = BTreeMap::new();
    let way = way_to_mesh(out);
    for path in files(out) {
        let text = std::fs::read_to_string(out.join(&path)).unwrap();
        let (part, shown) = match path.as_str() {
            "STEPS.md" => ("steps", unbroken(&text).replace(&way, "${MESHGEN_DIR:-..}")),
            "index.json" => (
                "index",
                placeless(&text).replace(&way, "${MESHGEN_DIR:-..}"),
            ),
            path if path.ends_with(".sh") => continue, // tests of their own run them
            "firewall/rules.csv" => ("firewall", titled(&path, &text)),
            path if path.starts_with("firewall/") => {
                ("firewall", format!("== {path}: {}\n", &sha256(&text)[..16]))
            }
            path => ("clusters", titled(path, &readable(path, &text))),
        };
        parts
            .entry(part)
            .or_default()
            .push_str(&format!("{}\n", masked(&shown).trim_end()));
    }
    parts
}

/// How the printed commands go to the folder of mesh.yaml: it depends on where this test writes.
fn way_to_mesh(out: &Path) -> String {
    let script = std::fs::read_to_string(out.join("dump.sh")).unwrap_or_default();
    let mut lines = script.lines();
    let way = lines.find_map(|line| line.split_once("|| mesh=$here/"));
    format!("${{MESHGEN_DIR:-{}}}", way.map_or("..", |(_, way)| way))
}

/// STEPS.md with each command in as few lines as there are: where one is broken depends on how long that way is.
fn unbroken(page: &str) -> String {
    let mut parts = page.split(" \\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| {
        format!("{joined} {}", part.trim_start())
    })
}

/// The index without the digests of files that name that way.
fn placeless(index: &str) -> String {
    let mut after = "";
    let lines = index.lines().map(|line| {
        let is_digest = line.trim_start().starts_with("\"sha256\"");
        if !is_digest {
            after = line;
        } else if after.contains("\"steps\"") || after.contains("\"script\"") {
            return "      \"sha256\": \"<of the place>\"\n".to_owned();
        }
        format!("{line}\n")
    });
    lines.collect()
}

fn titled(path: &str, text: &str) -> String {
    format!("== {path}\n{text}")
}

/// A JSON Patch has its values block in one line: here every line of the block is one.
fn readable(path: &str, text: &str) -> String {
    if path.ends_with(".json") {
        text.replace("\\n", "\n")
    } else {
        text.to_owned()
    }
}

#[test]
fn every_mesh_file_fits_the_schema_that_it_names() {
    let schema =
        std::fs::read_to_string(crate::common::root().join("schemas/mesh.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for fixture in fixtures() {
        let text = std::fs::read_to_string(fixture.folder.join("mesh.yaml")).unwrap();
        let first = text.lines().next().unwrap();
        let named = first.strip_prefix("# yaml-language-server: $schema=");
        let named = fixture
            .folder
            .join(named.expect("the first line names the schema"));
        assert!(
            named.ends_with("schemas/mesh.schema.json") && named.is_file(),
            "{}: no schema at {}",
            fixture.name,
            named.display()
        );
        let mesh = serde_saphyr::from_str(&text).unwrap();
        let faults: Vec<String> = schema
            .iter_errors(&mesh)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{}: {faults:?}", fixture.name);
    }
}

#[test]
fn rendering_again_writes_nothing_and_keeps_timestamps() {
    for fixture in fixtures() {
        let out = tempfile::tempdir().unwrap();
        let first = render(&fixture, out.path());
        if first.code != 0 {
            let left = files(out.path());
            assert!(left.is_empty(), "{}: errors, yet {left:?}", fixture.name);
            continue;
        }
        let before = stamps(out.path());
        let second = render(&fixture, out.path());
        let unchanged = format!("0 files written, {} unchanged, 0 removed", before.len());
        assert!(
            second.stderr.contains(&unchanged),
            "{}: {}",
            fixture.name,
            second.stderr
        );
        assert!(before == stamps(out.path()), "{}: touched", fixture.name);
    }
}

fn stamps(folder: &Path) -> Vec<(String, SystemTime, String)> {
    let stamp = |path: String| {
        let full = folder.join(&path);
        let text = std::fs::read_to_string(&full).unwrap();
        (path, full.metadata().unwrap().modified().unwrap(), text)
    };
    files(folder).into_iter().map(stamp).collect()
}

#[cfg(unix)]
#[test]
fn patches_and_secrets_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    for fixture in fixtures() {
        let out = tempfile::tempdir().unwrap();
        render(&fixture, out.path());
        for path in files(out.path()) {
            let mode = out
                .path()
                .join(&path)
                .metadata()
                .unwrap()
                .permissions()
                .mode()
                & 0o777;
            let text = std::fs::read_to_string(out.path().join(&path)).unwrap();
            let private = path.contains("-patch.") || path.contains(".secret.");
            assert!(
                !private || mode == 0o600,
                "{}: {path} is {mode:o}",
                fixture.name
            );
            let keyless = masked(&text) == text;
            assert!(
                private || keyless,
                "{}: {path} holds key material",
                fixture.name
            );
        }
    }
}
