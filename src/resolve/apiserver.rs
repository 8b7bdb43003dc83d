//! The clustermesh-apiserver of a cluster: its Service, and where peers reach it.

use std::net::IpAddr;

use super::addresses::not_dialled;
use super::dumped::{DumpedFacts, DumpedService};
use super::field::FieldReader;
use super::host::{self, Host};
use super::port_invalid;
use crate::input::mesh_file::{ApiserverFields, ApiserverServiceFields};
use crate::model::{
    Apiserver, Current, DEFAULT_NODE_PORT, Fact, LiveService, ServiceType, at_path,
};
use crate::profile::Cilium;
use crate::source::Place;

/// The port of clustermesh-apiserver; charts up to 1.20 have no value for it.
const ETCD_PORT: u16 = 2379;
const SERVICE_TYPE: &str = "clustermesh.apiserver.service.type";

impl FieldReader<'_, '_> {
    pub(super) fn apiserver(
        &mut self,
        typed: Option<&ApiserverFields>,
        dumped: &DumpedFacts,
        nodes: &[Fact<IpAddr>],
        chart: Option<&Cilium>,
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
            .or_else(|| current_port(current?, "nodePort"))
            .or_else(|| dumped.service.as_ref()?.node_port.clone());
        let (addresses, host) = self.reachable(&fields, kind, dumped.service.as_ref(), nodes);
        let pending = dumped.service.as_ref().filter(|service| {
            kind == ServiceType::LoadBalancer
                && service.kind == ServiceType::LoadBalancer
                && !service.has_ingress
        });
        let service_port = current
            .filter(|_| chart.is_some_and(|chart| chart.service_port))
            .and_then(|current| current_port(current, "port"));
        let served = match kind {
            ServiceType::NodePort => node_port.as_ref(),
            _ => service_port.as_ref(),
        };
        let (port, port_place) = self.port(&fields, kind, served);
        self.check_requests(&service);
        let said = |path: &str| self.place(&format!("apiserver.service.{path}"));
        Apiserver {
            service_type: kind,
            service_type_place: kind_place,
            service_type_typed: service.kind.is_some(),
            pending: pending
                .filter(|_| addresses.is_empty() && host.is_none())
                .map(|service| service.place.clone()),
            live: dumped.service.as_ref().map(live),
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

    /// What a load balancer is asked for must be addresses and ranges.
    fn check_requests(&mut self, service: &ApiserverServiceFields) {
        let place = |path: &str| self.place(&format!("apiserver.service.{path}"));
        let (ip_place, ranges_place) = (place("loadBalancerIP"), place("loadBalancerSourceRanges"));
        if let Some(ip) = service
            .load_balancer_ip
            .as_ref()
            .filter(|ip| !ip.is_empty())
        {
            self.reading.address(ip, ip_place);
        }
        if let Some(ranges) = &service.load_balancer_source_ranges {
            self.reading.cidrs(ranges, &ranges_place);
        }
    }

    /// Addresses and name at which peers reach the cluster.
    fn reachable(
        &mut self,
        fields: &ApiserverFields,
        kind: ServiceType,
        service: Option<&DumpedService>,
        nodes: &[Fact<IpAddr>],
    ) -> (Vec<Fact<IpAddr>>, Option<Fact<String>>) {
        let is_unusable = self.unusable.contains("address");
        let address = fields.address.as_ref().filter(|_| !is_unusable);
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
            // A load balancer may have several addresses, and what is typed a choice among them.
            let is_choice = typed
                .iter()
                .all(|own| seen.iter().any(|one| one.value == own.value));
            if !is_choice && self.disagree("address", "apiserver.ips", place, &typed, seen) {
                return (Vec::new(), None);
            }
            if !typed.is_empty() {
                return (typed, None);
            }
        }
        if let Some(address) = address {
            return match host::parse(&address.value) {
                // A bare address has no business in a certificate's DNS names: it is dialled as `ips` are.
                Ok(Host::Ip(ip)) => (vec![address.with(ip)], None),
                Ok(Host::Name(name)) => (Vec::new(), Some(address.with(name))),
                Err(fault) => {
                    self.push(not_dialled(&address.value, &fault, address.place));
                    self.unusable.insert("address");
                    (Vec::new(), None)
                }
            };
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
        served: Option<&Fact<i64>>,
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
        let default = match kind {
            ServiceType::NodePort => DEFAULT_NODE_PORT,
            _ => ETCD_PORT,
        };
        let port = served.and_then(|port| u16::try_from(port.value).ok());
        (
            port.unwrap_or(default),
            served.map(|port| port.place.clone()),
        )
    }
}

fn live(service: &DumpedService) -> LiveService {
    LiveService {
        place: service.place.clone(),
        kind: service.kind,
        class: service.class.clone(),
        uid: service.uid.clone(),
        cluster_ips: service.cluster_ips.clone(),
    }
}

fn service_type(
    typed: Option<(ServiceType, Place)>,
    current: Option<&Current>,
    service: Option<&DumpedService>,
) -> (ServiceType, Option<Place>) {
    if let Some((kind, place)) = typed {
        return (kind, Some(place));
    }
    let written = current.and_then(|current| at_path(current.values(), SERVICE_TYPE));
    let parsed = written.and_then(|kind| serde_json::from_value(kind.clone()).ok());
    match (parsed, current, service) {
        (Some(kind), Some(current), _) => (kind, Some(current.value_place(SERVICE_TYPE))),
        (_, _, Some(service)) => (service.kind, Some(service.place.dotted("spec.type"))),
        _ => (ServiceType::default(), None),
    }
}

/// A port of the Service in the current values.
fn current_port(current: &Current, key: &str) -> Option<Fact<i64>> {
    let path = format!("clustermesh.apiserver.service.{key}");
    let port = at_path(current.values(), &path)?.as_i64()?;
    Some(Fact::new(port, current.value_place(&path)))
}
