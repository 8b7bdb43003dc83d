//! Whatever stands at any place of mesh.yaml or of a dump: no key and no character that acts goes out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use meshgen::testing::compile::plan::{Purpose, Request};
use meshgen::testing::diagnostics::{self, Report};
use meshgen::testing::output::{Memory, Options, Output};
use meshgen::testing::pipeline::{Loaded, check, load};
use meshgen::testing::yaml::{self, Kind, Node, ScalarRules};

use crate::common::{files, root};

/// 2026-11-23.
const NOW: i64 = 1_795_392_000;

/// So many characters of a key in a row are a leak: one more than a message shows of a value that fails its format.
const LEAK: usize = 25;

const MESH: &str = r#"apiVersion: meshgen/v1
mesh: everything
defaults: {kkp: "2.31.0", cilium: 1.18.10}
seed: {context: seed-1, kubeconfig: seed.kubeconfig}
ca: {from: cluster-1}
trust: sharedCA
authMode: cluster
encryption: wireguard
services:
  - name: shop
    namespace: web
    clusters: [cluster-1, cluster-2]
    shared: true
    affinity: local
    ports: [{name: http, port: 80, protocol: TCP, targetPort: web}]
    selector: {app: shop}
ignore: [{code: input-missing, route: ca.cert, reason: kept elsewhere}]
clusters:
  - name: cluster-1
    id: 1
    context: paris
    kubeconfig: paris.kubeconfig
    kkpCluster: qz7hm4wx2k
    provider: aws
    podCIDRs: [172.25.0.0/16]
    serviceCIDRs: [10.240.16.0/20]
    nodeCIDRs: [10.0.1.0/24]
    nodes: [10.0.1.4]
    proxyMode: ebpf
    images: {apiserver: "registry.example.com/cilium/clustermesh-apiserver:v1.18.10"}
    apiserver:
      ips: [203.0.113.10]
      address: mesh.example.com
      service:
        type: LoadBalancer
        annotations: {example.com/note: "yes"}
        loadBalancerIP: 203.0.113.10
        loadBalancerClass: metallb
        loadBalancerSourceRanges: [10.0.2.0/24]
    dumps: dumps/cluster-1/
  - name: cluster-2
    id: 2
    podCIDRs: [172.26.0.0/16]
    serviceCIDRs: [10.240.32.0/20]
    nodeCIDRs: [10.0.2.0/24]
    apiserver: {ips: [203.0.113.20]}
    dumps: [dumps/cluster-2/cilium-ca.secret.yaml, dumps/cluster-2/cilium.applicationinstallation.yaml]
"#;

const NODES: &str = "apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Node
    metadata: {name: node-1, uid: 5e2d}
    status: {addresses: [{type: InternalIP, address: 10.0.1.5}, {type: Hostname, address: node-1}]}
  - apiVersion: v1
    kind: Service
    metadata: {name: clustermesh-apiserver, namespace: kube-system, annotations: {note: plain}}
    spec: {type: LoadBalancer, loadBalancerClass: metallb, clusterIP: 10.240.16.9, ports: [{name: apiserv, port: 2379, protocol: TCP, nodePort: 32379}]}
    status: {loadBalancer: {ingress: [{hostname: lb.example.com}]}}
";

/// A folder with the mesh file and its dumps.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = root().join("fixtures/meshes/every-setting/dumps");
        for name in files(&from) {
            let to = folder.path().join("dumps").join(&name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from.join(&name), to).unwrap();
        }
        let place = Self { folder };
        place.write("mesh.yaml", MESH);
        place.write("dumps/cluster-1/nodes.yaml", NODES);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The DER of a private key that is among the dumps.
    fn key(&self) -> Vec<u8> {
        let text = fs::read_to_string(self.path("dumps/cluster-1/cilium-ca.secret.yaml")).unwrap();
        let (_, rest) = text.split_once("ca.key: ").unwrap();
        let pem = STANDARD
            .decode(rest.lines().next().unwrap().trim())
            .unwrap();
        let pem = String::from_utf8(pem).unwrap();
        let body = pem.lines().filter(|line| !line.contains("-----"));
        STANDARD.decode(body.collect::<String>()).unwrap()
    }

    /// Everything that goes out and that others than the owner may read, with a name for each.
    fn outputs(&self) -> Vec<(String, String)> {
        let loaded = load(&self.path("mesh.yaml")).unwrap();
        let Loaded {
            input,
            mesh,
            mut findings,
        } = loaded;
        let mut all = Vec::new();
        let Some(mesh) = &mesh else { return all };
        let checked = check(&input, mesh, findings.clone(), &Request::default(), None);
        if !meshgen::testing::finding::has_errors(&checked.findings) {
            let memory = Memory::default();
            let _ = Output::new(&checked.plan, Options::default()).write(&memory, None);
            let files = memory.into_files().into_iter();
            let is_public = |path: &str| !path.contains("20-patch") && !path.contains(".secret.");
            let public = files.filter(|(path, _)| is_public(path));
            all.extend(public.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())));
        }
        let request = Request {
            purpose: Purpose::Check,
            ..Request::default()
        };
        findings = check(&input, mesh, findings, &request, Some(NOW)).findings;
        let reports = [Report::new(&findings, &input.sources)];
        let json = serde_json::to_string(&diagnostics::json::document(&reports)).unwrap();
        all.extend([
            (
                "text".to_owned(),
                plain(&diagnostics::text::all_findings(&reports)),
            ),
            ("github".to_owned(), diagnostics::github::commands(&reports)),
            ("json".to_owned(), json),
        ]);
        all
    }
}

