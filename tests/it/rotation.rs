//! A rotation of the mesh's CA, render by render: who trusts whom at every moment, with real certificates.
//!
//! Clusters are played by what decides about trust: the values, the Secret `cilium-ca`, and the leaves that a certificate Job
//! issues from it. After every single step every pair is judged in both directions.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use meshgen::testing::pki::Certificate;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair};
use serde_json::{Value, json};

use crate::common::applied::{apply, values};
use crate::common::{Run, meshgen, root, run};

/// A CA or leaf with its key, as PEM.
#[derive(Clone, PartialEq)]
struct Pair {
    cert: String,
    key: String,
}

impl Pair {
    fn read(folder: &Path, name: &str) -> Self {
        let read = |end| fs::read_to_string(folder.join(name).join(format!("ca.{end}"))).unwrap();
        Self {
            cert: read("crt"),
            key: read("key"),
        }
    }

    /// A remote certificate, as the Job makes it.
    fn issue(&self) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "remote");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let ca_key = KeyPair::from_pem(&self.key).unwrap();
        let issuer = Issuer::from_ca_cert_pem(&self.cert, ca_key).unwrap();
        Self {
            cert: params.signed_by(&key, &issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A cluster as far as trust goes.
struct Played {
    name: String,
    object: Value,
    ca: Pair,
    leaf: Pair,
    /// The CA beside the leaf, which is trusted where there is no bundle.
    beside: String,
}

impl Played {
    /// The certificates that its server and its clients trust.
    fn trusted(&self) -> Vec<Certificate> {
        let values = values(&self.object);
        let bundle = &values["tls"]["caBundle"];
        let text = match bundle["enabled"].as_bool() {
            Some(true) => bundle["content"].as_str().unwrap().to_owned(),
            _ => self.beside.clone(),
        };
        let blocks = text.split_inclusive("-----END CERTIFICATE-----");
        let blocks = blocks.filter(|block| block.contains("BEGIN"));
        blocks
            .map(|block| Certificate::parse(block.trim()).unwrap())
            .collect()
    }

    fn is_trusted_by(&self, other: &Self) -> bool {
        let leaf = Certificate::parse(&self.leaf.cert).unwrap();
        other.trusted().iter().any(|ca| leaf.signed_by(ca))
    }

    fn reissue(&mut self) {
        self.leaf = self.ca.issue();
        self.beside = self.ca.cert.clone();
    }

    fn dump(&self, folder: &Path) {
        let folder = folder.join("dumps").join(&self.name);
        fs::create_dir_all(&folder).unwrap();
        let data = |text: &str| STANDARD.encode(text);
        let secret = |name: &str, data: Value| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "kube-system"}, "data": data});
        let ca = secret(
            "cilium-ca",
            json!({"ca.crt": data(&self.ca.cert), "ca.key": data(&self.ca.key)}),
        );
        let remote = secret(
            "clustermesh-apiserver-remote-cert",
            json!({"ca.crt": data(&self.beside), "tls.crt": data(&self.leaf.cert), "tls.key": data(&self.leaf.key)}),
        );
        for (file, object) in [
            ("ca", ca),
            ("remote", remote),
            ("cilium", self.object.clone()),
        ] {
            fs::write(folder.join(format!("{file}.yaml")), object.to_string()).unwrap();
        }
    }
}

fn go(folder: &Path, words: &str) -> Run {
    run(meshgen().current_dir(folder).args(words.split(' ')))
}

struct World {
    _kept: tempfile::TempDir,
    folder: PathBuf,
    clusters: Vec<Played>,
    /// Pairs that were cut at any moment.
    cut: BTreeSet<(String, String)>,
}

impl World {
    /// A mesh that is complete under its first CA, on these Cilium versions.
    fn new(charts: &[&str], next: &str) -> Self {
        let kept = tempfile::tempdir().unwrap();
        let folder = kept.path().to_owned();
        let now = "--now 2026-11-23T00:00:00Z";
        assert_eq!(go(&folder, &format!("pki ca -o old {now}")).code, 0);
        let old = Pair::read(&folder, "old");
        let clusters: Vec<Played> = charts
            .iter()
            .zip(1..)
            .map(|(chart, id)| Played {
                name: format!("c{id}"),
                object: object(chart, id),
                leaf: old.issue(),
                beside: old.cert.clone(),
                ca: old.clone(),
            })
            .collect();
        let mut world = Self {
            _kept: kept,
            folder,
            clusters,
            cut: BTreeSet::new(),
        };
        world.mesh_file(charts, "old", None);
        world.dump();
        world.steps();
        world.dump();
        assert!(world.is_at_rest());
        let made = go(&world.folder, &format!("pki {next} -o new {now}"));
        assert_eq!(made.code, 0, "{}", made.stderr);
        world.mesh_file(charts, "old", Some("new"));
        world.cut.clear();
        world
    }

