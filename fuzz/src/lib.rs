//! What the fuzz targets do with their bytes: the whole way that a user's file goes, up to the files
//! that would be written. Nothing may panic, and every place that a finding names must be in its file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use meshgen::testing::compile::forms::FORMS;
use meshgen::testing::compile::plan::{Purpose, Request};
use meshgen::testing::diagnostics::{self, Report};
use meshgen::testing::finding::Finding;
use meshgen::testing::output::{Memory, Options, Output};
use meshgen::testing::pipeline::{Loaded, check, load};
use meshgen::testing::pki::{Certificate, PrivateKey, prove_ca, prove_remote};
use meshgen::testing::source::Sources;

const NOW: i64 = 1_795_392_000; // 2026-11-23
const CA_CERT: &str = include_str!("../../fixtures/rules/shared/ca.crt");
const CA_KEY: &str = include_str!("../../fixtures/rules/shared/ca.key");

/// Two clusters, `VERSIONS` standing for their versions, each with the dump `dump.yaml` of its own folder.
const MESH: &str = r#"apiVersion: meshgen/v1
ca: {cert: {file: ca.crt}, key: {file: ca.key}}
defaults: {VERSIONS}
clusters:
  - {name: one, id: 1, podCIDRs: [172.25.0.0/16], apiserver: {ips: [203.0.113.10]}, dumps: one}
  - {name: two, id: 2, podCIDRs: [172.26.0.0/16], apiserver: {ips: [203.0.113.20]}, dumps: two}
"#;

/// Any bytes as mesh.yaml.
pub fn mesh_file(bytes: &[u8]) {
    go(&write("mesh.yaml", bytes));
}

/// Any bytes as a dump: on a chart that has everything in the values, and on one that does not.
pub fn dumps(bytes: &[u8]) {
    write("one/dump.yaml", bytes);
    write("two/dump.yaml", bytes);
    for versions in [
        "kkp: \"2.22\", cilium: 1.13.0",
        "kkp: \"2.31\", cilium: 1.19.4",
    ] {
        go(&write(
            "mesh.yaml",
            MESH.replace("VERSIONS", versions).as_bytes(),
        ));
    }
}

/// What parts the files of [`whole_program`].
const NEXT_FILE: &[u8] = b"\n=====\n";

/// Any bytes as mesh.yaml and the dumps of its first two clusters, `one` and `two`, with a line of five equals signs between
/// the files. What is not there is an empty dump.
pub fn whole_program(bytes: &[u8]) {
    let mut rest = bytes;
    let mut next = || {
        let at = rest
            .windows(NEXT_FILE.len())
            .position(|window| window == NEXT_FILE);
        let (file, after) = match at {
            Some(at) => (&rest[..at], &rest[at + NEXT_FILE.len()..]),
            None => (rest, &rest[rest.len()..]),
        };
        rest = after;
        file
    };
    let mesh = next();
    write("one/dump.yaml", next());
    write("two/dump.yaml", next());
    go(&write("mesh.yaml", mesh));
}

/// Any text as the current values of a cluster.
pub fn values_block(text: &str) {
    let object = serde_json::json!({
        "apiVersion": "apps.kubermatic.k8c.io/v1",
        "kind": "ApplicationInstallation",
        "metadata": {"name": "cilium", "namespace": "kube-system", "uid": "1"},
        "spec": {"applicationRef": {"name": "cilium", "version": "1.18.10"}, "valuesBlock": text},
    });
    write("one/dump.yaml", object.to_string().as_bytes());
    write("two/dump.yaml", b"{}");
    let mesh = MESH.replace("VERSIONS", "kkp: \"2.30.5\", cilium: 1.18.10");
    go(&write("mesh.yaml", mesh.as_bytes()));
}

/// Any bytes as a certificate and key: as they are, and as the DER inside PEM.
pub fn pki(bytes: &[u8]) {
    let mut texts = vec![String::from_utf8_lossy(bytes).into_owned()];
    for label in [
        "CERTIFICATE",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "RSA PRIVATE KEY",
    ] {
        let body = base64(bytes);
        texts.push(format!(
            "-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"
        ));
    }
    let ca = Certificate::parse(CA_CERT).ok();
    for text in texts {
        let key = PrivateKey::parse(&text)
            .or_else(|_| PrivateKey::parse(CA_KEY))
            .ok();
        if let (Ok(cert), Some(key), Some(ca)) = (Certificate::parse(&text), key, &ca) {
            prove_ca(&cert, Some(&key));
            prove_remote(&cert, &key, ca, "remote", Some(NOW));
            prove_remote(&cert, &key, &cert, "remote", None);
            cert.valid_at(NOW);
        }
    }
}

/// Any bytes as a file that was saved for `verify`.
pub fn saved_output(bytes: &[u8]) {
    meshgen::testing::verify::recognised(bytes);
}

/// Everything that `validate`, in all formats, and `render` do with a mesh, but for printing and writing.
fn go(path: &Path) {
    let Ok(loaded) = load(path) else {
        return;
    };
    let Loaded {
        input,
        mesh,
        mut findings,
    } = loaded;
    if let Some(mesh) = &mesh {
        for (purpose, now) in [(Purpose::Apply, None), (Purpose::Check, Some(NOW))] {
            let request = Request {
                purpose,
                ..Request::default()
            };
            let checked = check(&input, mesh, findings, &request, now);
            for form in FORMS {
                let options = Options {
                    form: *form,
                    ..Options::default()
                };
                let _ = Output::new(&checked.plan, options).write(&Memory::default(), None);
            }
            findings = checked.findings;
        }
    }
    for finding in &findings {
        has_places(finding, &input.sources);
    }
    let reports = [Report::new(&findings, &input.sources)];
    diagnostics::text::findings(&reports);
    diagnostics::github::commands(&reports);
    for data in [
        serde_json::to_string(&diagnostics::json::document(&reports)),
        serde_json::to_string(&diagnostics::sarif::log(&reports)),
    ] {
        data.expect("a report can be written");
    }
}

/// Every place of a finding is in its file.
fn has_places(finding: &Finding, sources: &Sources) {
    for label in std::iter::once(&finding.primary).chain(&finding.related) {
        let text = &sources.file(label.place.file).text;
        let range = sources.range(&label.place);
        assert!(
            text.get(range).is_some(),
            "{}: {:?}",
            finding.code,
            label.place
        );
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let three = [
            chunk[0],
            *chunk.get(1).unwrap_or(&0),
            *chunk.get(2).unwrap_or(&0),
        ];
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at > chunk.len() { '=' } else { letter.into() });
        }
    }
    out
}

/// Writes a file into this process's own folder.
fn write(name: &str, bytes: &[u8]) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir()
            .expect("a folder for temporary files")
            .keep();
        for (name, text) in [("ca.crt", CA_CERT), ("ca.key", CA_KEY)] {
            fs::write(folder.join(name), text).expect("it can be written");
        }
        for cluster in ["one", "two"] {
            fs::create_dir(folder.join(cluster)).expect("it can be made");
        }
        folder
    });
    let path = folder.join(name);
    fs::write(&path, bytes).expect("it can be written");
    path
}
