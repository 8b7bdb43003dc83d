//! `meshgen init --add`: one more cluster in a mesh.yaml that is there, without touching another byte of it.

use std::path::Path;

use super::page::entry_text;
use super::{InitError, NewCluster, Proposable, Versions, propose};
use crate::finding::Severity;
use crate::input::lock_file;
use crate::input::mesh_file::MeshFile;
use crate::pipeline::{Loaded, load_text};
use crate::source::{Place, Route};

/// The text of a mesh file with an entry for a new cluster behind the last one.
///
/// # Errors
/// If the file cannot be read as a mesh file, if it has such a cluster, or if its clusters are not written as a block.
pub(crate) fn added(
    path: &Path,
    bytes: Vec<u8>,
    name: &str,
    versions: Versions<'_>,
) -> Result<String, InitError> {
    let refuse = |reason: String| InitError::CannotAdd {
        path: path.to_path_buf(),
        reason,
    };
    let loaded = load_text(path, bytes);
    let text = loaded
        .input
        .sources
        .file(loaded.input.mesh_file)
        .text
        .clone();
    let Some(mesh) = &loaded.mesh else {
        return Err(refuse(
            "this is no mesh file; run `meshgen validate`".to_owned(),
        ));
    };
    if mesh.clusters.iter().any(|cluster| cluster.name() == name) {
        return Err(refuse(format!("a cluster is called `{name}` already")));
    }
    if is_lock_faulty(&loaded) {
        return Err(refuse(
            "mesh.lock.yaml beside it cannot be read, so what former clusters had is not known; run `meshgen validate`".to_owned(),
        ));
    }
    let (at, indent) = end_of_clusters(&loaded, &text).ok_or_else(|| {
        refuse("`clusters` is not written as a list of blocks, each beginning with `- `; add the entry by hand".to_owned())
    })?;
    let mut entry = entry(&loaded, name, versions);
    let taken = mesh
        .clusters
        .iter()
        .filter_map(|cluster| cluster.id.as_ref());
    let mut taken: Vec<i64> = taken.map(|id| id.value).collect();
    let locked = loaded.input.lock.iter().flat_map(|lock| &lock.clusters);
    taken.extend(locked.filter_map(|locked| locked.id));
    propose::propose_ids(std::slice::from_mut(&mut entry), &taken);
    entry.pod_cidrs = range(path, &text, at, &indent, name)
        .into_iter()
        .map(Proposable::proposed)
        .collect();
    let new = entry_text(&entry).map_err(|error| refuse(error.to_string()))?;
    let result = insert(&text, at, &indent, &new);
    match load_text(path, result.clone().into_bytes()).mesh {
        Some(after) if after.clusters.len() == mesh.clusters.len() + 1 => Ok(result),
        _ => Err(refuse(
            "the entry could not be added; add it by hand".to_owned(),
        )),
    }
}

/// Whether there is a lock that is not understood, or not whole.
fn is_lock_faulty(loaded: &Loaded) -> bool {
    match &loaded.input.lock {
        Some(lock) => {
            let mut errors = loaded
                .findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error);
            errors.any(|finding| lock.has(&finding.primary.place))
        }
        None => lock_file::path(&loaded.input.base)
            .symlink_metadata()
            .is_ok(),
    }
}

/// The end of the last line of the last cluster, and what stands before its dash.
fn end_of_clusters(loaded: &Loaded, text: &str) -> Option<(usize, String)> {
    let place = Place::value(loaded.input.mesh_file, Route::root().key("clusters"));
    let last = loaded.input.sources.node(&place)?.items()?.last()?;
    let before = &text[..last.span.start];
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let (indent, dash) = before[line..].split_once('-')?;
    let is_block =
        indent.chars().all(|c| c == ' ') && dash.chars().all(|c| c == ' ') && !dash.is_empty();
    let content = text[..last.span.end].trim_end().len();
    let end = text[content..]
        .find(['\r', '\n'])
        .map_or(text.len(), |at| content + at);
    is_block.then(|| (end, indent.to_owned()))
}

fn insert(text: &str, at: usize, indent: &str, entry: &str) -> String {
    let lines: Vec<String> = entry
        .trim_end()
        .lines()
        .map(|line| format!("{indent}{line}"))
        .collect();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let rest = &text[at..];
    let end = if rest.is_empty() { newline } else { "" };
    format!("{}{newline}{}{end}{rest}", &text[..at], lines.join(newline))
}

/// The versions are those of `defaults` where it has them, else those of the last cluster.
fn entry(loaded: &Loaded, name: &str, versions: Versions<'_>) -> NewCluster {
    let defaults = loaded
        .input
        .file
        .as_ref()
        .and_then(|file: &MeshFile| file.defaults.as_ref());
    let has = |version: fn(&crate::input::mesh_file::ClusterFields) -> bool| {
        defaults.is_some_and(version)
    };
    let mut entry = NewCluster {
        name: name.to_owned(),
        ..NewCluster::default()
    };
    let last = loaded.mesh.as_ref().and_then(|mesh| mesh.clusters.last());
    let kkp_there = last.and_then(|last| Some(last.kkp.as_ref()?.value.version.to_string()));
    let cilium_there = last.and_then(|last| Some(last.cilium_version()?.to_string()));
    let (kkp, cilium) = crate::profile::NEWEST_JUDGED;
    let (kkp, cilium) = (
        kkp_there.as_deref().unwrap_or(kkp),
        cilium_there.as_deref().unwrap_or(cilium),
    );
    let wanted = |asked: Option<&str>, has: bool, newest: &str| match asked {
        Some(asked) => Some(Proposable::found(asked.to_owned())),
        None => (!has).then(|| Proposable::proposed(newest.to_owned())),
    };
    entry.kkp = wanted(versions.kkp, has(|fields| fields.kkp.is_some()), kkp);
    entry.cilium = wanted(
        versions.cilium,
        has(|fields| fields.cilium.is_some()),
        cilium,
    );
    entry
}

/// A free range for the new cluster.
fn range(path: &Path, text: &str, at: usize, indent: &str, name: &str) -> Option<ipnet::IpNet> {
    let draft = insert(text, at, indent, &format!("- name: {name}"));
    let loaded = load_text(path, draft.into_bytes());
    let locked = loaded.input.lock.iter().flat_map(|lock| &lock.clusters);
    let kept = locked.flat_map(|locked| locked.pod_cidrs.iter().chain(&locked.node_cidrs));
    let kept: Vec<ipnet::IpNet> = kept.filter_map(|range| range.parse().ok()).collect();
    propose::proposals(&loaded.mesh?, &kept).pop().flatten()
}
