//! What holds for every mesh: made-up meshes over made-up current values, compiled in this process.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use crate::common::applied::{apply, block_values, not_owned, values};
use crate::common::root;
use ipnet::IpNet;
use meshgen::testing::compile::plan::{Phase, Purpose, Request};
use meshgen::testing::kkp::webhook::{Known, admission, predict};
use meshgen::testing::output::{Memory, Options, Output};
use meshgen::testing::pipeline::{check, load};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What a mesh compiles to.
#[derive(Debug, PartialEq)]
struct Compiled {
    /// Every file by its path, index.json apart.
    files: BTreeMap<String, String>,
    /// The entries of index.json by the name of the cluster.
    clusters: BTreeMap<String, Value>,
    /// The dumped object of each cluster that has one.
    objects: BTreeMap<String, Value>,
}

/// Compiles what [`write`] wrote, up to what `emit` would write.
fn compile(folder: &Path, phase: Option<Phase>) -> Compiled {
    let loaded = load(&folder.join("mesh.yaml")).unwrap();
    let mesh = loaded.mesh.expect("a made-up mesh can be read");
    let request = Request {
        phase,
        purpose: Purpose::Apply,
        ..Request::default()
    };
    let checked = check(&loaded.input, &mesh, loaded.findings, &request, None);
    let memory = Memory::default();
    let output = Output::new(&checked.plan, Options::default());
    let index = output.write(&memory, None).unwrap();
    let files = memory.into_files().into_iter();
    let files = files.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()));
    let clusters = index.clusters.iter();
    let clusters = clusters.map(|entry| (entry.name.clone(), serde_json::to_value(entry).unwrap()));
    let dumped = mesh.clusters.iter();
    let dumped = dumped.filter_map(|cluster| {
        let object = cluster.current.as_ref()?.object.clone();
        Some((cluster.name().to_owned(), object))
    });
    Compiled {
        files: files.collect(),
        clusters: clusters.collect(),
        objects: dumped.collect(),
    }
}

/// Versions that belong together, with the objects that KKP makes there.
const VERSIONS: &[(&str, &str, &str)] = &[
    ("2.22.13", "1.13.0", "2.22.13-ebpf"),
    ("2.22.13", "1.13.8", "2.22.13-ipvs"),
    ("2.24.15", "1.14.16", "2.24.15-ebpf"),
    ("2.25.8", "1.14.9", "2.25.8-dualstack"),
    ("2.25.18", "1.14.16", "2.25.18-ebpf"),
    ("2.27.12", "1.15.10", "2.27.12-ipvs"),
    ("2.27.12", "1.16.9", "2.27.12-ebpf"),
    ("2.31.0", "1.17.16", "2.31.0-dualstack"),
    ("2.31.0", "1.18.10", "2.31.0-upgrade-from-v2.22.13"),
    ("2.31.0", "1.19.4", "2.31.0-registry"),
];

/// A made-up mesh: mesh.yaml, and the dumped object of each cluster.
#[derive(Debug, Clone)]
struct Made {
    mesh: Value,
    objects: Vec<(String, Value)>,
    phase: Option<Phase>,
}

/// Writes a mesh into a folder. JSON is YAML.
fn write(made: &Made, folder: &Path) {
    std::fs::create_dir_all(folder.join("dumps")).unwrap();
    for (name, object) in &made.objects {
        std::fs::write(
            folder.join(format!("dumps/{name}.json")),
            object.to_string(),
        )
        .unwrap();
    }
    let guide = root().join("fixtures/guide/dumps");
    for (from, to) in [
        ("cluster-1/cilium-ca.secret.yaml", "ca.yaml"),
        (
            "cluster-2/clustermesh-apiserver-remote-cert.secret.yaml",
            "remote.yaml",
        ),
    ] {
        std::fs::copy(guide.join(from), folder.join("dumps").join(to)).unwrap();
    }
    std::fs::write(folder.join("mesh.yaml"), made.mesh.to_string()).unwrap();
}