    fn mesh_file(&self, charts: &[&str], ca: &str, next: Option<&str>) {
        let pair =
            |name: &str| format!("cert: {{file: {name}/ca.crt}}, key: {{file: {name}/ca.key}}");
        let next = next.map_or(String::new(), |next| format!(", next: {{{}}}", pair(next)));
        let mut text = format!(
            "apiVersion: meshgen/v1\nca: {{{}{next}}}\nclusters:\n",
            pair(ca)
        );
        for (chart, id) in charts.iter().zip(1..) {
            text += &format!(
                "- {{name: c{id}, id: {id}, kkp: \"2.31.0\", cilium: {chart}, podCIDRs: [10.{id}.0.0/16], apiserver: {{ips: [203.0.113.{id}]}}}}\n"
            );
        }
        fs::write(self.folder.join("mesh.yaml"), text).unwrap();
    }

    fn dump(&self) {
        self.clusters
            .iter()
            .for_each(|cluster| cluster.dump(&self.folder));
    }

    fn index(&self) -> Value {
        let made = go(&self.folder, "render -q -o out --phase mesh");
        assert_eq!(made.code, 0, "{}", made.stderr);
        let checked = go(&self.folder, "validate --now 2026-11-24T00:00:00Z");
        assert_eq!(checked.code, 0, "{}", checked.stdout);
        serde_json::from_str(&fs::read_to_string(self.folder.join("out/index.json")).unwrap())
            .unwrap()
    }

    fn is_at_rest(&self) -> bool {
        let index = self.index();
        let mut clusters = index["clusters"].as_array().unwrap().iter();
        clusters.all(|cluster| cluster["changed"] == false)
    }

    fn stage(&self) -> Value {
        let planned = go(&self.folder, "plan --format json");
        serde_json::from_str::<Value>(&planned.stdout).unwrap()["rotation"].clone()
    }

    /// Runs what a render says, cluster by cluster; every pair is judged after each step.
    fn steps(&mut self) {
        let index = self.index();
        for entry in index["clusters"].as_array().unwrap() {
            let at = self
                .clusters
                .iter()
                .position(|one| one.name == entry["name"])
                .unwrap();
            for step in entry["steps"].as_array().unwrap() {
                let file = step["file"]
                    .as_str()
                    .map(|file| fs::read_to_string(self.folder.join("out").join(file)).unwrap());
                let cluster = &mut self.clusters[at];
                match (step["action"].as_str().unwrap(), file) {
                    ("apply", Some(text)) => {
                        let secret: Value = serde_saphyr::from_str(&text).unwrap();
                        let read = |name: &str| {
                            String::from_utf8(
                                STANDARD
                                    .decode(secret["data"][name].as_str().unwrap())
                                    .unwrap(),
                            )
                            .unwrap()
                        };
                        cluster.ca = Pair {
                            cert: read("ca.crt"),
                            key: read("ca.key"),
                        };
                    }
                    ("patch", Some(text)) => {
                        let before = values(&cluster.object);
                        cluster.object = apply(&cluster.object, &text, "json");
                        // To 1.18 every upgrade issues leaves; from 1.19 a changed label does.
                        let label = |values: &Value| {
                            values["clustermesh"]["apiserver"]["podLabels"]["meshgen/ca"].clone()
                        };
                        let after = values(&cluster.object);
                        let is_hook = !after["chart"].as_str().unwrap().starts_with("1.19");
                        if before != after && (is_hook || label(&before) != label(&after)) {
                            cluster.reissue();
                        }
                    }
                    _ => {}
                }
                self.judge();
            }
        }
    }

    fn judge(&mut self) {
        for (at, one) in self.clusters.iter().enumerate() {
            for other in &self.clusters[at + 1..] {
                if !(one.is_trusted_by(other) && other.is_trusted_by(one)) {
                    self.cut.insert((one.name.clone(), other.name.clone()));
                }
            }
        }
    }

    /// From stage to stage until nothing is left to do; gives the names of the stages.
    fn rotate(&mut self) -> Vec<String> {
        let mut stages = Vec::new();
        for _ in 0..6 {
            let stage = self.stage();
            stages.push(stage["stage"].as_str().unwrap().to_owned());
            if stages.last().unwrap() == "done" {
                assert!(self.is_at_rest());
                return stages;
            }
            self.steps();
            self.dump();
        }
        panic!("it does not end: {stages:?}");
    }
}

