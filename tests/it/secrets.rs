//! Nothing that meshgen says holds key material: every fixture, every format, every command that
//! reports, and files broken at random.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{NOW, files, root};
use assert_cmd::Command;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use meshgen::testing::source::{SourceFile, Sources};
use meshgen::testing::yaml::{self, ScalarRules};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// So many characters of a key in a row are a leak.
const WINDOW: usize = 24;

/// Every stretch of every private key in the fixtures: of its PEM lines and of its base64 in one line.
struct Keys(BTreeSet<Vec<u8>>);

impl Keys {
    fn of_all_fixtures() -> Self {
        let mut keys = Self(BTreeSet::new());
        for name in files(&root().join("fixtures")) {
            if let Ok(text) = fs::read_to_string(root().join("fixtures").join(name)) {
                keys.collect(&text);
            }
        }
        assert!(keys.0.len() > 1_000, "the keys were not found");
        keys
    }

    fn collect(&mut self, text: &str) {
        for pem in private_keys(&text.replace("\\n", "\n")) {
            self.add(&pem);
        }
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        for word in text.split(|c| !is_base64(c)).filter(|word| word.len() > 40) {
            let decoded = STANDARD.decode(word).unwrap_or_default();
            for pem in private_keys(&String::from_utf8_lossy(&decoded)) {
                self.add(&pem);
                self.windows(word.as_bytes());
            }
        }
    }

    fn add(&mut self, pem: &str) {
        let body = pem.lines().map(str::trim);
        let body: String = body.filter(|line| !line.starts_with("-----")).collect();
        self.windows(body.as_bytes());
        self.windows(STANDARD.encode(pem).as_bytes());
    }

    fn windows(&mut self, key: &[u8]) {
        self.0.extend(key.windows(WINDOW).map(<[u8]>::to_vec));
    }

    fn leak<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        text.windows(WINDOW).find(|part| self.0.contains(*part))
    }

    /// Fails without showing what leaked.
    fn assert_none_in(&self, text: &[u8], what: &str) {
        let leak = self.leak(text);
        assert!(
            leak.is_none(),
            "{what}: shows {} characters of a key",
            WINDOW
        );
    }
}

/// The PEM blocks of private keys, unindented.
fn private_keys(text: &str) -> Vec<String> {
    let blocks = text.split("-----BEGIN ").skip(1);
    let keys = blocks.filter(|block| {
        block
            .lines()
            .next()
            .is_some_and(|l| l.contains("PRIVATE KEY"))
    });
    let whole = keys.filter_map(|block| block.split_once("-----END "));
    whole
        .map(|(body, _)| {
            let kind = body.split("-----").next().unwrap_or_default();
            let lines: Vec<&str> = body.lines().skip(1).map(str::trim).collect();
            let body = lines.join("\n");
            format!(
                "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
                body.trim()
            )
        })
        .collect()
}

/// Every file of the fixtures that is a mesh file.
fn mesh_files() -> Vec<PathBuf> {
    let all = files(&root().join("fixtures"));
    let named = all.into_iter().filter(|name| name.ends_with("mesh.yaml"));
    named
        .map(|name| root().join("fixtures").join(name))
        .collect()
}

fn run(folder: &Path, args: &[&str]) -> (Vec<u8>, Vec<u8>) {
    let mut command = Command::cargo_bin("meshgen").expect("the binary is built");
    command
        .current_dir(folder)
        .env("CLICOLOR_FORCE", "1")
        .env("RUST_BACKTRACE", "full");
    let output = command.args(args).output().unwrap();
    assert!(
        matches!(output.status.code(), Some(0..=2)),
        "{}: {args:?} ended with {}",
        folder.display(),
        output.status
    );
    (output.stdout, output.stderr)
}

fn validate(folder: &Path, mesh: &str, format: &str) -> Vec<u8> {
    let args = ["validate", mesh, "--now", NOW, "--format", format];
    let (stdout, stderr) = run(folder, &args);
    [stdout, stderr].concat()
}

#[test]
fn the_scan_sees_what_it_looks_for() {
    let keys = Keys::of_all_fixtures();
    for name in [
        "report/pasted-key/mesh.yaml",
        "report/syntax/mesh.yaml",
        "pki/ca-p256.key",
    ] {
        let text = fs::read(root().join("fixtures").join(name)).unwrap();
        assert!(keys.leak(&text).is_some(), "{name}");
    }
    assert!(keys.leak(include_bytes!("../../README.md")).is_none());
}

#[test]
fn no_fixture_makes_validate_show_a_key() {
    let keys = Keys::of_all_fixtures();
    let meshes = mesh_files();
    let names: Vec<&str> = meshes.iter().map(|mesh| mesh.to_str().unwrap()).collect();
    assert!(names.len() > 20, "the fixtures were not found");
    for format in ["text", "json", "sarif", "github"] {
        let args = ["validate", "--now", NOW, "--format", format];
        let (stdout, stderr) = run(root(), &[&args[..], &names].concat());
        assert!(stdout.len() > 10_000, "{format}: too little was found");
        keys.assert_none_in(&stdout, format);
        keys.assert_none_in(&stderr, format);
    }
}