fn any_mesh() -> impl Strategy<Value = Made> {
    let trust = prop::sample::select(vec!["sharedCA", "inline", "bundle"]);
    let phase = prop::sample::select(vec![None, Some(Phase::Bootstrap), Some(Phase::Join)]);
    let cluster = (
        prop::sample::select(VERSIONS.to_vec()),
        any_apiserver(),
        any_nodes(),
        prop::collection::vec(any_extra(), 0..6),
        prop::collection::vec(any_owned(), 0..4),
    );
    let clusters = prop::collection::vec(cluster, 1..5);
    let ids = Just((1..=255).collect::<Vec<u16>>()).prop_shuffle();
    let datapath = (
        prop::sample::select(vec!["vxlan", "geneve", "native"]),
        prop::sample::select(vec!["none", "wireguard", "ipsec"]),
        prop::option::of(1024..65535u16),
    );
    (trust, phase, clusters, ids, datapath).prop_map(|(trust, phase, clusters, ids, datapath)| {
        let (tunnel, encryption, port) = datapath;
        let mut objects = Vec::new();
        let mut entries = Vec::new();
        for (at, ((kkp, cilium, shape), apiserver, nodes, extras, owned)) in
            clusters.into_iter().enumerate()
        {
            let name = format!("cluster-{at}");
            objects.push((name.clone(), object(&name, shape, cilium, extras, owned)));
            entries.push(json!({
                "name": name, "id": ids[at], "kkp": kkp, "cilium": cilium,
                "podCIDRs": [format!("10.{at}.0.0/16")],
                "nodeCIDRs": nodes.0, "nodes": nodes.1, "apiserver": apiserver,
                "dumps": [format!("dumps/{name}.json"), "dumps/ca.yaml", "dumps/remote.yaml"],
            }));
        }
        let mut mesh = json!({
            "apiVersion": "meshgen/v1", "mesh": "made-up", "trust": trust, "ca": {"from": "cluster-0"},
            "tunnel": tunnel, "encryption": encryption, "clusters": entries,
        });
        if let Some(port) = port {
            mesh["tunnelPort"] = json!(port);
        }
        Made { mesh, objects, phase }
    })
}

fn any_apiserver() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..16u8).prop_map(|n| json!({"ips": [format!("203.0.113.{n}")]})),
        (0..16u8).prop_map(|n| json!({"ips": [format!("203.0.113.{n}"), format!("2001:db8::{n:x}")]})),
        Just(json!({"address": "mesh.example.com"})),
        Just(json!({})),
        (30000..32767u16).prop_map(|port| json!({"service": {"type": "NodePort", "nodePort": port}})),
        (30000..32767u16).prop_map(|port| {
            json!({"ips": ["203.0.113.99"], "service": {"type": "NodePort", "nodePort": port, "annotations": {"a/b": "yes"}}})
        }),
    ]
}

/// Ranges and addresses among a few, so that clusters meet.
fn any_nodes() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let range = (0..4u8).prop_map(|n| format!("192.168.0.{}/30", n * 4));
    let range6 = (0..2u8).prop_map(|n| format!("fd00::{:x}/126", n * 4));
    let address = (0..16u8).prop_map(|n| format!("192.168.0.{n}"));
    (
        prop::collection::vec(prop_oneof![3 => range, 1 => range6], 0..3),
        prop::collection::vec(address, 0..3),
    )
}

/// Something of the user's own, anywhere beside what is owned and what KKP protects.
fn any_extra() -> impl Strategy<Value = Value> {
    let place = prop::sample::select(vec![
        vec!["extra"],
        vec!["cluster"],
        vec!["clustermesh"],
        vec!["clustermesh", "config"],
        vec!["clustermesh", "apiserver"],
        vec!["clustermesh", "apiserver", "tls"],
        vec!["clustermesh", "apiserver", "tls", "auto"],
        vec!["clustermesh", "apiserver", "tls", "server"],
        vec!["clustermesh", "apiserver", "podLabels"],
        vec![
            "clustermesh",
            "apiserver",
            "updateStrategy",
            "rollingUpdate",
        ],
        vec!["clustermesh", "apiserver", "kvstoremesh"],
        vec!["clustermesh", "apiserver", "etcd"],
        vec!["tls"],
        vec!["tls", "auto"],
        vec!["hubble", "metrics"],
    ]);
    (place, "x-[a-z]{1,3}|x yes|x\\.y|x: #|x\"'|xé", any_value())
        .prop_map(|(place, key, value)| nested(&[place, vec![key.as_str()]].concat(), value))
}

