//! What `verify` was asked.

use std::collections::HashSet;
use std::path::Path;

use super::expected::Expected;
use crate::datapath::MeshDatapath;
use crate::model::{Cluster, Mesh};

/// What is asked, the same for all pairs.
pub(super) struct Asked<'a> {
    pub(super) mesh: &'a Mesh,
    pub(super) clusters: &'a [&'a Cluster],
    pub(super) expected: &'a [Expected],
    /// The names of all clusters of the mesh, those that leave too.
    pub(super) names: HashSet<&'a str>,
    pub(super) datapath: MeshDatapath,
    /// Nodes for which some agent lists a health endpoint.
    pub(super) with_endpoint: HashSet<String>,
    pub(super) mesh_file: &'a Path,
    pub(super) folder: &'a Path,
}
