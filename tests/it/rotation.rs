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

    /// Of each cluster, why it is patched.
    fn reasons(&self) -> Vec<String> {
        let index = self.index();
        let clusters = index["clusters"].as_array().unwrap().iter();
        let steps = clusters.flat_map(|cluster| cluster["steps"].as_array().unwrap());
        steps
            .filter(|step| step["action"] == "patch")
            .map(|step| step["why"].as_str().unwrap().to_owned())
            .collect()
    }

    fn page(&self) -> String {
        let page = fs::read_to_string(self.folder.join("out/STEPS.md")).unwrap();
        page.split_whitespace().collect::<Vec<_>>().join(" ")
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
fn each_patch_says_which_stage_it_is_and_what_it_restarts() {
    let mut world = World::new(&["1.19.4", "1.19.4"], "ca");
    let plan = |world: &World| go(&world.folder, "plan").stdout;
    assert!(plan(&world).starts_with("CA rotation, stage 1 of 3: "));
    assert!(plan(&world).contains("no pair of clusters is cut"));
    assert_eq!(
        world.reasons()[0],
        "is stage 1 of 3 of the CA rotation (the cluster trusts both CAs; whoever has the old key stays in until stage 3 has ended), \
         restarts the agents, clustermesh-apiserver and hubble-relay by itself, and keeps the peers c2"
    );
    world.steps();
    world.dump();
    assert!(world.reasons()[0].starts_with("is stage 2 of 3 of the CA rotation (certificates"));
    let said = go(&world.folder, "validate --now 2026-11-24T00:00:00Z").stdout;
    for name in ["c1", "c2"] {
        let note = format!("the CA that {name} has today is replaced by ca.next");
        assert!(said.contains(&note), "{said}");
    }
    assert!(!said.contains("of its own"), "{said}");
    assert_eq!(
        plan(&world).matches("this is a second restart").count(),
        2,
        "{}",
        plan(&world)
    );
    world.steps();
    world.dump();
    assert_eq!(
        world.reasons()[0],
        "is stage 3 of 3 of the CA rotation (the old CA is trusted no longer), \
         restarts the agents, clustermesh-apiserver and hubble-relay by itself, and keeps the peers c2"
    );
    assert!(!world.page().contains("The CA rotation is done"));
    world.steps();
    world.dump();
    assert!(world.is_at_rest());
    let page = world.page();
    for left in [
        "and remove `ca.next`.",
        "the folders `before/` in the dumps",
    ] {
        assert!(page.contains(left), "{page}");
    }
    let said = go(&world.folder, "validate --now 2026-11-24T00:00:00Z").stdout;
    assert!(
        said.contains("note[ca-next-unused]: the CA rotation is done"),
        "{said}"
    );
}

#[test]
fn a_next_ca_that_is_the_one_of_today_asks_for_no_stage() {
    let world = World::new(&["1.19.4", "1.19.4"], "ca");
    world.mesh_file(&["1.19.4", "1.19.4"], "old", Some("old"));
    for cluster in &world.clusters {
        let dumps = world.folder.join("dumps").join(&cluster.name);
        fs::remove_file(dumps.join("remote.yaml")).unwrap();
    }
    assert_eq!(world.stage()["stage"], "done");
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
    let plan = go(&world.folder, "plan").stdout;
    assert!(plan.starts_with("CA rotation, the only stage: "), "{plan}");
    assert!(
        world
            .reasons()
            .iter()
            .all(|why| why.starts_with("is the only stage of the CA rotation"))
    );
    assert!(
        plan.contains("are issued again by the renewed CA"),
        "{plan}"
    );
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
