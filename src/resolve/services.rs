//! Global services as written.

use super::Reading;
use crate::input::mesh_file::{PortFields, ServiceFields};
use crate::model::{Fact, GlobalService, ServicePort, ServiceType, TargetPort};
use crate::source::Place;

impl Reading<'_> {
    pub(super) fn services(&mut self, fields: &[ServiceFields]) -> Vec<GlobalService> {
        let list = self.top("services");
        let services = fields.iter().enumerate();
        services
            .map(|(index, service)| global_service(service, list.index(index)))
            .collect()
    }
}

fn global_service(fields: &ServiceFields, place: Place) -> GlobalService {
    let ports = fields.ports.iter().flatten().enumerate();
    let list = place.key("ports");
    GlobalService {
        name: fields.name.clone().unwrap_or_default(),
        namespace: fields
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned()),
        namespace_said: fields.namespace.is_some(),
        affinity: fields.affinity,
        shared: fields.shared,
        kind: fields.kind.unwrap_or(ServiceType::ClusterIp),
        ports: ports
            .map(|(index, port)| service_port(port, list.index(index)))
            .collect(),
        selector: fields.selector.clone().unwrap_or_default(),
        labels: fields.labels.clone().unwrap_or_default(),
        clusters: fields.clusters.as_ref().map(|names| {
            let list = place.key("clusters");
            let facts = names.iter().enumerate();
            facts
                .map(|(index, name)| Fact::new(name.clone(), list.index(index)))
                .collect()
        }),
        place,
    }
}

fn service_port(fields: &PortFields, place: Place) -> ServicePort {
    let port = fields.port.unwrap_or_default();
    ServicePort {
        place,
        name: fields.name.clone(),
        port,
        protocol: fields.protocol.clone().unwrap_or_else(|| "TCP".to_owned()),
        target_port: fields
            .target_port
            .clone()
            .unwrap_or(TargetPort::Number(port)),
    }
}