/// Text without the styles that meshgen itself gives it.
fn plain(styled: &str) -> String {
    anstream::adapter::strip_str(styled).to_string()
}

/// Where in a text the values and keys stand that are not there to hold a key.
fn places(text: &str, rules: ScalarRules) -> Vec<std::ops::Range<usize>> {
    fn visit(node: &Node, in_pair: bool, out: &mut Vec<std::ops::Range<usize>>) {
        match &node.kind {
            Kind::Mapping(entries) => {
                for entry in entries.iter() {
                    let is_secret =
                        ["cert", "key", "data"].contains(&entry.key.as_str()) && in_pair;
                    if !is_secret {
                        out.push(entry.key_span.clone());
                        let is_pair = ["ca", "next", "remoteCert"].contains(&entry.key.as_str());
                        visit(&entry.value, is_pair, out);
                    }
                }
            }
            Kind::Sequence(items) => items.iter().for_each(|item| visit(item, false, out)),
            _ => out.push(node.span.clone()),
        }
    }
    let mut out = Vec::new();
    for document in yaml::parse(text, rules).unwrap().documents {
        visit(&document, false, &mut out);
    }
    out.retain(|range| !range.is_empty());
    out
}

/// A copy of the text with a payload in the place of a value.
fn with(text: &str, place: &std::ops::Range<usize>, payload: &str) -> String {
    let quoted = serde_json::to_string(payload).unwrap();
    format!("{}{quoted}{}", &text[..place.start], &text[place.end..])
}

