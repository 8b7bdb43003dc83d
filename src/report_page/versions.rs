//! Versions, and what the next minor version of the chart changes for a mesh.

use serde::Serialize;

use crate::compile::plan::Plan;
use crate::profile::charts::changes_of_next_minor;

/// Clusters with the same versions.
#[derive(Serialize)]
pub(super) struct VersionRow {
    kkp: String,
    cilium: String,
    clusters: Vec<String>,
    /// What the next minor version of the chart changes.
    next: Vec<&'static str>,
}

/// The clusters by their versions.
pub(super) fn rows(plan: &Plan<'_>) -> Vec<VersionRow> {
    let mut rows: Vec<VersionRow> = Vec::new();
    for planned in &plan.clusters {
        let cluster = planned.cluster;
        let Some(version) = cluster.cilium_version() else {
            continue;
        };
        let kkp = cluster
            .kkp
            .as_ref()
            .map(|kkp| kkp.value.version.to_string());
        let (kkp, cilium) = (kkp.unwrap_or_default(), version.to_string());
        match rows
            .iter_mut()
            .find(|row| row.kkp == kkp && row.cilium == cilium)
        {
            Some(row) => row.clusters.push(cluster.name().to_owned()),
            None => rows.push(VersionRow {
                kkp,
                cilium,
                clusters: vec![cluster.name().to_owned()],
                next: changes_of_next_minor(version, planned.chart),
            }),
        }
    }
    rows
}
