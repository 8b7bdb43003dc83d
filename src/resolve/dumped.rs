//! What a cluster's dumps say, object by object.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Reading;
use super::addresses::not_dialled;
use super::host::{self, Host};
use super::nodes::Listed;
use super::selection::Role;
use crate::input::dumps::Object;
use crate::model::{Current, Fact, KeyPair, NodePortSources, ObjectUse, ServiceType};
use crate::pki::Certificate;
use crate::profile::platform::{NODE_PORTS_LIMITED, security_group_of};
use crate::source::Place;
use crate::yaml::Node;

/// The facts in the dumps of one cluster.
#[derive(Default)]
pub(super) struct DumpedFacts {
    pub(super) current: Option<Current>,
    pub(super) has_unreadable_current: bool,
    pub(super) ca: KeyPair,
    pub(super) remote: KeyPair,
    pub(super) server_cert: Option<Fact<Certificate>>,
    pub(super) service: Option<DumpedService>,
    pub(super) kkp: KkpCluster,
    pub(super) nodes: Vec<Listed>,
}

/// The dumped Service `clustermesh-apiserver`.
pub(super) struct DumpedService {
    pub(super) place: Place,
    pub(super) kind: ServiceType,
    pub(super) addresses: Vec<Fact<IpAddr>>,
    pub(super) host: Option<Fact<String>>,
    pub(super) uid: Option<String>,
    /// Whether its load balancer says anything of where it is, usable or not.
    pub(super) has_ingress: bool,
    pub(super) cluster_ips: Vec<Fact<IpAddr>>,
    pub(super) node_port: Option<Fact<i64>>,
    pub(super) class: Fact<String>,
}

/// The dumped KKP Cluster.
#[derive(Default)]
pub(super) struct KkpCluster {
    pub(super) pod_cidrs: Vec<Fact<IpNet>>,
    pub(super) service_cidrs: Vec<Fact<IpNet>>,
    pub(super) proxy_mode: Option<Fact<String>>,
    pub(super) provider: Option<Fact<String>>,
    pub(super) cni: Option<Fact<String>>,
    pub(super) node_masks: [Option<Fact<u8>>; 2],
    pub(super) node_ports: Option<std::ops::RangeInclusive<i64>>,
    pub(super) id: Option<String>,
    pub(super) node_port_sources: Option<Fact<NodePortSources>>,
    pub(super) has_own_security_group: bool,
}

