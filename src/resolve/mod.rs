//! Resolving: what was written becomes what is true. Typed and dumped facts are brought together,
//! certificates are read, versions become profiles. Whatever cannot be used becomes a finding here,
//! and is absent from the [`Mesh`].

mod addresses;
mod apiserver;
mod cluster;
pub(crate) mod codes;
mod current;
mod dumped;
mod exchanged;
mod field;
mod host;
mod nodes;
mod pools;
mod requests;
mod rotation;
mod secrets;
pub(crate) mod selection;
mod services;
mod versions;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::finding::Finding;
use crate::input::Input;
use crate::input::mesh_file::{IgnoreFields, MeshFile};
use crate::input::structure::closest;
use crate::model::{
    Absent, Cluster, Fact, Ignore, KeyPair, KubectlTarget, Mesh, MeshCa, ObjectUse, Stage, Trust,
};
use crate::pki::{Certificate, KeyText};
use crate::source::{Place, Route, quoted};
use crate::yaml::Node;

/// What an input says.
pub struct Resolution {
    /// The mesh that it describes; `None` where mesh.yaml could not be read as a mapping at all: nothing else can be said then.
    pub mesh: Option<Mesh>,
    /// What was wrong in it.
    pub findings: Vec<Finding>,
    /// The private keys in it, readable or not.
    pub keys: Vec<KeyText>,
}

/// What an input says.
pub fn resolve(input: &Input) -> Resolution {
    if let Some(finding) = input.file.as_ref().and_then(|file| too_many(input, file)) {
        return Resolution {
            mesh: None,
            findings: vec![finding],
            keys: Vec::new(),
        };
    }
    let mut reading = Reading::new(input);
    let mesh = input.file.as_ref().map(|file| reading.mesh(file));
    Resolution {
        mesh,
        findings: reading.findings,
        keys: reading.keys,
    }
}

/// The most clusters that a mesh can have, by the highest `maxConnectedClusters`.
const MOST_CLUSTERS: usize = 511;

fn too_many(input: &Input, file: &MeshFile) -> Option<Finding> {
    let count = file.clusters.as_ref()?.len();
    let place = Place::value(
        input.mesh_file,
        Route::root()
            .key("clusters")
            .index(MOST_CLUSTERS)
            .key("name"),
    );
    (count > MOST_CLUSTERS).then(|| {
        codes::TOO_MANY_CLUSTERS
            .finding(place, format!("the mesh has {count} clusters, and Cilium connects no more than {MOST_CLUSTERS}"))
            .label(format!("cluster {} of {count}", MOST_CLUSTERS + 1))
            .help("divide the clusters into several meshes, each with a mesh.yaml of its own")
    })
}

/// One resolving: the input, and what is found on the way.
struct Reading<'a> {
    input: &'a Input,
    findings: Vec<Finding>,
    /// Lists of which mesh.yaml and the dumps differ.
    differences: Vec<exchanged::Difference>,
    absent: Vec<Absent>,
    /// The texts of the private keys.
    keys: Vec<KeyText>,
    /// By cluster, what becomes of its dumped objects.
    uses: Vec<Vec<ObjectUse>>,
    /// Dumped certificates by their text: clusters that share a CA hold the same one.
    certificates: HashMap<&'a str, Certificate>,
    /// By uid, the clusters in whose dumps an object has it; made when first asked for.
    uids: OnceCell<HashMap<&'a str, BTreeSet<usize>>>,
}

impl<'a> Reading<'a> {
    fn new(input: &'a Input) -> Self {
        Self {
            input,
            findings: Vec::new(),
            differences: Vec::new(),
            absent: Vec::new(),
            keys: Vec::new(),
            uses: Vec::new(),
            certificates: HashMap::new(),
            uids: OnceCell::new(),
        }
    }

    /// Whether an object in the dumps of another cluster has this uid.
    fn is_elsewhere(&self, uid: &str, cluster: usize) -> bool {
        let input = self.input;
        let uids = self.uids.get_or_init(|| {
            let mut uids: HashMap<&str, BTreeSet<usize>> = HashMap::new();
            for (index, objects) in input.dumps.iter().enumerate() {
                for object in objects {
                    let place = object.place.dotted("metadata.uid");
                    let uid = input.sources.node(&place).and_then(Node::as_str);
                    if let Some(uid) = uid {
                        uids.entry(uid).or_default().insert(index);
                    }
                }
            }
            uids
        });
        let owners = uids.get(uid);
        owners.is_some_and(|owners| owners.iter().any(|owner| *owner != cluster))
    }

    fn top(&self, path: &str) -> Place {
        Place::value(self.input.mesh_file, Route::root().dotted(path))
    }

    /// The place of a top-level field, if mesh.yaml has it.
    fn said(&self, path: &str) -> Option<Place> {
        let place = self.top(path);
        self.input.sources.node(&place).is_some().then_some(place)
    }

