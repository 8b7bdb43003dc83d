//! One cluster: what mesh.yaml says of it and what its dumps say, brought together.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::IpAddr;

use super::dumped::{Dumped, Service};
use super::{Reading, port_invalid};
use crate::finding::Finding;
use crate::input::mesh_file::{ApiserverFields, ClusterEntry, Dumps, KeyPairFields};
use crate::model::{
    Apiserver, Cluster, Current, DEFAULT_NODE_PORT, Fact, KeyPair, ServiceType, at_path,
};
use crate::profile::{self, Cilium, Kkp, Resolved, Unknown};
use crate::source::{Place, Route};

/// The port of clustermesh-apiserver; no chart lets one change it.
const ETCD_PORT: u16 = 2379;

impl Reading<'_> {
    pub(super) fn cluster(&mut self, index: usize, entry: &ClusterEntry) -> Cluster {
        let place = Place::value(
            self.input.mesh_file,
            Route::root().key("clusters").index(index),
        );
        let mut dumped = self.dumped(index);
        let mut unusable = self.unusable(index);
        let name = entry
            .name
            .clone()
            .unwrap_or_else(|| format!("clusters[{index}]"));
        let mut reader = Field {
            reading: self,
            index,
            name: &name,
            unusable: &mut unusable,
        };
        let pod_cidrs = reader.ranges(
            "podCIDRs",
            entry.pod_cidrs.as_deref(),
            &mut dumped.kkp.pod_cidrs,
        );
        let service_cidrs = reader.ranges(
            "serviceCIDRs",
            entry.service_cidrs.as_deref(),
            &mut dumped.kkp.service_cidrs,
        );
        let node_cidrs = reader.ranges("nodeCIDRs", entry.node_cidrs.as_deref(), &mut Vec::new());
        let nodes = reader.nodes(entry.nodes.as_deref(), &mut dumped.nodes);
        let proxy_mode = reader.agreed_text(
            "proxyMode",
            entry.proxy_mode.as_ref(),
            dumped.kkp.proxy_mode.take(),
        );
        let cilium = reader.cilium(entry.cilium.as_ref(), dumped.current.as_ref());
        let kkp = reader.kkp(entry.kkp.as_ref());
        let apiserver = reader.apiserver(entry.apiserver.as_ref(), &dumped, &nodes);
        let provider = self
            .typed(index, "provider", entry.provider.clone())
            .or(dumped.kkp.provider.take());
        let ca = self.pair(
            index,
            "ca",
            entry.ca.as_ref(),
            std::mem::take(&mut dumped.ca),
        );
        let remote = self.pair(
            index,
            "remoteCert",
            entry.remote_cert.as_ref(),
            std::mem::take(&mut dumped.remote),
        );
        for (fact, is_unreadable) in [
            ("ca", ca.is_unreadable),
            ("remoteCert", remote.is_unreadable),
            ("current", dumped.has_unreadable_current),
        ] {
            if is_unreadable {
                unusable.insert(fact);
            }
        }
        let images = entry.images.clone().unwrap_or_default();
        Cluster {
            index,
            context: entry.context.clone().unwrap_or_else(|| name.clone()),
            reads_dump_folder: named_folder(entry.dumps.as_ref()).is_some(),
            dump_folder: dump_folder(&name, entry.dumps.as_ref()),
            id: self.typed(index, "id", entry.id),
            kvstoremesh: self.typed(index, "kvstoremesh", entry.kvstoremesh),
            apiserver_image: self.typed(index, "images.apiserver", images.apiserver),
            etcd_image: self.typed(index, "images.etcd", images.etcd),
            name: Fact::new(name, place.key("name")),
            cni: dumped.kkp.cni.take(),
            node_masks: dumped.kkp.node_masks,
            node_ports: dumped.kkp.node_ports.unwrap_or(30000..=32767),
            server_cert: dumped.server_cert,
            current: dumped.current,
            place,
            kkp,
            cilium,
            pod_cidrs,
            service_cidrs,
            node_cidrs,
            nodes,
            proxy_mode,
            provider,
            ca,
            remote,
            apiserver,
            unusable,
        }
    }

    fn typed<T>(&self, index: usize, path: &str, value: Option<T>) -> Option<Fact<T>> {
        value.map(|value| Fact::new(value, self.input.field(index, path)))
    }

    /// The facts that mesh.yaml gives in an unusable way, by name.
    fn unusable(&self, index: usize) -> BTreeSet<&'static str> {
        let facts = [
            ("podCIDRs", "podCIDRs"),
            ("serviceCIDRs", "serviceCIDRs"),
            ("nodeCIDRs", "nodeCIDRs"),
            ("nodes", "nodes"),
            ("name", "name"),
            ("id", "id"),
            ("kkp", "kkp"),
            ("cilium", "cilium"),
            ("apiserver", "address"),
            ("ca", "ca"),
            ("remoteCert", "remoteCert"),
            ("dumps", "dumps"),
            ("dumps", "current"),
        ];
        let own = Route::root().key("clusters").index(index);
        let given = |key: &str| {
            let routes = [own.key(key), Route::root().key("defaults").key(key)];
            let mut unusable = self.input.unusable.iter();
            unusable.any(|route| routes.iter().any(|fact| route.is_within(fact)))
        };
        facts
            .into_iter()
            .filter(|(key, _)| given(key))
            .map(|(_, fact)| fact)
            .collect()
    }

    fn pair(
        &mut self,
        index: usize,
        fact: &'static str,
        fields: Option<&KeyPairFields>,
        dumped: KeyPair,
    ) -> KeyPair {
        let Some(fields) = fields else { return dumped };
        let places = ["cert", "key"].map(|part| self.input.field(index, &format!("{fact}.{part}")));
        let typed = self.key_pair(
            fact,
            Some(index),
            [fields.cert.as_ref(), fields.key.as_ref()],
            places,
        );
        KeyPair {
            is_unreadable: typed.is_unreadable || dumped.is_unreadable,
            cert: if fields.cert.is_some() {
                typed.cert
            } else {
                dumped.cert
            },
            key: if fields.key.is_some() {
                typed.key
            } else {
                dumped.key
            },
            ca_cert: dumped.ca_cert,
        }
    }
}