impl Reading<'_> {
    /// The facts in the dumped objects of a cluster that are taken.
    pub(super) fn dumped(&mut self, objects: &[Object], uses: &[ObjectUse]) -> DumpedFacts {
        let mut dumped = DumpedFacts::default();
        let taken = objects.iter().zip(uses);
        for (object, _) in taken.filter(|(_, used)| **used == ObjectUse::Taken) {
            self.object(object, &mut dumped);
        }
        dumped
    }

    fn object(&mut self, object: &Object, dumped: &mut DumpedFacts) {
        let Some(role) = Role::of(object) else { return };
        match role {
            Role::Installation => {
                dumped.current = self.current(object);
                dumped.has_unreadable_current = dumped.current.is_none();
            }
            Role::Ca => dumped.ca = self.dumped_pair(object, "ca.crt", "ca.key", None),
            Role::RemoteCert => {
                dumped.remote = self.dumped_pair(object, "tls.crt", "tls.key", Some("ca.crt"));
            }
            Role::ServerCert => {
                dumped.server_cert = self.dumped_pair(object, "tls.crt", "tls.key", None).cert;
            }
            Role::CaCopy => {}
            Role::Service => dumped.service = self.service(object),
            Role::KkpCluster => dumped.kkp = self.kkp_cluster(object),
            Role::Node => dumped.nodes.push(self.node(object)),
        }
    }

    fn at(&self, object: &Object, path: &str) -> Option<(&Node, Place)> {
        let place = object.place.dotted(path);
        self.input.sources.node(&place).map(|node| (node, place))
    }

    pub(super) fn text(&self, object: &Object, path: &str) -> Option<Fact<String>> {
        let (node, place) = self.at(object, path)?;
        node.as_str().map(|text| Fact::new(text.to_owned(), place))
    }

    pub(super) fn list(&self, object: &Object, path: &str) -> Vec<(&Node, Place)> {
        let Some((node, place)) = self.at(object, path) else {
            return Vec::new();
        };
        let items = node.items().unwrap_or_default().iter().enumerate();
        items
            .map(|(index, item)| (item, place.index(index)))
            .collect()
    }

    fn service(&mut self, object: &Object) -> Option<DumpedService> {
        let kind = match self
            .text(object, "spec.type")
            .map(|fact| fact.value)
            .as_deref()
        {
            Some("LoadBalancer") => ServiceType::LoadBalancer,
            Some("NodePort") => ServiceType::NodePort,
            _ => ServiceType::ClusterIp,
        };
        let ingress = self.list(object, "status.loadBalancer.ingress");
        let (mut addresses, mut host, mut faults) = (Vec::new(), None, Vec::new());
        for (node, place) in &ingress {
            let text = |key| node.get(key).and_then(Node::as_str);
            if let Some(address) = text("ip").and_then(|ip| ip.parse().ok()) {
                addresses.push(Fact::new(address, place.key("ip")));
            }
            let place = place.key("hostname");
            match text("hostname")
                .filter(|name| !name.is_empty())
                .map(host::parse)
            {
                Some(Ok(Host::Ip(address))) => addresses.push(Fact::new(address, place)),
                Some(Ok(Host::Name(name))) if host.is_none() => host = Some(Fact::new(name, place)),
                Some(Err(fault)) => {
                    let text = text("hostname").unwrap_or_default();
                    faults.push(not_dialled(text, &fault, place));
                }
                _ => {}
            }
        }
        let cluster_ips = self.cluster_ips(object);
        let ports = self.list(object, "spec.ports");
        let node_port = ports.iter().find_map(|(node, place)| {
            Some(Fact::new(
                node.get("nodePort")?.as_i64()?,
                place.key("nodePort"),
            ))
        });
        let class = self.text(object, "spec.loadBalancerClass");
        let has_ingress = !ingress.is_empty();
        self.findings.append(&mut faults);
        Some(DumpedService {
            class: class
                .unwrap_or_else(|| Fact::new(String::new(), object.place.dotted("spec.type"))),
            place: object.place.clone(),
            uid: self.text(object, "metadata.uid").map(|uid| uid.value),
            kind,
            has_ingress,
            addresses,
            host,
            cluster_ips,
            node_port,
        })
    }

    /// The addresses of a Service inside its cluster; one of type ExternalName has none, and a headless one the word `None`.
    fn cluster_ips(&self, object: &Object) -> Vec<Fact<IpAddr>> {
        let one = self.text(object, "spec.clusterIP");
        let all = self.list(object, "spec.clusterIPs").into_iter();
        let all = all.filter_map(|(node, place)| Some(Fact::new(node.as_str()?.to_owned(), place)));
        let mut known: Vec<Fact<IpAddr>> = Vec::new();
        for written in one.into_iter().chain(all) {
            if let Ok(address) = written.value.parse::<IpAddr>()
                && !known.iter().any(|own| own.value == address)
            {
                known.push(written.with(address));
            }
        }
        known
    }

    fn kkp_cluster(&mut self, object: &Object) -> KkpCluster {
        let network = "spec.clusterNetwork";
        let mask = |path: &str| {
            let (node, place) = self.at(object, &format!("{network}.{path}"))?;
            let size = node.as_i64().and_then(|size| u8::try_from(size).ok())?;
            Some(Fact::new(size, place))
        };
        KkpCluster {
            proxy_mode: self.text(object, &format!("{network}.proxyMode")),
            provider: self.provider(object),
            cni: self.text(object, "spec.cniPlugin.type"),
            node_masks: [mask("nodeCidrMaskSizeIPv4"), mask("nodeCidrMaskSizeIPv6")],
            node_ports: self.node_ports(object),
            id: Some(object.name.clone()).filter(|name| !name.is_empty()),
            node_port_sources: self.node_port_sources(object),
            has_own_security_group: self.has_own_security_group(object),
            pod_cidrs: self.dumped_cidrs(object, &format!("{network}.pods.cidrBlocks")),
            service_cidrs: self.dumped_cidrs(object, &format!("{network}.services.cidrBlocks")),
        }
    }

    fn provider(&self, object: &Object) -> Option<Fact<String>> {
        self.text(object, "spec.cloud.providerName").or_else(|| {
            let (cloud, place) = self.at(object, "spec.cloud")?;
            let entries = cloud.entries()?.iter();
            let mut named = entries
                .filter(|entry| entry.value.entries().is_some())
                .map(|entry| &entry.key);
            named
                .next_back()
                .map(|key| Fact::new(key.clone(), place.key(key).of_key()))
        })
    }

    fn node_ports(&self, object: &Object) -> Option<std::ops::RangeInclusive<i64>> {
        let range = self
            .text(object, "spec.componentsOverride.apiserver.nodePortRange")?
            .value;
        let (first, last) = range.split_once('-')?;
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    }

    /// What the cloud's part of the Cluster says about who reaches node ports. Nothing, or an empty list, lets everybody in
    /// (`GetNodePortsAllowedIPRanges`, `pkg/resources/resources.go`), unless the datacenter says otherwise.
    fn node_port_sources(&self, object: &Object) -> Option<Fact<NodePortSources>> {
        if self.has_own_security_group(object) {
            return None;
        }
        NODE_PORTS_LIMITED.iter().find_map(|limit| {
            let own = format!("spec.cloud.{}", limit.cloud);
            let single = self.text(object, &format!("{own}.nodePortsAllowedIPRange"));
            let list = format!("{own}.nodePortsAllowedIPRanges.cidrBlocks");
            let listed = self.list(object, &list).into_iter();
            let texts = listed.filter_map(|(node, _)| Some(node.as_str()?.to_owned()));
            let texts = texts.chain(single.iter().map(|single| single.value.clone()));
            let ranges: Vec<IpNet> = texts.filter_map(|text| text.trim().parse().ok()).collect();
            let place = self.at(object, &list).map(|(_, place)| place);
            let place = place.or(single.map(|single| single.place))?;
            (!ranges.is_empty()).then(|| Fact::new(NodePortSources { limit, ranges }, place))
        })
    }

    /// Whether the Cluster names a security group that KKP has not made, on a cloud where it leaves such a one alone.
    fn has_own_security_group(&self, object: &Object) -> bool {
        let of_kkp = security_group_of(&object.name);
        let named = NODE_PORTS_LIMITED.iter().find_map(|limit| {
            let own = format!("spec.cloud.{}", limit.cloud);
            self.text(object, &format!("{own}.{}", limit.own_group?))
        });
        // Up to KKP 2.27 a Cluster of OpenStack may name several.
        let is_own =
            |named: &Fact<String>| named.value.split(',').all(|name| name.trim() != of_kkp);
        named.is_some_and(|named| !named.value.trim().is_empty() && is_own(&named))
    }

    fn dumped_cidrs(&mut self, object: &Object, path: &str) -> Vec<Fact<IpNet>> {
        let input = self.input;
        let list = object.place.dotted(path);
        let node = input.sources.node(&list);
        let items = node.and_then(Node::items).unwrap_or_default();
        let texts: Vec<String> = items
            .iter()
            .map(|item| item.as_str().unwrap_or_default().to_owned())
            .collect();
        self.cidrs(&texts, &list)
    }
}
