//! Every verdict of Go over the corpus of odd certificates, keys and PEM (`fixtures/x509`), and meshgen's beside it.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

use crate::pki::certificate::CertificateError;
use crate::pki::key::KeyError;
use crate::pki::{Certificate, Fit, PrivateKey, RemoteFault, Validity, prove_ca, prove_remote};

/// 2026-11-23T00:00:00Z, the time of the recording.
const NOW: i64 = 1_795_392_000;

#[derive(Deserialize)]
struct Corpus {
    files: BTreeMap<String, String>,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    ca: String,
    ca_key: String,
    cert: String,
    key: String,
}

/// What Go says: empty texts where it accepts.
#[derive(Deserialize)]
struct Verdict {
    name: String,
    ca: String,
    pair: String,
    handshake: String,
}

fn corpus() -> Corpus {
    let packed = include_bytes!("../../../fixtures/x509/corpus.json.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

fn recorded() -> BTreeMap<String, Verdict> {
    let lines = include_str!("../../../fixtures/x509/verdicts.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|verdict: Verdict| (verdict.name.clone(), verdict))
        .collect()
}

/// Entries on which meshgen is stricter than Go, and why.
fn exceptions() -> BTreeMap<&'static str, &'static str> {
    include_str!("../../../fixtures/x509/exceptions.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once(": ").unwrap())
        .collect()
}

/// Every file of the corpus as meshgen reads it, once.
struct Files {
    certs: BTreeMap<String, Result<Certificate, CertificateError>>,
    keys: BTreeMap<String, Result<PrivateKey, KeyError>>,
}

impl Files {
    fn of(corpus: &Corpus) -> Self {
        let files = corpus.files.iter();
        let cert = |(name, text): (&String, &String)| (name.clone(), Certificate::parse(text));
        let key = |(name, text): (&String, &String)| (name.clone(), PrivateKey::parse(text));
        Self {
            certs: files.clone().map(cert).collect(),
            keys: files.map(key).collect(),
        }
    }
}

/// Why meshgen refuses an entry; empty if it accepts it.
fn refusals(files: &Files, entry: &Entry) -> Vec<String> {
    let certs = [&entry.ca, &entry.cert].map(|name| &files.certs[name]);
    let keys = [&entry.ca_key, &entry.key].map(|name| &files.keys[name]);
    let mut all: Vec<String> = Vec::new();
    for error in certs.iter().filter_map(|cert| cert.as_ref().err()) {
        all.push(error.to_string());
    }
    for error in keys.iter().filter_map(|key| key.as_ref().err()) {
        all.push(error.to_string());
    }
    let ([Ok(ca), Ok(cert)], [Ok(ca_key), Ok(key)]) = (certs, keys) else {
        return all;
    };
    let in_date = [ca, cert].map(|cert| cert.valid_at(NOW));
    if in_date != [Validity::Ok, Validity::Ok] {
        all.push(format!("{in_date:?}"));
    }
    all.extend(
        prove_ca(ca, Some(ca_key))
            .iter()
            .map(|fault| format!("CA: {fault:?}")),
    );
    let name = cert.common_name().unwrap_or_default();
    for fault in prove_remote(cert, key, ca, name, Some(NOW)) {
        match fault {
            RemoteFault::Weak(weakness) if !weakness.is_refused() => {}
            // No name is no certificate of a peer, but this is not about names.
            RemoteFault::WrongCommonName { .. } => {}
            fault => all.push(format!("{fault:?}")),
        }
    }
    all
}

#[test]
fn meshgen_and_go_agree() {
    let (corpus, recorded, exceptions) = (corpus(), recorded(), exceptions());
    let files = Files::of(&corpus);
    assert!(corpus.entries.len() >= 300);
    assert_eq!(corpus.entries.len(), recorded.len());
    let mut wrong = Vec::new();
    let mut unused: Vec<&str> = exceptions.keys().copied().collect();
    for entry in &corpus.entries {
        let verdict = &recorded[&entry.name];
        let go = [&verdict.ca, &verdict.pair, &verdict.handshake].map(String::as_str);
        let ours = refusals(&files, entry);
        let go_accepts = go.iter().all(|said| said.is_empty());
        let name = entry.name.as_str();
        if go_accepts == ours.is_empty() {
            continue;
        }
        if go_accepts && exceptions.contains_key(name) {
            unused.retain(|exception| *exception != name);
            continue;
        }
        wrong.push(format!("{name}: Go {go:?}, meshgen {ours:?}"));
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(unused, [""; 0], "exceptions that are none");
}

#[test]
fn a_key_fits_where_go_says_so() {
    let (corpus, recorded) = (corpus(), recorded());
    let files = Files::of(&corpus);
    for entry in &corpus.entries {
        if let (Ok(cert), Ok(key)) = (&files.certs[&entry.cert], &files.keys[&entry.key]) {
            let go = recorded[&entry.name].pair.as_str();
            assert_eq!(
                key.fits(cert),
                Fit::from(go.is_empty()),
                "{}: {go}",
                entry.name
            );
        }
    }
}
