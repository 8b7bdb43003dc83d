//! The text of a new mesh.yaml.

use serde::Serialize;

use super::{NewCluster, Proposable};
use crate::render::{self, TemplateError};

/// Context of `templates/mesh.yaml.j2`.
#[derive(Serialize)]
struct MeshPage<'a> {
    /// Name of the mesh.
    mesh: &'a str,
    /// Name of the cluster whose CA is shared.
    ca_from: &'a str,
    /// The entries of the clusters, as YAML.
    clusters: String,
}

/// Context of `templates/cluster.yaml.j2`.
#[derive(Serialize)]
struct ClusterPage<'a> {
    name: &'a str,
    id: Option<ShownValue>,
    kkp: Option<ShownValue>,
    cilium: Option<ShownValue>,
    pod_cidrs: Option<ShownValue>,
    service_cidrs: Vec<String>,
    service_type: Option<&'a str>,
    folder: Option<&'a str>,
    files: &'a [String],
    kubeconfig: Option<&'a str>,
    context: Option<&'a str>,
}

/// A value, and whether it is proposed.
#[derive(Serialize)]
struct ShownValue {
    values: Vec<serde_json::Value>,
    proposed: bool,
}

impl ShownValue {
    fn new<T: Clone + Into<serde_json::Value>>(value: &Proposable<T>) -> Self {
        Self {
            values: vec![value.value.clone().into()],
            proposed: value.proposed,
        }
    }
}

/// Writes mesh.yaml.
///
/// # Errors
/// If the template fails.
pub(crate) fn page(mesh: &str, entries: &[NewCluster]) -> Result<String, TemplateError> {
    let clusters = entries
        .iter()
        .map(entry_text)
        .collect::<Result<Vec<_>, _>>()?;
    render::MESH_FILE.fill(MeshPage {
        mesh,
        ca_from: entries.first().map_or("", |entry| &entry.name),
        clusters: clusters.join("\n").trim_end().to_owned(),
    })
}

/// The entry of one cluster, its dash in the first column.
///
/// # Errors
/// If the template fails.
pub(super) fn entry_text(entry: &NewCluster) -> Result<String, TemplateError> {
    render::CLUSTER.fill(cluster(entry))
}

fn cluster(entry: &NewCluster) -> ClusterPage<'_> {
    let ranges = &entry.pod_cidrs;
    ClusterPage {
        name: &entry.name,
        id: entry.id.as_ref().map(ShownValue::new),
        kkp: entry.kkp.as_ref().map(ShownValue::new),
        cilium: entry.cilium.as_ref().map(ShownValue::new),
        pod_cidrs: (!ranges.is_empty()).then(|| ShownValue {
            values: ranges
                .iter()
                .map(|range| range.value.to_string().into())
                .collect(),
            proposed: ranges.iter().any(|range| range.proposed),
        }),
        service_cidrs: entry
            .service_cidrs
            .iter()
            .map(ToString::to_string)
            .collect(),
        service_type: entry.service_type,
        folder: entry
            .dumps
            .first()
            .filter(|_| entry.is_folder)
            .map(String::as_str),
        files: if entry.is_folder { &[] } else { &entry.dumps },
        kubeconfig: entry.kubeconfig.as_deref(),
        context: entry.context.as_deref(),
    }
}