/// Something at a place that patches own.
fn any_owned() -> impl Strategy<Value = Value> {
    let peers = json!([
        {"name": "cluster-0", "ips": ["198.51.100.1"], "port": 2379},
        {"name": "cluster-1", "ips": ["198.51.100.2"], "port": 2379},
        {"name": "gone", "address": "gone.mesh.cilium.io", "port": 2379},
    ]);
    prop::sample::select(vec![
        nested(&["cluster"], json!({"name": "cluster-0", "id": 200})),
        nested(&["cluster"], Value::Null),
        nested(&["clustermesh"], Value::Null),
        nested(&["clustermesh", "apiserver"], Value::Null),
        nested(&["tls"], Value::Null),
        nested(&["clustermesh", "useAPIServer"], json!(true)),
        nested(&["clustermesh", "config", "clusters"], peers),
        nested(&["clustermesh", "config", "clusters"], json!([])),
        nested(
            &["clustermesh", "apiserver", "service"],
            json!({"type": "NodePort", "nodePort": 31000, "annotations": {"mine": "1"}}),
        ),
        nested(
            &["clustermesh", "apiserver", "tls", "auto", "method"],
            json!("helm"),
        ),
        nested(
            &["clustermesh", "apiserver", "tls", "ca"],
            json!({"cert": "b2xk", "key": "b2xk"}),
        ),
        nested(
            &["clustermesh", "apiserver", "tls", "server", "extraDnsNames"],
            json!(["mine.example.com"]),
        ),
        nested(
            &["clustermesh", "apiserver", "image"],
            json!({"tag": "v1", "useDigest": false}),
        ),
        nested(&["tls", "ca"], json!({"cert": "b2xk", "key": "b2xk"})),
        nested(
            &["tls", "caBundle"],
            json!({"enabled": true, "content": "mine\n", "useSecret": true}),
        ),
    ])
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[ -~]{0,12}",
        "[ -~é\\n]{0,20}",
        prop::sample::select(vec![
            "yes",
            "no",
            "on",
            "y",
            "~",
            "null",
            "",
            "0644",
            "0x1F",
            "1e3",
            "1_000",
            "12:34",
            "2026-01-01",
            "- a",
            "a: b",
            "# c",
            "{{ .x }}",
            "*a",
            "&a",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "'",
            "\"",
            " a",
            "a ",
            "\t",
            "---",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        4 => text.prop_map(Value::from),
        2 => (-1_000_000_000_000i64..1_000_000_000_000).prop_map(Value::from),
        1 => (-1_000_000i32..1_000_000).prop_map(|n| Value::from(f64::from(n) / 128.0)),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}|yes|1|a b|", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn nested(path: &[&str], value: Value) -> Value {
    path.iter()
        .rev()
        .fold(value, |value, key| json!({*key: value}))
}

/// An ApplicationInstallation as KKP makes it, with more in its values. The block is JSON, which is YAML that
/// meshgen's own writer had no part in.
fn object(name: &str, shape: &str, cilium: &str, extras: Vec<Value>, owned: Vec<Value>) -> Value {
    let path = root().join(format!("fixtures/kkp-objects/{shape}.yaml"));
    let mut object: Value =
        serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    object["metadata"]["uid"] = json!(format!("uid-of-{name}"));
    object["spec"]["applicationRef"]["version"] = json!(cilium);
    let mut values = values(&object);
    for more in owned.iter().chain(&extras) {
        add(&mut values, more);
    }
    if object["spec"]["valuesBlock"].is_string() {
        object["spec"]["valuesBlock"] = json!(values.to_string());
    } else {
        object["spec"]["values"] = values;
    }
    object
}

/// Adds to a mapping, mapping by mapping.
fn add(to: &mut Value, more: &Value) {
    match (to, more) {
        (Value::Object(to), Value::Object(more)) => {
            for (key, value) in more {
                add(
                    to.entry(key.clone()).or_insert(Value::Object(Map::new())),
                    value,
                );
            }
        }
        (to, more) => *to = more.clone(),
    }
}

fn in_folder<T>(made: &Made, look: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    write(made, folder.path());
    look(folder.path())
}

fn kkp_of(entry: &Value) -> (u32, u32, u32) {
    let mut parts = entry["kkp"]
        .as_str()
        .unwrap()
        .split('.')
        .map(|part| part.parse().unwrap());
    let mut next = || parts.next().unwrap();
    (next(), next(), next())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_owned_stays_and_kkp_accepts(made in any_mesh()) {
        let compiled = in_folder(&made, |folder| compile(folder, made.phase));
        for (name, entry) in &compiled.clusters {
            for file in entry["files"].as_array().unwrap().iter().filter(|file| file["kind"] == "patch") {
                let before = &compiled.objects[name];
                let text = &compiled.files[file["path"].as_str().unwrap()];
                let after = apply(before, text, file["patchType"].as_str().unwrap());
                prop_assert_eq!(not_owned(&values(before)), not_owned(&values(&after)));
                let known = Known { read_block: &block_values, version_listed: None };
                let verdict = predict(admission(kkp_of(entry)), before, &after, &known);
                prop_assert!(verdict.is_accepted(), "{:?}", verdict);
            }
        }
    }

    #[test]
    fn the_same_mesh_gives_the_same_bytes(made in any_mesh()) {
        in_folder(&made, |folder| {
            prop_assert_eq!(compile(folder, made.phase), compile(folder, made.phase));
            Ok(())
        })?;
    }

    #[test]
    fn the_order_of_clusters_does_not_matter(made in any_mesh(), by in any::<prop::sample::Index>()) {
        let mut turned = made.clone();
        let clusters = turned.mesh["clusters"].as_array_mut().unwrap();
        let by = by.index(clusters.len());
        clusters.rotate_left(by);
        clusters.reverse();
        let [first, second] = [&made, &turned].map(|made| in_folder(made, |folder| compile(folder, made.phase)));
        prop_assert_eq!(first, second);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rules_permit_what_the_facts_say_and_nothing_else(made in any_mesh()) {
        let compiled = in_folder(&made, |folder| compile(folder, None));
        let rules: Vec<Value> = serde_json::from_str(&compiled.files["firewall/rules.json"]).unwrap();
        let rules: Vec<Rule> = rules.iter().map(Rule::read).collect();
        let clusters = made.mesh["clusters"].as_array().unwrap();
        let object = |cluster: &Value| made.objects.iter().find(|(name, _)| cluster["name"] == name.as_str());
        let sites: Vec<Site> = clusters.iter().map(|cluster| Site::read(cluster, object(cluster))).collect();
        let addresses: Vec<IpAddr> = universe().collect();
        for (from, to) in sites.iter().flat_map(|a| sites.iter().map(move |b| (a, b))) {
            let between = |rule: &&Rule| rule.from == from.name && rule.to == to.name;
            let rules: Vec<&Rule> = rules.iter().filter(between).collect();
            for (protocol, port) in packets(&made.mesh, to) {
                for (&source, &target) in addresses.iter().flat_map(|a| addresses.iter().map(move |b| (a, b))) {
                    let packet = Packet { source, target, protocol, port };
                    let permitted = rules.iter().any(|rule| packet.fits(rule));
                    prop_assert_eq!(permitted, packet.is_needed(&made.mesh, from, to), "{:?}", packet);
                }
            }
        }
    }
}

/// An entry of rules.json, its ranges read.
struct Rule {
    from: String,
    to: String,
    protocol: String,
    port: Option<u64>,
    sources: Vec<IpNet>,
    targets: Vec<IpNet>,
}

impl Rule {
    fn read(rule: &Value) -> Self {
        let text = |key: &str| rule[key].as_str().unwrap().to_owned();
        Self {
            from: text("from"),
            to: text("to"),
            protocol: text("protocol"),
            port: rule["port"].as_u64(),
            sources: all(&rule["fromCIDRs"]),
            targets: all(&rule["toCIDRs"]),
        }
    }
}

/// What mesh.yaml says of a cluster, as far as firewalls are concerned.
struct Site {
    name: String,
    ranges: Vec<IpNet>,
    nodes: Vec<IpAddr>,
    dialled: Vec<IpAddr>,
    node_port: Option<u64>,
}

impl Site {
    /// The node port is that of mesh.yaml, else that of the values of today.
    fn read(cluster: &Value, object: Option<&(String, Value)>) -> Self {
        let typed = cluster["apiserver"]["service"]["nodePort"].as_u64();
        Self {
            name: cluster["name"].as_str().unwrap().to_owned(),
            ranges: all(&cluster["nodeCIDRs"]),
            nodes: all(&cluster["nodes"]),
            dialled: all(&cluster["apiserver"]["ips"]),
            node_port: typed.or_else(|| current_node_port(&object?.1)),
        }
    }

    fn has_node(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(&address)) || self.nodes.contains(&address)
    }
}

/// The node port in an object's values, in either form.
fn current_node_port(object: &Value) -> Option<u64> {
    let spec = &object["spec"];
    let block = spec["valuesBlock"].as_str().unwrap_or_default();
    let values = serde_saphyr::from_str(block).unwrap_or(Value::Null);
    let values = if values.is_object() {
        &values
    } else {
        &spec["values"]
    };
    values["clustermesh"]["apiserver"]["service"]["nodePort"].as_u64()
}

/// The items of a list, read; none where there is no list.
fn all<T: std::str::FromStr<Err: std::fmt::Debug>>(list: &Value) -> Vec<T> {
    let items = list.as_array().into_iter().flatten();
    items
        .map(|item| item.as_str().unwrap().parse().unwrap())
        .collect()
}

/// A packet between two clusters.
#[derive(Debug, Clone, Copy)]
struct Packet {
    source: IpAddr,
    target: IpAddr,
    protocol: &'static str,
    port: Option<u64>,
}

impl Packet {
    /// Whether an entry of rules.json permits it.
    fn fits(&self, rule: &Rule) -> bool {
        rule.protocol == self.protocol
            && rule.port == self.port
            && self.source.is_ipv4() == self.target.is_ipv4()
            && rule.sources.iter().any(|net| net.contains(&self.source))
            && rule.targets.iter().any(|net| net.contains(&self.target))
    }

    /// What a mesh needs, read off mesh.yaml: tunnel, encryption and health between nodes, and from the nodes to the
    /// clustermesh-apiserver.
    fn is_needed(&self, mesh: &Value, from: &Site, to: &Site) -> bool {
        let is_apart = from.name == to.name || self.source.is_ipv4() != self.target.is_ipv4();
        if is_apart || !from.has_node(self.source) {
            return false;
        }
        to.has_node(self.target) && self.is_between_nodes(mesh) || self.is_to_apiserver(to)
    }

    fn is_between_nodes(&self, mesh: &Value) -> bool {
        let tunnel = match mesh["tunnel"].as_str().unwrap() {
            "vxlan" => Some(8472),
            "geneve" => Some(6081),
            _ => None,
        };
        let tunnel = tunnel.map(|port| mesh["tunnelPort"].as_u64().unwrap_or(port));
        let is_wireguard = mesh["encryption"] == "wireguard" && self.port == Some(51871);
        match self.protocol {
            "udp" => tunnel.is_some() && self.port == tunnel || is_wireguard,
            "tcp" => self.port == Some(4240),
            "icmp" => self.source.is_ipv4(),
            "icmpv6" => self.source.is_ipv6(),
            _ => mesh["encryption"] == "ipsec",
        }
    }

    fn is_to_apiserver(&self, to: &Site) -> bool {
        let on_node = to.node_port.is_some() && to.has_node(self.target);
        self.protocol == "tcp"
            && self.port == Some(to.node_port.unwrap_or(2379))
            && (on_node || to.dialled.contains(&self.target))
    }
}

/// Addresses of which some are nodes, some are dialled, and some are nobody's.
fn universe() -> impl Iterator<Item = IpAddr> {
    let nodes = (0..14).map(|n| format!("192.168.0.{n}"));
    let nodes6 = (2..6).map(|n| format!("fd00::{n:x}"));
    let served = ["203.0.113.7", "203.0.113.99", "2001:db8::7"].map(str::to_owned);
    let texts = nodes.chain(nodes6).chain(served);
    texts.map(|address| address.parse().unwrap())
}

/// The kinds of packets that matter, and one that nothing needs.
fn packets(mesh: &Value, to: &Site) -> Vec<(&'static str, Option<u64>)> {
    let tunnel = mesh["tunnelPort"].as_u64().unwrap_or(8472);
    vec![
        ("udp", Some(tunnel)),
        ("udp", Some(51871)),
        ("udp", Some(53)),
        ("tcp", Some(4240)),
        ("tcp", Some(2379)),
        ("tcp", Some(to.node_port.unwrap_or(31874))),
        ("icmp", None),
        ("icmpv6", None),
        ("esp", None),
    ]
}
