//! The largest mesh that Cilium knows without asking for more: 255 clusters, made here, rendered in one go.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::common::{files, masked, meshgen, root, run, sha256};
use serde_json::Value;

const CLUSTERS: u8 = 255;
/// The one whose files are looked at in full; of the others digests.
const SHOWN: &str = "clusters/cluster-128/";

#[test]
fn one_of_255_in_full_and_digests_of_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path());
    let out = folder.path().join("out");
    let rendered = run(meshgen()
        .arg("render")
        .arg(folder.path().join("mesh.yaml"))
        .args(["--quiet", "-o"])
        .arg(&out));
    assert_eq!((rendered.code, rendered.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("shown", shown(&out));
    insta::assert_snapshot!("digests", digests(&out));
}

/// The shared CA is that of the guide's fixture. A few clusters have node ranges, so that there are firewall rules too.
fn write_mesh(folder: &Path) {
    let dump = root().join("fixtures/guide/dumps/cluster-1/cilium-ca.secret.yaml");
    let ca: Value = serde_saphyr::from_str(&std::fs::read_to_string(dump).unwrap()).unwrap();
    for half in ["ca.crt", "ca.key"] {
        std::fs::write(folder.join(half), ca["data"][half].as_str().unwrap()).unwrap();
    }
    let mut mesh =
        "apiVersion: meshgen/v1\nmesh: largest\ndefaults: {kkp: \"2.24.14\", cilium: 1.14.16}\n\
        ca: {from: cluster-1, cert: {file: ca.crt}, key: {file: ca.key}}\nclusters:\n"
            .to_owned();
    for id in 1..=CLUSTERS {
        let nodes = match id {
            1..=3 => format!("nodeCIDRs: [172.16.{id}.0/24], "),
            _ => String::new(),
        };
        writeln!(
            mesh,
            "  - {{name: cluster-{id}, id: {id}, podCIDRs: [10.{id}.0.0/16], {nodes}apiserver: {{ips: [203.0.113.{id}]}}}}"
        )
        .unwrap();
    }
    std::fs::write(folder.join("mesh.yaml"), mesh).unwrap();
}

fn shown(out: &Path) -> String {
    let paths = files(out).into_iter();
    let shown = paths.filter(|path| path.starts_with(SHOWN)).map(|path| {
        let text = std::fs::read_to_string(out.join(&path)).unwrap();
        masked(&format!("== {path}\n{text}"))
    });
    shown.collect()
}

/// A digest for each file of a cluster, and one for all firewall files of a kind.
fn digests(out: &Path) -> String {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for path in files(out) {
        let text = std::fs::read_to_string(out.join(&path)).unwrap();
        let kind = Path::new(&path).extension().unwrap().to_str().unwrap();
        let name = match path.split('/').next() {
            Some("firewall") => format!("firewall/*.{kind}"),
            _ => path.clone(),
        };
        texts.entry(name).or_default().push_str(&text);
    }
    let lines = texts.iter();
    lines
        .map(|(name, text)| format!("{} {name}\n", &sha256(text)[..16]))
        .collect()
}
