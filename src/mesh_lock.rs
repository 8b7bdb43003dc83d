//! The lock: what `render --lock` notes of each cluster, so that nothing is renumbered or handed on by accident.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::Serialize;

use crate::input::lock_file::{Lock, LockedCluster, VERSION};
use crate::model::{Cluster, Fact, Mesh};
use crate::render::{self, TemplateError};

/// A list of ranges that the lock notes.
pub(crate) struct LockedRanges {
    /// Its key, in mesh.yaml and in the lock.
    pub(crate) key: &'static str,
    /// What it is, for messages.
    pub(crate) what: &'static str,
    /// Those of a cluster today.
    pub(crate) now: fn(&Cluster) -> &[Fact<IpNet>],
    /// Those of a cluster in the lock.
    pub(crate) locked: fn(&LockedCluster) -> &[String],
}

/// Every such list.
pub(crate) const RANGES: [LockedRanges; 3] = [
    LockedRanges {
        key: "podCIDRs",
        what: "pod ranges",
        now: |cluster| &cluster.pod_cidrs,
        locked: |cluster| &cluster.pod_cidrs,
    },
    LockedRanges {
        key: "serviceCIDRs",
        what: "service ranges",
        now: |cluster| &cluster.service_cidrs,
        locked: |cluster| &cluster.service_cidrs,
    },
    LockedRanges {
        key: "nodeCIDRs",
        what: "node ranges",
        now: |cluster| &cluster.node_cidrs,
        locked: |cluster| &cluster.node_cidrs,
    },
];

/// Ranges as the lock writes them: sorted, each once.
pub(crate) fn written(ranges: &[Fact<IpNet>]) -> Vec<String> {
    let sorted: BTreeSet<IpNet> = ranges.iter().map(|range| range.value).collect();
    sorted.iter().map(IpNet::to_string).collect()
}

/// Whether a cluster of the lock is no longer in mesh.yaml.
pub(crate) fn is_former(locked: &LockedCluster, mesh: &Mesh) -> bool {
    let mut clusters = mesh.clusters.iter();
    !clusters.any(|cluster| cluster.name() == locked.name())
}

/// Context of `templates/mesh.lock.yaml.j2`.
#[derive(Serialize)]
struct LockPage {
    version: i64,
    clusters: Vec<LockEntry>,
}

/// A cluster in it.
#[derive(Serialize)]
struct LockEntry {
    name: String,
    id: Option<i64>,
    ranges: Vec<(&'static str, Vec<String>)>,
    node_port: Option<i64>,
    gone: bool,
}

/// The new text of the lock: what is known of every cluster today, what was known before where that is not known now, and
/// the clusters that mesh.yaml no longer has. A former cluster that is unlocked is forgotten.
///
/// # Errors
/// If the template refuses a value.
pub(crate) fn text(
    old: Option<&Lock>,
    mesh: &Mesh,
    unlocked: &BTreeSet<String>,
) -> Result<String, TemplateError> {
    let old = old.map_or(&[][..], |lock| &lock.clusters);
    let before = |name: &str| old.iter().find(|locked| locked.name() == name);
    let present = mesh.clusters.iter();
    let mut clusters: Vec<LockEntry> = present
        .map(|cluster| entry_of(cluster, before(cluster.name())))
        .collect();
    let is_kept =
        |locked: &&LockedCluster| is_former(locked, mesh) && !unlocked.contains(locked.name());
    clusters.extend(old.iter().filter(is_kept).map(entry_of_former));
    clusters.sort_by(|a, b| (a.id, &a.name).cmp(&(b.id, &b.name)));
    render::LOCK.fill(LockPage {
        version: VERSION,
        clusters,
    })
}

fn entry_of(cluster: &Cluster, before: Option<&LockedCluster>) -> LockEntry {
    let range = |ranges: &LockedRanges| {
        let now = written((ranges.now)(cluster));
        let before = || before.map_or(Vec::new(), |before| (ranges.locked)(before).to_vec());
        let known = if now.is_empty() { before() } else { now };
        (ranges.key, known)
    };
    let id = cluster.id.as_ref().map(|id| id.value);
    let port = cluster.apiserver.served_node_port();
    let may_have_port = cluster.apiserver.service_type_place.is_none();
    let port_before = before.filter(|_| may_have_port);
    LockEntry {
        name: cluster.name().to_owned(),
        id: id.or(before.and_then(|before| before.id)),
        ranges: RANGES.iter().map(range).collect(),
        node_port: port.or(port_before.and_then(|before| before.node_port)),
        gone: false,
    }
}

fn entry_of_former(locked: &LockedCluster) -> LockEntry {
    let range = |ranges: &LockedRanges| (ranges.key, (ranges.locked)(locked).to_vec());
    LockEntry {
        name: locked.name().to_owned(),
        id: locked.id,
        ranges: RANGES.iter().map(range).collect(),
        node_port: locked.node_port,
        gone: true,
    }
}
