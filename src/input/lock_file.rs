//! `mesh.lock.yaml` beside mesh.yaml: what each cluster was given once, and must not lose or hand on.

use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{codes, file, has_key, read_text, structure};
use crate::finding::Finding;
use crate::source::{FileId, Place, Route, SourceFile, Sources};
use crate::yaml::{Most, ScalarRules};

/// Its name.
const NAME: &str = "mesh.lock.yaml";

/// The form that this version reads and writes.
pub(crate) const VERSION: i64 = 1;

/// The lock as it is written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields, extend("required" = ["version", "clusters"]))]
pub(crate) struct LockFile {
    /// Its form: always 1.
    pub version: Option<i64>,
    /// Every cluster that the mesh has or had.
    pub clusters: Option<Vec<LockedCluster>>,
}

/// What a cluster was given. What was not known then is not there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields, extend("required" = ["name"]))]
pub struct LockedCluster {
    /// Its name.
    pub name: Option<String>,
    /// Its ID.
    pub id: Option<i64>,
    /// Its pod ranges.
    #[serde(rename = "podCIDRs")]
    pub pod_cidrs: Vec<String>,
    /// Its service ranges.
    #[serde(rename = "serviceCIDRs")]
    pub service_cidrs: Vec<String>,
    /// Its node ranges.
    #[serde(rename = "nodeCIDRs")]
    pub node_cidrs: Vec<String>,
    /// Its node port.
    pub node_port: Option<i64>,
    /// Whether mesh.yaml no longer knew it when the lock was written.
    pub gone: bool,
}

impl LockedCluster {
    /// Its name; empty where the file is faulty.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

/// A lock that was read.
#[derive(Debug)]
pub struct Lock {
    /// Its text.
    file: FileId,
    /// What it says.
    pub clusters: Vec<LockedCluster>,
}

impl Lock {
    /// Whether a place is in it.
    pub(crate) fn has(&self, place: &Place) -> bool {
        self.file == place.file
    }

    /// The place of a field of its cluster at a position.
    pub(crate) fn place(&self, cluster: usize, field: &str) -> Place {
        let clusters = Place::value(self.file, Route::root()).key("clusters");
        clusters.index(cluster).key(field)
    }
}

/// Where the lock of a mesh file stands, whose folder is `base`.
pub(crate) fn path(base: &Path) -> PathBuf {
    base.join(NAME)
}

/// Reads the lock beside a mesh file, if there is one.
pub(super) fn read(
    base: &Path,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Option<Lock> {
    let path = path(base);
    if path.symlink_metadata().is_err() {
        return None;
    }
    let bytes = match file::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            findings.push(unreadable(sources, &error));
            return None;
        }
    };
    let before = findings.len();
    let name = NAME.to_owned();
    let rules = (ScalarRules::Yaml12, Most::MESH);
    let file = read_text(sources, name, bytes, rules, findings);
    let is_empty = sources.file(file).text.trim().is_empty();
    if !is_empty && !has_key(sources.file(file), &["clusters"]) {
        sources.hide(file);
        let place = Place::bytes(file, 0..0);
        findings.truncate(before);
        findings.push(help(
            codes::WRONG_TYPE.finding(place, "this is no lock: it has no `clusters`"),
        ));
        return None;
    }
    let lock = understood(file, sources, findings);
    // What a broken lock says is not held against anybody.
    lock.filter(|_| findings.len() == before)
}

fn understood(file: FileId, sources: &Sources, findings: &mut Vec<Finding>) -> Option<Lock> {
    let place = Place::value(file, Route::root());
    let source = sources.file(file);
    let Some(document) = source.documents.first() else {
        if findings
            .iter()
            .all(|finding| finding.primary.place.file != file)
        {
            findings.push(help(
                codes::SYNTAX.finding(place, "this file holds no document"),
            ));
        }
        return None;
    };
    let schema = schemars::schema_for!(LockFile).to_value();
    let checked = structure::check(document, &source.text, &place, &schema);
    findings.extend(checked.findings.into_iter().map(help));
    let read: LockFile = serde_json::from_value(checked.value).ok()?;
    if let Some(other) = read.version.filter(|version| *version != VERSION) {
        let message = format!("the version of this lock is {other}; this meshgen reads {VERSION}");
        let finding = codes::WRONG_TYPE.finding(place.key("version"), message);
        findings.push(finding.help("use the meshgen that wrote it, or a newer one"));
    }
    Some(Lock {
        file,
        clusters: read.clusters.unwrap_or_default(),
    })
}

fn unreadable(sources: &mut Sources, error: &io::Error) -> Finding {
    let file = sources.add(SourceFile::new(NAME, String::new(), Vec::new()));
    let message = format!("the lock beside the mesh file cannot be read: {error}");
    help(codes::SYNTAX.finding(Place::bytes(file, 0..0), message))
}

fn help(finding: Finding) -> Finding {
    finding.help("`meshgen render --lock` writes this file; do not edit it: take it back from version control")
}