    fn fact<T>(&self, path: &str, value: Option<T>) -> Option<Fact<T>> {
        value.map(|value| Fact::new(value, self.top(path)))
    }

    fn mesh(&mut self, file: &MeshFile) -> Mesh {
        let entries = file.clusters.clone().unwrap_or_default();
        let mut clusters: Vec<Cluster> = entries
            .iter()
            .enumerate()
            .map(|(index, entry)| self.cluster(index, entry))
            .collect();
        exchanged::explain(&self.differences, &clusters, &mut self.findings);
        for cluster in &clusters {
            self.findings
                .extend(requests::disagreement(self.input, cluster));
        }
        let ca = self.mesh_ca(file, &mut clusters);
        let mut absent = std::mem::take(&mut self.absent);
        absent.splice(0..0, self.input.absent.iter().cloned());
        Mesh {
            name: file.mesh.clone().unwrap_or_else(|| "mesh".to_owned()),
            place: self.top(""),
            trust: Fact::new(file.trust.unwrap_or_default(), self.top("trust")),
            auth_mode: self.fact("authMode", file.auth_mode),
            max_connected_clusters: self.max_connected_clusters(file),
            tunnel: self.fact("tunnel", file.tunnel),
            tunnel_port: self.tunnel_port(file),
            encryption: self.fact("encryption", file.encryption),
            ca,
            seed: file.seed.as_ref().map(|seed| KubectlTarget {
                kubeconfig: seed.kubeconfig.clone(),
                context: seed.context.clone(),
            }),
            services: self.services(file.services.as_deref().unwrap_or_default()),
            ignores: self.ignores(file.ignore.as_deref().unwrap_or_default()),
            clusters,
            absent,
            uses: std::mem::take(&mut self.uses),
        }
    }

    fn max_connected_clusters(&mut self, file: &MeshFile) -> Option<Fact<u16>> {
        let place = self.top("maxConnectedClusters");
        match file.max_connected_clusters? {
            255 => Some(Fact::new(255, place)),
            511 => Some(Fact::new(511, place)),
            other => {
                self.findings.push(
                    codes::MAX_CONNECTED_CLUSTERS.finding(place,
                        format!("maxConnectedClusters is {other}; Cilium knows 255 and 511"),
                    )
                    .label("255 or 511")
                    .help("write 255, which is the default, or 511 in a mesh of more than 255 clusters"),
                );
                None
            }
        }
    }

    fn tunnel_port(&mut self, file: &MeshFile) -> Option<Fact<u16>> {
        let written = file.tunnel_port?;
        let port = u16::try_from(written).ok().filter(|port| *port > 0);
        if port.is_none() {
            self.findings
                .push(port_invalid(self.top("tunnelPort"), written));
        }
        self.fact("tunnelPort", port)
    }

    fn mesh_ca(&mut self, file: &MeshFile, clusters: &mut [Cluster]) -> MeshCa {
        let fields = file.ca.clone().unwrap_or_default();
        let from = self.ca_from(fields.from.as_deref(), clusters);
        let typed = self.key_pair(
            "ca",
            None,
            [fields.cert.as_ref(), fields.key.as_ref()],
            [self.top("ca.cert"), self.top("ca.key")],
        );
        let own = from
            .map(|index| clusters[index].ca.clone())
            .unwrap_or_default();
        let place = self.top("ca.next");
        let next = fields.next.unwrap_or_default();
        let next = self.key_pair(
            "ca.next",
            None,
            [next.cert.as_ref(), next.key.as_ref()],
            [place.key("cert"), place.key("key")],
        );
        let is_whole = self.said("ca.key").is_some();
        let source = from.and_then(|at| clusters.get(at));
        let is_moved = is_same_cert(
            source.and_then(rotation::ca_in_use).as_ref(),
            next.cert.as_ref(),
        );
        // Where each cluster keeps its CA, the one that is typed for the mesh goes nowhere, and another finding says so.
        let is_shared = file.trust.unwrap_or_default() == Trust::SharedCa;
        if let Some(finding) =
            two_mesh_cas(&typed, is_whole, source, clusters).filter(|_| is_shared && !is_moved)
        {
            self.findings.push(finding);
            return disputed(from, self.said("ca.from"), clusters);
        }
        if let Some(cluster) = from.filter(|_| typed.is_unreadable) {
            clusters[cluster].unusable.insert("ca");
        }
        let typed_place = typed.cert.is_some() || self.said("ca.cert").is_some();
        let pair = KeyPair {
            cert: if typed_place { typed.cert } else { own.cert },
            key: if self.said("ca.key").is_some() {
                typed.key
            } else {
                own.key
            },
            ..KeyPair::default()
        };
        let trust = file.trust.unwrap_or_default();
        let rotation = rotation::of(trust, (&pair, typed_place), &next, clusters);
        let is_new = rotation
            .as_ref()
            .is_some_and(|rotation| rotation.stage > Stage::Both);
        MeshCa {
            from,
            from_place: self.said("ca.from"),
            pair: if is_new { next.clone() } else { pair },
            next,
            rotation,
        }
    }

