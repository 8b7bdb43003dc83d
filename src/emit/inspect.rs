//! Looking at every target before the first one is written.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::Staged;
use super::folder::{OpenFolder, PathState};
use super::journal::JournalEntry;
use super::layout;
use crate::compile::index::Index;
use crate::output::{InTheWay, OutputError};

/// What becomes of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetState {
    /// Nothing is there.
    Free,
    /// The same bytes are there.
    Same,
    /// A file is there that may be replaced.
    Replaced,
}

/// The files that are meshgen's own, each with the digests that it may have.
pub(super) struct Own<'i>(BTreeMap<&'i str, Vec<&'i str>>);

impl<'i> Own<'i> {
    /// Those that the index of an earlier run names, and those that an interrupted run has made.
    pub(super) fn new(earlier: Option<&'i Index>, finished: &'i [JournalEntry]) -> Self {
        let mut own: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let named = earlier.into_iter().flat_map(Index::digests);
        let made = finished.iter();
        let made = made.map(|entry| (entry.path.as_str(), entry.sha256.as_str()));
        for (path, sha256) in named.chain(made).filter(|(path, _)| layout::is_own(path)) {
            own.entry(path).or_default().push(sha256);
        }
        if earlier.is_some() {
            // It names no digest of itself; that it can be read as an index is what shows that it is one.
            own.entry("index.json").or_default();
        }
        Self(own)
    }

    fn is_named(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    fn has(&self, path: &str, sha256: &str) -> bool {
        let known = self.0.get(path);
        known.is_some_and(|known| known.contains(&sha256) || path == "index.json")
    }
}

/// What becomes of each file's target.
///
/// # Errors
/// Everything that is in the way. `force` lets foreign and edited files be replaced, and nothing else.
pub(super) fn targets(
    folder: &OpenFolder,
    files: &[Staged],
    own: &Own<'_>,
    force: bool,
) -> Result<Vec<TargetState>, OutputError> {
    let mut targets = Vec::with_capacity(files.len());
    let mut in_the_way = Vec::new();
    for file in files {
        let path = &file.path;
        let found = folder
            .find(path)
            .map_err(|error| super::at(&folder.path().join(path), error))?;
        let obstacle = |what| InTheWay {
            path: folder.path().join(path),
            what,
        };
        match found {
            PathState::Nothing => targets.push(TargetState::Free),
            PathState::File(sha256) if sha256 == file.sha256 => targets.push(TargetState::Same),
            PathState::File(sha256) if force || own.has(path, &sha256) => {
                targets.push(TargetState::Replaced)
            }
            PathState::File(_) if own.is_named(path) => {
                in_the_way.push(obstacle("somebody has edited it since meshgen wrote it"));
            }
            PathState::File(_) if path == "index.json" => {
                in_the_way.push(obstacle(
                    "it is no index of meshgen's, or one of another version of meshgen",
                ));
            }
            PathState::File(_) => {
                in_the_way.push(obstacle("no index.json says that meshgen wrote it"))
            }
            PathState::Other(what) => in_the_way.push(obstacle(what)),
        }
    }
    if in_the_way.is_empty() {
        Ok(targets)
    } else {
        let made = files.iter().map(|file| file.path.as_str());
        let known: BTreeSet<&str> = made.chain(own.0.keys().copied()).collect();
        let strays = strays(folder.path(), &known).into_iter();
        let strays = strays.map(|path| folder.path().join(path)).collect();
        Err(OutputError::InTheWay(in_the_way, strays))
    }
}

/// Which files of an earlier run are removed, and which stay because somebody has edited them.
pub(super) fn removes<'p>(
    folder: &OpenFolder,
    gone: impl Iterator<Item = &'p (&'p str, &'p str)>,
) -> io::Result<(Vec<JournalEntry>, Vec<String>)> {
    let (mut removes, mut left) = (Vec::new(), Vec::new());
    for (path, sha256) in gone.filter(|(path, _)| layout::is_own(path)) {
        match folder.find(path)? {
            PathState::Nothing => {}
            PathState::File(found) if found == *sha256 => removes.push(JournalEntry {
                path: (*path).to_owned(),
                sha256: found,
            }),
            PathState::File(_) | PathState::Other(_) => left.push((*path).to_owned()),
        }
    }
    Ok((removes, left))
}

/// Files at paths of meshgen's that neither this run nor its index knows: what a run has left whose index is lost.
pub(super) fn strays(folder: &Path, known: &BTreeSet<&str>) -> Vec<String> {
    let mut found = Vec::new();
    let names = |path: &Path| {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.collect::<Vec<_>>()
    };
    let is_folder = |path: &Path| {
        let found = std::fs::symlink_metadata(path);
        found.is_ok_and(|found| found.is_dir())
    };
    let clusters = folder.join("clusters");
    if is_folder(&clusters) {
        for cluster in names(&clusters) {
            if is_folder(&clusters.join(&cluster)) {
                let files = names(&clusters.join(&cluster));
                found.extend(
                    files
                        .iter()
                        .map(|file| format!("clusters/{cluster}/{file}")),
                );
            }
        }
    }
    found.retain(|path| layout::is_own(path) && !known.contains(path.as_str()));
    found.sort();
    found
}