/// What KKP 2.31 wrote for a new cluster.
fn object(chart: &str, id: usize) -> Value {
    let text = fs::read_to_string(root().join("fixtures/kkp-objects/2.31.0-ebpf.yaml")).unwrap();
    let text = text.replace("172.25.0.0/16", &format!("10.{id}.0.0/16"));
    let mut object: Value = serde_saphyr::from_str(&text).unwrap();
    let mut helm = values(&object);
    helm["chart"] = chart.into();
    object["spec"]["valuesBlock"] = meshgen::testing::yaml::write(&helm).into();
    object["spec"]["applicationRef"]["version"] = chart.into();
    object["metadata"]["uid"] = format!("u-{id}").into();
    object
}

#[test]
fn no_pair_is_cut_where_the_charts_can_trust_two_cas() {
    let mut world = World::new(&["1.18.10", "1.19.4", "1.19.4"], "ca");
    assert_eq!(world.stage()["cut"], json!([]));
    assert_eq!(world.rotate(), ["both", "leaves", "drop", "done"]);
    assert_eq!(world.cut, BTreeSet::new());
    let new = Pair::read(&world.folder, "new");
    for cluster in &world.clusters {
        assert!(cluster.ca == new && cluster.beside == new.cert);
        assert_eq!(cluster.trusted().len(), 1, "the old CA is trusted nowhere");
        assert_eq!(values(&cluster.object)["tls"].get("caBundle"), None);
    }
    // What plan says at the end is what leaves the mesh at rest.
    world.mesh_file(&["1.18.10", "1.19.4", "1.19.4"], "new", None);
    assert!(world.is_at_rest());
}

#[test]
fn a_stage_that_was_done_in_one_cluster_only_goes_on() {
    let mut world = World::new(&["1.19.4", "1.19.4", "1.19.4"], "ca");
    world.steps();
    // The others were not dumped again, so nobody gets new certificates yet.
    world.clusters[0].dump(&world.folder);
    assert_eq!(world.stage()["stage"], "both");
    world.dump();
    assert_eq!(world.stage()["stage"], "leaves");
    world.steps();
    world.clusters[0].dump(&world.folder);
    assert_eq!(
        world.stage()["stage"],
        "leaves",
        "never back, and not on before all are there"
    );
    world.dump();
    assert_eq!(world.stage()["stage"], "drop");
    assert_eq!(world.cut, BTreeSet::new());
}

#[test]
fn plan_names_exactly_the_pairs_that_are_cut() {
    // On 1.17 KVStoreMesh runs, and it does not read the bundle.
    let mut world = World::new(&["1.17.16", "1.19.4", "1.19.4"], "ca");
    let announced = world.stage();
    assert_eq!(announced["cut"], json!([["c1", "c2"], ["c1", "c3"]]));
    assert!(announced["why"].as_str().unwrap().contains("KVStoreMesh"));
    assert_eq!(world.rotate(), ["both", "leaves", "drop", "done"]);
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(
        world.cut,
        BTreeSet::from([pair("c1", "c2"), pair("c1", "c3")])
    );
    let new = Pair::read(&world.folder, "new");
    assert!(
        world
            .clusters
            .iter()
            .all(|cluster| cluster.beside == new.cert)
    );
}

#[test]
fn a_renewed_ca_cuts_nobody_on_any_chart() {
    let mut world = World::new(&["1.17.16", "1.18.10", "1.19.4"], "renew-ca");
    assert_eq!(world.stage()["cut"], json!([]));
    // Nobody need trust two: certificates of one are right under the other.
    assert_eq!(world.rotate(), ["leaves", "done"]);
    assert_eq!(world.cut, BTreeSet::new());
    let new = Pair::read(&world.folder, "new");
    assert!(
        world
            .clusters
            .iter()
            .all(|cluster| cluster.beside == new.cert)
    );
}

#[test]
fn half_of_a_next_ca_is_said_to_replace_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = run(meshgen()
        .current_dir(folder)
        .args(["pki", "ca", "-o", "ca"]));
    assert_eq!(made.code, 0, "{}", made.stderr);
    for (half, lacks) in [
        ("cert: {file: ca/ca.crt}", "`key`"),
        ("key: {file: ca/ca.key}", "`cert`"),
    ] {
        let text = format!(
            "apiVersion: meshgen/v1\nca: {{next: {{{half}}}}}\ndefaults: {{kkp: \"2.31.0\", cilium: 1.19.4}}\n\
             clusters:\n- {{name: a, id: 1, podCIDRs: [10.1.0.0/16]}}\n"
        );
        std::fs::write(folder.join("mesh.yaml"), text).unwrap();
        let said = run(meshgen().current_dir(folder).args(["validate"]));
        let expected = format!("warning[ca-next-unused]: ca.next has no {lacks}");
        assert!(said.stdout.contains(&expected), "{}", said.stdout);
    }
}