    fn ca_from(&mut self, from: Option<&str>, clusters: &[Cluster]) -> Option<usize> {
        let Some(from) = from else {
            return (!clusters.is_empty()).then_some(0);
        };
        let found = clusters.iter().position(|cluster| cluster.name() == from);
        if found.is_none() && !clusters.is_empty() {
            let names: Vec<&str> = clusters.iter().map(Cluster::name).collect();
            let near = closest(from, &names).unwrap_or(names[0]);
            self.findings.push(
                codes::CA_FROM_UNKNOWN
                    .finding(
                        self.top("ca.from"),
                        format!(
                            "ca.from names {}, and no cluster is called that",
                            quoted(from)
                        ),
                    )
                    .label("no such cluster")
                    .help(format!(
                        "write `from: {near}`; the clusters are {}",
                        names.join(", ")
                    )),
            );
        }
        found
    }

    fn ignores(&mut self, fields: &[IgnoreFields]) -> Vec<Ignore> {
        let list = self.top("ignore");
        fields
            .iter()
            .enumerate()
            .map(|(index, ignore)| Ignore {
                place: list.index(index),
                code: ignore.code.clone().unwrap_or_default(),
                route: ignore.route.clone().unwrap_or_default(),
                reason: ignore.reason.clone().unwrap_or_default(),
            })
            .collect()
    }
}

/// The CA typed for the mesh must be the one that `ca.from` dumped, unless it is a new one, as `meshgen pki ca` makes it, and no
/// cluster is in a mesh yet: then it replaces the CAs that the clusters were born with. `is_whole` says that mesh.yaml names a key
/// too, readable or not.
fn two_mesh_cas(
    typed: &KeyPair,
    is_whole: bool,
    from: Option<&Cluster>,
    clusters: &[Cluster],
) -> Option<Finding> {
    let (typed, own) = (typed.cert.as_ref()?, rotation::ca_in_use(from?)?);
    let fingerprint = &typed.value.facts().fingerprint;
    if *fingerprint == own.value.facts().fingerprint {
        return None;
    }
    let is_its = |cluster: &&Cluster| {
        let ca = cluster.ca.cert.as_ref();
        ca.is_some_and(|ca| ca.value.facts().fingerprint == *fingerprint)
    };
    let owner = clusters.iter().find(is_its);
    if is_whole && owner.is_none() && !clusters.iter().any(has_been_in_a_mesh) {
        return None;
    }
    let used = from.map_or("the first cluster", Cluster::name);
    let message = match owner {
        Some(cluster) => format!(
            "this is the cilium-ca of {}, and the mesh uses that of {used}",
            cluster.name()
        ),
        None => format!("this is not the cilium-ca of {used}, which the mesh uses"),
    };
    let finding = codes::INPUT_DISAGREES
        .finding(typed.place.clone(), message)
        .label("one CA here")
        .related(own.place, "another one here")
        .help("leave ca.cert and ca.key out to use the dumped CA, or dump again if that is old; a mesh that runs gets a new CA by `ca.next`");
    Some(finding)
}

/// Whether clustermesh-apiserver runs in a cluster, or has run: then other clusters may trust its CA. A remote certificate that
/// mesh.yaml gives does not tell: `meshgen pki remote` makes one for a cluster that was in no mesh yet.
fn has_been_in_a_mesh(cluster: &Cluster) -> bool {
    let remote = cluster.remote.cert.as_ref();
    remote.is_some_and(|cert| cert.place.file != cluster.place.file)
        || cluster.current_value("clustermesh.useAPIServer") == Some(&Value::Bool(true))
}

/// Where two CAs are given for the mesh: no certificate is checked against either, and the CA does not count as missing.
fn disputed(from: Option<usize>, from_place: Option<Place>, clusters: &mut [Cluster]) -> MeshCa {
    if let Some(cluster) = from.and_then(|index| clusters.get_mut(index)) {
        cluster.unusable.insert("ca");
    }
    MeshCa {
        from,
        from_place,
        ..MeshCa::default()
    }
}

/// Whether both are known and one certificate.
fn is_same_cert(one: Option<&Fact<Certificate>>, other: Option<&Fact<Certificate>>) -> bool {
    let known = one.zip(other);
    known.is_some_and(|(one, other)| {
        one.value.facts().fingerprint == other.value.facts().fingerprint
    })
}

/// A port outside 1 to 65535.
fn port_invalid(place: Place, port: i64) -> Finding {
    codes::PORT_INVALID
        .finding(place, format!("{port} is no port number"))
        .label("expected 1 to 65535")
        .help("write a port from 1 to 65535")
}