/// Where the dumps of a cluster go when a printed command makes them.
fn dump_folder(name: &str, dumps: Option<&Dumps>) -> String {
    let folder = named_folder(dumps).map_or_else(|| format!("dumps/{name}"), str::to_owned);
    folder
        .trim_start_matches("./")
        .trim_end_matches('/')
        .to_owned()
}

/// The first of the named dumps that is no file by its name.
fn named_folder(dumps: Option<&Dumps>) -> Option<&str> {
    let is_file = |path: &str| {
        [".yaml", ".yml", ".json"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    let paths = dumps.map(Dumps::paths).unwrap_or_default().iter();
    paths.map(String::as_str).find(|path| !is_file(path))
}

/// Reads the fields of one cluster, typed and dumped.
struct Field<'r, 'a> {
    reading: &'r mut Reading<'a>,
    index: usize,
    name: &'r str,
    unusable: &'r mut BTreeSet<&'static str>,
}

impl Field<'_, '_> {
    fn place(&self, path: &str) -> Place {
        self.reading.input.field(self.index, path)
    }

    fn push(&mut self, finding: Finding) {
        let finding = finding.cluster(self.name);
        self.reading.findings.push(finding);
    }

    fn ranges(
        &mut self,
        fact: &'static str,
        typed: Option<&[String]>,
        dumped: &mut Vec<Fact<ipnet::IpNet>>,
    ) -> Vec<Fact<ipnet::IpNet>> {
        let Some(written) = typed else {
            return std::mem::take(dumped);
        };
        let place = self.place(fact);
        let usable = self.reading.cidrs(written, &place);
        self.one_of_both(fact, place, written.len(), usable, dumped)
    }

    fn nodes(
        &mut self,
        typed: Option<&[String]>,
        dumped: &mut Vec<Fact<IpAddr>>,
    ) -> Vec<Fact<IpAddr>> {
        let Some(written) = typed else {
            return std::mem::take(dumped);
        };
        let place = self.place("nodes");
        let usable = self.reading.addresses(written, &place);
        self.one_of_both("nodes", place, written.len(), usable, dumped)
    }

    /// The typed values, unless some were unusable or the dump says otherwise.
    fn one_of_both<T: Ord + Display + Clone>(
        &mut self,
        fact: &'static str,
        place: Place,
        written: usize,
        usable: Vec<Fact<T>>,
        dumped: &[Fact<T>],
    ) -> Vec<Fact<T>> {
        if usable.len() < written {
            self.unusable.insert(fact);
            return usable;
        }
        if self.disagree(fact, place, &usable, dumped) {
            return Vec::new();
        }
        usable
    }

    /// Whether typed and dumped values differ as sets; says so.
    fn disagree<T: Ord + Display>(
        &mut self,
        fact: &'static str,
        place: Place,
        typed: &[Fact<T>],
        dumped: &[Fact<T>],
    ) -> bool {
        let set = |facts: &[Fact<T>]| {
            facts
                .iter()
                .map(|fact| fact.value.to_string())
                .collect::<BTreeSet<_>>()
        };
        let (said, seen) = (set(typed), set(dumped));
        if seen.is_empty() || said.is_empty() || said == seen {
            return false;
        }
        let (said, seen) = (joined(&said), joined(&seen));
        let finding = disagreement(fact, place, &said, dumped[0].place.clone(), &seen);
        self.push(finding);
        self.unusable.insert(fact);
        true
    }

    fn agreed_text(
        &mut self,
        fact: &'static str,
        typed: Option<&String>,
        dumped: Option<Fact<String>>,
    ) -> Option<Fact<String>> {
        let Some(typed) = typed else { return dumped };
        let typed = Fact::new(typed.clone(), self.place(fact));
        if let Some(dumped) = dumped
            && dumped.value != typed.value
        {
            let finding =
                disagreement(fact, typed.place, &typed.value, dumped.place, &dumped.value);
            self.push(finding);
            self.unusable.insert(fact);
            return None;
        }
        Some(typed)
    }

    fn kkp(&mut self, typed: Option<&String>) -> Option<Fact<Resolved<Kkp>>> {
        let place = self.place("kkp");
        let Some(text) = typed else {
            if !self.unusable.contains("kkp") {
                self.push(
                    Finding::error(
                        "version-unknown",
                        place,
                        format!("the KKP version of {} is not given", self.name),
                    )
                    .label("no `kkp` here or in `defaults`")
                    .help("add `kkp: \"2.30.5\"` with the version of your seed"),
                );
            }
            return None;
        };
        match profile::kkp(text) {
            Ok(resolved) => {
                self.note_newer(
                    "KKP",
                    place.clone(),
                    resolved.version,
                    resolved.newer_than_known,
                );
                Some(Fact::new(resolved, place))
            }
            Err(unknown) => {
                let finding = unknown_version("KKP", text, unknown, place, &profile::known_kkp());
                self.push(finding);
                None
            }
        }
    }

    /// The wished-for version, else the dumped one. A wish may be newer than the dump, never older.
    fn cilium(
        &mut self,
        typed: Option<&String>,
        current: Option<&Current>,
    ) -> Option<Fact<Resolved<Cilium>>> {
        let dumped = current.and_then(|current| current.version.as_ref());
        let place = self.place("cilium");
        let (text, place) = match (typed, dumped) {
            (Some(typed), _) => (typed.clone(), place),
            (None, Some(dumped)) => (dumped.value.clone(), dumped.place.clone()),
            (None, None) => {
                if !self.unusable.contains("cilium") {
                    self.push(
                        Finding::error("version-unknown", place, format!("the Cilium version of {} is not given", self.name))
                            .label("no `cilium` here or in `defaults`, and no dumped ApplicationInstallation")
                            .help("add `cilium: 1.18.10` with the version of the cluster, or dump its ApplicationInstallation"),
                    );
                }
                return None;
            }
        };
        let resolved = match profile::cilium(&text) {
            Ok(resolved) => resolved,
            Err(unknown) => {
                let finding =
                    unknown_version("Cilium", &text, unknown, place, &profile::known_cilium());
                self.push(finding);
                return None;
            }
        };
        if let Some(dumped) = dumped
            && let Ok(now) = profile::cilium(&dumped.value)
            && resolved.version < now.version
        {
            let finding = disagreement("cilium", place, &text, dumped.place.clone(), &dumped.value)
                .help("a downgrade is not something that a mesh patch does: write the version that the cluster has");
            self.push(finding);
            return None;
        }
        self.note_newer(
            "Cilium",
            place.clone(),
            resolved.version,
            resolved.newer_than_known,
        );
        Some(Fact::new(resolved, place))
    }

    fn note_newer(&mut self, product: &str, place: Place, version: profile::Version, newer: bool) {
        if newer {
            let (major, minor) = version.line();
            self.push(
                Finding::note(
                    "version-newer",
                    place,
                    format!("{product} {version} is newer than what meshgen knows; it is taken as {major}.{minor}"),
                )
                .help("look for a newer meshgen, or compare the release notes of that patch"),
            );
        }
    }

    fn apiserver(
        &mut self,
        typed: Option<&ApiserverFields>,
        dumped: &Dumped,
        nodes: &[Fact<IpAddr>],
    ) -> Apiserver {
        let fields = typed.cloned().unwrap_or_default();
        let service = fields.service.clone().unwrap_or_default();
        let current = dumped.current.as_ref();
        let (kind, kind_place) = service_type(
            service
                .kind
                .map(|kind| (kind, self.place("apiserver.service.type"))),
            current,
            dumped.service.as_ref(),
        );
        let node_port = service
            .node_port
            .map(|port| Fact::new(port, self.place("apiserver.service.nodePort")))
            .or_else(|| current_node_port(current))
            .or_else(|| dumped.service.as_ref()?.node_port.clone());
        let (addresses, host) = self.reachable(&fields, kind, dumped.service.as_ref(), nodes);
        let pending = dumped.service.as_ref().filter(|service| {
            kind == ServiceType::LoadBalancer
                && service.kind == ServiceType::LoadBalancer
                && service.addresses.is_empty()
                && service.host.is_none()
        });
        let (port, port_place) = self.port(&fields, kind, node_port.as_ref());
        let said = |path: &str| self.place(&format!("apiserver.service.{path}"));
        Apiserver {
            service_type: kind,
            service_type_place: kind_place,
            service_type_typed: service.kind.is_some(),
            pending: pending
                .filter(|_| addresses.is_empty() && host.is_none())
                .map(|service| service.place.clone()),
            addresses,
            host,
            port,
            port_place,
            node_port,
            node_port_typed: service.node_port.is_some(),
            annotations: service
                .annotations
                .map(|annotations| Fact::new(annotations, said("annotations"))),
            load_balancer_ip: service
                .load_balancer_ip
                .map(|ip| Fact::new(ip, said("loadBalancerIP"))),
            load_balancer_class: service
                .load_balancer_class
                .map(|class| Fact::new(class, said("loadBalancerClass"))),
            load_balancer_source_ranges: service
                .load_balancer_source_ranges
                .map(|ranges| Fact::new(ranges, said("loadBalancerSourceRanges"))),
        }
    }

    /// Addresses and name at which peers reach the cluster.
    fn reachable(
        &mut self,
        fields: &ApiserverFields,
        kind: ServiceType,
        service: Option<&Service>,
        nodes: &[Fact<IpAddr>],
    ) -> (Vec<Fact<IpAddr>>, Option<Fact<String>>) {
        let address = fields
            .address
            .as_ref()
            .filter(|address| !address.is_empty());
        let address =
            address.map(|address| Fact::new(address.clone(), self.place("apiserver.address")));
        let load_balancer =
            service.filter(|service| service.kind == kind && kind == ServiceType::LoadBalancer);
        if let Some(written) = &fields.ips {
            let place = self.place("apiserver.ips");
            let typed = self.reading.addresses(written, &place);
            if typed.len() < written.len() {
                self.unusable.insert("address");
                return (typed, None);
            }
            let seen = load_balancer
                .map(|service| service.addresses.as_slice())
                .unwrap_or_default();
            if self.disagree("address", place, &typed, seen) {
                return (Vec::new(), None);
            }
            if !typed.is_empty() {
                return (typed, None);
            }
        }
        if let Some(address) = address {
            // A bare address has no business in a certificate's DNS names: it is dialled as `ips` are.
            if address.value.parse::<IpAddr>().is_err() {
                return (Vec::new(), Some(address));
            }
            let ip = self.reading.address(&address.value, address.place);
            if ip.is_none() {
                self.unusable.insert("address");
            }
            return (ip.into_iter().collect(), None);
        }
        match (kind, load_balancer) {
            (_, Some(service)) if !service.addresses.is_empty() => {
                (service.addresses.clone(), None)
            }
            (_, Some(service)) => (Vec::new(), service.host.clone()),
            (ServiceType::NodePort, None) => (nodes.to_vec(), None),
            _ => (Vec::new(), None),
        }
    }

    fn port(
        &mut self,
        fields: &ApiserverFields,
        kind: ServiceType,
        node_port: Option<&Fact<i64>>,
    ) -> (u16, Option<Place>) {
        if let Some(written) = fields.port {
            let place = self.place("apiserver.port");
            return match u16::try_from(written) {
                Ok(port) if port > 0 => (port, Some(place)),
                _ => {
                    self.push(port_invalid(place.clone(), written));
                    (ETCD_PORT, Some(place))
                }
            };
        }
        if kind != ServiceType::NodePort {
            return (ETCD_PORT, None);
        }
        let port = node_port.and_then(|port| u16::try_from(port.value).ok());
        (
            port.unwrap_or(DEFAULT_NODE_PORT),
            node_port.map(|port| port.place.clone()),
        )
    }
}

fn service_type(
    typed: Option<(ServiceType, Place)>,
    current: Option<&Current>,
    service: Option<&Service>,
) -> (ServiceType, Option<Place>) {
    if let Some((kind, place)) = typed {
        return (kind, Some(place));
    }
    let written =
        current.and_then(|current| at_path(current.values(), "clustermesh.apiserver.service.type"));
    let parsed = written.and_then(|kind| serde_json::from_value(kind.clone()).ok());
    match (parsed, current, service) {
        (Some(kind), Some(current), _) => (kind, Some(current.values_place.clone())),
        (_, _, Some(service)) => (service.kind, Some(service.place.dotted("spec.type"))),
        _ => (ServiceType::default(), None),
    }
}

fn current_node_port(current: Option<&Current>) -> Option<Fact<i64>> {
    let current = current?;
    let port = at_path(current.values(), "clustermesh.apiserver.service.nodePort")?.as_i64()?;
    Some(Fact::new(port, current.values_place.clone()))
}

fn joined(set: &BTreeSet<String>) -> String {
    set.iter().cloned().collect::<Vec<_>>().join(", ")
}

fn disagreement(fact: &str, typed: Place, said: &str, dumped: Place, seen: &str) -> Finding {
    Finding::error(
        "input-disagrees",
        typed,
        format!("mesh.yaml says that {fact} is {said}, the dump says {seen}"),
    )
    .label(format!("{said} here"))
    .related(dumped, format!("{seen} here"))
    .help(format!(
        "write {seen}, leave {fact} out so that the dump speaks, or dump again if it is old"
    ))
}

fn unknown_version(
    product: &str,
    text: &str,
    unknown: Unknown,
    place: Place,
    known: &str,
) -> Finding {
    let shown: String = text.chars().take(30).collect();
    let (message, help) = match unknown {
        Unknown::Malformed => (
            format!("`{shown}` is no {product} version"),
            format!("write all three numbers; meshgen knows {known}"),
        ),
        Unknown::PatchNeeded => (
            format!(
                "{product} {shown} does not say enough: what it does changes inside that minor"
            ),
            format!(
                "write the patch too, such as {}; meshgen knows {known}",
                example(&shown, known)
            ),
        ),
        Unknown::Line => (
            format!("{product} {shown} is not known to meshgen"),
            format!("meshgen knows {known}"),
        ),
    };
    Finding::error("version-unknown", place, message)
        .label("unknown version")
        .help(help)
}

/// The newest known patch of a release line, or any.
fn example<'k>(line: &str, known: &'k str) -> &'k str {
    let line = format!("{}.", line.trim_start_matches('v'));
    let ranges = known.split(", ").filter_map(|range| range.split_once('-'));
    let newest = ranges.map(|(_, last)| last);
    newest
        .clone()
        .find(|last| last.starts_with(&line))
        .or(newest.last())
        .unwrap_or(known)
}