/// The files whose texts are changed.
fn changed_files() -> [(&'static str, ScalarRules); 3] {
    [
        ("mesh.yaml", ScalarRules::Yaml12),
        ("dumps/cluster-1/nodes.yaml", ScalarRules::Go),
        (
            "dumps/cluster-1/cilium.applicationinstallation.yaml",
            ScalarRules::Go,
        ),
    ]
}

/// The payloads for a place: one, and another at the next place; with `MESHGEN_LONG` set all of them at every place.
fn chosen(place: usize, payloads: &[String]) -> Vec<(usize, &String)> {
    let is_long = std::env::var_os("MESHGEN_LONG").is_some();
    let count = if is_long { payloads.len() } else { 1 };
    let all = payloads.iter().enumerate().cycle();
    all.skip(place * count % payloads.len())
        .take(count.min(payloads.len()))
        .collect()
}

/// Fails with every place at which the check finds something, without showing it.
fn at_every_place(payloads: &[String], fault: impl Fn(&str, &str) -> Option<String>) {
    let place = Place::new();
    let mut faults = BTreeSet::new();
    for (name, rules) in changed_files() {
        let text = fs::read_to_string(place.path(name)).unwrap();
        for (at, range) in places(&text, rules).into_iter().enumerate() {
            for (number, payload) in chosen(at, payloads) {
                place.write(name, &with(&text, &range, payload));
                for (output, said) in place.outputs() {
                    if let Some(fault) = fault(payload, &said) {
                        let line = text[..range.start].matches('\n').count() + 1;
                        faults.insert(format!(
                            "{name}:{line} `{}` payload {number}: {output}: {fault}",
                            &text[range.clone()]
                        ));
                    }
                }
            }
        }
        place.write(name, &text);
    }
    let faults: Vec<_> = faults.into_iter().collect();
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn no_key_goes_out_wherever_it_is_typed() {
    let der = Place::new().key();
    let body = STANDARD.encode(&der);
    let wrapped: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let pem = format!(
        "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----\n",
        wrapped.join("\n")
    );
    let payloads = [
        body.clone(),
        body[8..56].to_owned(),
        format!("x{}", &body[20..60]),
        URL_SAFE_NO_PAD.encode(&der),
        hex::encode(&der),
        STANDARD.encode(&pem),
        pem,
    ];
    at_every_place(&payloads, |payload, said| {
        let pieces = payload.as_bytes().windows(LEAK);
        let mut pieces = pieces.filter(|piece| !piece.iter().any(|byte| b"\n -".contains(byte)));
        let leaks = pieces.any(|piece| said.contains(std::str::from_utf8(piece).unwrap()));
        leaks.then(|| "a key".to_owned())
    });
}

#[test]
fn no_character_that_acts_goes_out() {
    let acts = [
        "\u{1b}[31m\u{9b}1m\u{7f}",
        "\u{202e}\u{200b}\u{e0041}",
        "\r\n::error::x",
        "\u{0}",
    ];
    let payloads: Vec<String> = acts.iter().map(|act| format!("a{act}b")).collect();
    at_every_place(&payloads, |_, said| {
        let acting = said.chars().find(|c| {
            (c.is_control() && *c != '\n' && *c != '\t')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{e0000}'..='\u{e0fff}')
        });
        if said.lines().any(|line| line.starts_with("::error::x")) {
            return Some("a workflow command".to_owned());
        }
        acting.map(|c| format!("{c:?}"))
    });
}

#[test]
fn the_page_of_a_mesh_with_errors_holds_no_key() {
    let place = Place::new();
    let body = STANDARD.encode(place.key());
    let mut leaks = Vec::new();
    for range in places(MESH, ScalarRules::Yaml12) {
        place.write("mesh.yaml", &with(MESH, &range, &body));
        let page = place.path("page.html");
        let _ = fs::remove_file(&page);
        report(place.folder.path());
        let text = fs::read_to_string(&page).unwrap_or_default();
        if body
            .as_bytes()
            .windows(LEAK)
            .any(|piece| text.contains(std::str::from_utf8(piece).unwrap()))
        {
            leaks.push(&MESH[range]);
        }
    }
    assert!(leaks.is_empty(), "{leaks:?}");
}

fn report(folder: &Path) {
    let mut command = Command::cargo_bin("meshgen").expect("the binary is built");
    let command = command
        .current_dir(folder)
        .args(["report", "mesh.yaml", "-o", "page.html"]);
    let status = command.output().unwrap().status.code();
    assert!(matches!(status, Some(0..=2)), "ended with {status:?}");
}

#[test]
fn a_key_that_was_read_cannot_be_ignored() {
    let place = Place::new();
    let body = STANDARD.encode(place.key());
    let entry = "{code: key-exposed, route: \"clusters[0].context\", reason: wanted}";
    let mesh = MESH
        .replace("context: paris", &format!("context: {body}"))
        .replace("ignore: [", &format!("ignore: [{entry}, "));
    place.write("mesh.yaml", &mesh);
    let outputs = place.outputs();
    let (_, said) = outputs.iter().find(|(name, _)| name == "text").unwrap();
    assert!(said.contains("error[key-exposed]"), "{said}");
    assert!(outputs.iter().all(|(name, _)| !name.contains("steps.sh")));
}

#[test]
fn digits_of_a_key_that_was_not_read_are_said_where_a_name_belongs() {
    let digits = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    let folder = tempfile::tempdir().unwrap();
    for (from, to, expected) in [
        ("mesh: everything", format!("mesh: {digits}"), true),
        ("context: paris", format!("context: {digits}"), true),
        (
            "selector: {app: shop}",
            format!("selector: {{app: {digits}}}"),
            true,
        ),
        (
            "mesh: everything",
            "mesh: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0".to_owned(),
            false,
        ),
        (
            "kubeconfig: paris.kubeconfig",
            format!("kubeconfig: {digits}/kubeconfig"),
            false,
        ),
    ] {
        assert!(MESH.contains(from), "{from}");
        fs::write(folder.path().join("mesh.yaml"), MESH.replacen(from, &to, 1)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_meshgen"));
        let output = command
            .current_dir(folder.path())
            .args(["validate", "--format", "json"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.contains("key-exposed"), expected, "{to}: {text}");
    }
}