/// What `render` writes holds keys; what it says must not.
#[test]
fn no_fixture_makes_another_command_say_a_key() {
    let keys = Keys::of_all_fixtures();
    let scan = |mesh: &Path| {
        let folder = mesh.parent().unwrap();
        let name = mesh.file_name().unwrap().to_str().unwrap();
        let what = |command: &str| format!("{}: {command}", mesh.display());
        let out = tempfile::tempdir().unwrap();
        let out = out.path().to_str().unwrap();
        let (stdout, stderr) = run(folder, &["render", name, "-o", out]);
        keys.assert_none_in(&stdout, &what("render -o"));
        keys.assert_none_in(&stderr, &what("render -o"));
        let (_, stderr) = run(folder, &["render", name, "--phase", "mesh"]);
        keys.assert_none_in(&stderr, &what("render"));
        let (stdout, stderr) = run(folder, &["firewall", name]);
        keys.assert_none_in(&stdout, &what("firewall"));
        keys.assert_none_in(&stderr, &what("firewall"));
    };
    let meshes = mesh_files();
    let (first, second) = meshes.split_at(meshes.len() / 2);
    std::thread::scope(|scope| {
        scope.spawn(|| first.iter().for_each(|mesh| scan(mesh)));
        second.iter().for_each(|mesh| scan(mesh));
    });
}

#[test]
fn what_is_kept_of_reports_shows_no_key() {
    let keys = Keys::of_all_fixtures();
    let is_report = |name: &String| {
        [".snap", "report.txt", ".diff", ".md"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    for folder in ["docs", "fixtures", "tests", "src"] {
        for name in files(&root().join(folder)).into_iter().filter(is_report) {
            let text = fs::read(root().join(folder).join(&name)).unwrap();
            keys.assert_none_in(&text, &format!("{folder}/{name}"));
        }
    }
}

/// One slip of a hand or an editor, at a place given in thousandths of the text.
#[derive(Debug, Clone)]
enum Slip {
    Insert(usize, &'static str),
    Delete(usize, usize),
    Repeat(usize, usize),
}

fn slips() -> impl Strategy<Value = Vec<Slip>> {
    const TYPED: [&str; 24] = [
        "\"", "'", ":", ": ", " #", "\n", "\n  ", "\n- ", "- ", "{", "}", "[", "]", "|\n", ">-\n",
        "\t", "&a ", "*a", "\u{0}", "é", "\n---\n", " ", "\r", "\\",
    ];
    let slip = prop_oneof![
        4 => (0..1000usize, 0..TYPED.len()).prop_map(|(at, typed)| Slip::Insert(at, TYPED[typed])),
        2 => (0..1000usize, 1..40usize).prop_map(|(at, count)| Slip::Delete(at, count)),
        1 => (0..1000usize, 1..200usize).prop_map(|(at, count)| Slip::Repeat(at, count)),
    ];
    proptest::collection::vec(slip, 1..8)
}

fn broken(text: &str, slips: &[Slip]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for slip in slips {
        let len = characters.len();
        match *slip {
            Slip::Insert(at, typed) => {
                let at = at * len / 1000;
                characters.splice(at..at, typed.chars());
            }
            Slip::Delete(at, count) => {
                let at = at * len / 1000;
                characters.drain(at..(at + count).min(len));
            }
            Slip::Repeat(at, count) => {
                let at = at * len / 1000;
                let piece = characters[at..(at + count).min(len)].to_vec();
                characters.splice(at..at, piece);
            }
        }
    }
    characters.into_iter().collect()
}

fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Fixtures with keys in every form: typed, in Secrets, in the current values.
const WITH_KEYS: [&str; 5] = [
    "report/pasted-key/mesh.yaml",
    "report/syntax/mesh.yaml",
    "report/two-files/dumps/paris.yaml",
    "guide/dumps/cluster-1/clustermesh-apiserver-remote-cert.secret.yaml",
    VALUES,
];
const VALUES: &str = "meshes/born-with-tls-ca/dumps/cluster-2/cilium.applicationinstallation.yaml";

#[test]
fn no_line_of_a_broken_file_is_shown_with_a_key() {
    let keys = Keys::of_all_fixtures();
    for name in WITH_KEYS {
        let text = fs::read_to_string(root().join("fixtures").join(name)).unwrap();
        let check = |slips: Vec<Slip>| {
            let text = broken(&text, &slips);
            let documents = yaml::parse(&text, ScalarRules::Go).map(|stream| stream.documents);
            let file = SourceFile::new(name, text, documents.unwrap_or_default());
            let mut sources = Sources::new(PathBuf::new());
            let id = sources.add(file);
            let shown = sources.masked_lines(id).unwrap_or_default().join("\n");
            prop_assert!(keys.leak(shown.as_bytes()).is_none(), "{}", shown);
            Ok(())
        };
        runner(600)
            .run(&slips(), check)
            .unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}

#[test]
fn no_report_about_a_broken_file_shows_a_key() {
    let keys = Keys::of_all_fixtures();
    let text = fs::read_to_string(root().join("fixtures/report/pasted-key/mesh.yaml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let check = |slips: Vec<Slip>| {
        fs::write(folder.path().join("mesh.yaml"), broken(&text, &slips)).unwrap();
        for format in ["text", "json"] {
            let said = validate(folder.path(), "mesh.yaml", format);
            let shown = String::from_utf8_lossy(&said);
            prop_assert!(keys.leak(&said).is_none(), "{format}: {}", shown);
        }
        Ok(())
    };
    runner(60)
        .run(&slips(), check)
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn only_keys_are_hidden() {
    let mut hidden = Vec::new();
    for folder in ["docs", "fixtures"] {
        for name in files(&root().join(folder)) {
            let path = root().join(folder).join(&name);
            let text = fs::read_to_string(&path).unwrap_or_default();
            if text.contains("<hidden>") {
                hidden.push(name);
            }
        }
    }
    assert!(
        hidden.is_empty(),
        "meshgen hides its own words in {hidden:?}"
    );
}
