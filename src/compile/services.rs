//! The global services of a cluster: Services that every cluster of the mesh has under one name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::plan::ClusterPlan;
use crate::model::{Affinity, GlobalService, Mesh, ServicePort, TargetPort};
use crate::profile::Cilium;
use crate::render::{self, TemplateError};

/// Context of `templates/services.yaml.j2`.
#[derive(Serialize)]
struct ServicesFile<'a> {
    /// The cluster's name.
    cluster: &'a str,
    /// Its Cilium version.
    cilium: String,
    /// The Services, as they stand in mesh.yaml.
    services: Vec<ServiceObject<'a>>,
}

#[derive(Serialize)]
struct ServiceObject<'a> {
    annotations: Vec<(&'static str, &'static str)>,
    labels: &'a BTreeMap<String, String>,
    name: &'a str,
    /// Left out where no service of the cluster has one said: the command then says `default`.
    namespace: Option<&'a str>,
    ports: Vec<Port<'a>>,
    selector: &'a BTreeMap<String, String>,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Port<'a> {
    name: Cow<'a, str>,
    port: i64,
    protocol: &'a str,
    target_port: Value,
}

/// The services that a cluster gets.
pub(crate) fn of_cluster<'m>(mesh: &'m Mesh, cluster: &str) -> Vec<&'m GlobalService> {
    let services = mesh.services.iter();
    services.filter(|service| service.is_in(cluster)).collect()
}

/// Whether some service of a cluster names its namespace; in the file all of them do so then.
pub(crate) fn name_namespaces(services: &[&GlobalService]) -> bool {
    services.iter().any(|service| service.namespace_said)
}

/// The file with a cluster's global services; `None` where it has none.
///
/// # Errors
/// If the template refuses a value.
pub(crate) fn file(
    mesh: &Mesh,
    cluster: &ClusterPlan<'_>,
) -> Result<Option<String>, TemplateError> {
    let name = cluster.cluster.name();
    let services = of_cluster(mesh, name);
    if services.is_empty() {
        return Ok(None);
    }
    let version = cluster.cluster.cilium_version();
    let named = name_namespaces(&services);
    let objects = services.into_iter().map(|service| ServiceObject {
        annotations: annotations(service, cluster.chart),
        labels: &service.labels,
        name: &service.name,
        namespace: named.then_some(&service.namespace),
        ports: service.ports.iter().map(port).collect(),
        selector: &service.selector,
        kind: service.kind.as_str(),
    });
    let context = ServicesFile {
        cluster: name,
        cilium: version.map(|v| v.to_string()).unwrap_or_default(),
        services: objects.collect(),
    };
    render::SERVICES.fill(context).map(Some)
}

/// What makes the service global, in every spelling that the chart's agents are sure to read.
fn annotations(service: &GlobalService, chart: &Cilium) -> Vec<(&'static str, &'static str)> {
    let shared = service
        .shared
        .map(|shared| if shared { "true" } else { "false" });
    // Without the annotation no backend is preferred. On 1.18 `none`, spelled out, drops remote backends
    // (cilium/cilium#46623).
    let affinity = match service.affinity {
        None | Some(Affinity::None) => None,
        Some(Affinity::Local) => Some("local"),
        Some(Affinity::Remote) => Some("remote"),
    };
    let spellings = chart.service_annotations.iter();
    let values = spellings.flat_map(|names| {
        [
            (names.affinity, affinity),
            (names.global, Some("true")),
            (names.shared, shared),
        ]
    });
    values
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// A port, always with a name: agents of 1.18.0 find no remote backends of one without (cilium/cilium#41104).
fn port(port: &ServicePort) -> Port<'_> {
    let named = port.name.as_deref().map(Cow::from);
    Port {
        name: named
            .unwrap_or_else(|| format!("{}-{}", port.protocol.to_lowercase(), port.port).into()),
        port: port.port,
        protocol: &port.protocol,
        target_port: match &port.target_port {
            TargetPort::Number(number) => Value::from(*number),
            TargetPort::Name(name) => Value::from(name.as_str()),
        },
    }
}
