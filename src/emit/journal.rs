//! What a run is about to rename and remove, so that the next one can finish it after a kill or a power loss.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::aside;
use super::folder::{OpenFolder, PathState};
use crate::output::Access;

/// The file that stands in an output folder while it is half old and half new. The scripts refuse such a folder.
pub(crate) const INCOMPLETE: &str = ".meshgen-incomplete";

/// The content of [`INCOMPLETE`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Journal {
    /// The folder with the new files.
    pub(super) aside: String,
    /// The files that are renamed into place, index.json last.
    pub(super) places: Vec<JournalEntry>,
    /// The files that go.
    pub(super) removes: Vec<JournalEntry>,
}

/// A file and the digest by which it is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct JournalEntry {
    /// Path in the output folder.
    pub(super) path: String,
    /// SHA-256 of its bytes.
    pub(super) sha256: String,
}

impl Journal {
    /// Writes it down before the first rename.
    pub(super) fn begin(&self, folder: &OpenFolder) -> io::Result<()> {
        let mut file = folder.create(INCOMPLETE, Access::Private)?;
        serde_json::to_writer(&mut file, self)?;
        file.flush()?;
        file.sync_all()?;
        folder.sync()
    }

    /// Takes it away after the last rename.
    pub(super) fn end(folder: &OpenFolder) -> io::Result<()> {
        folder.sync()?;
        folder.remove(INCOMPLETE)
    }

    /// Renames and removes what it lists.
    pub(super) fn carry_out(&self, aside: &OpenFolder, folder: &OpenFolder) -> io::Result<()> {
        let Some((index, files)) = self.places.split_last() else {
            return Ok(());
        };
        for file in files {
            place(aside, folder, file)?;
        }
        for file in &self.removes {
            if folder.find(&file.path)? == PathState::File(file.sha256.clone()) {
                folder.remove(&file.path)?;
            }
        }
        place(aside, folder, index)
    }
}

/// Renames a file into place; one that is there already was renamed before the program was killed.
fn place(aside: &OpenFolder, folder: &OpenFolder, file: &JournalEntry) -> io::Result<()> {
    if !aside.has(&file.path)? {
        return Ok(());
    }
    folder
        .take(aside, &file.path)
        .map_err(|error| super::at(&folder.path().join(&file.path), error))
}

/// Finishes what a killed run has begun, and gives the files that it has made: they are meshgen's own, whatever index.json says.
/// The caller holds the lock of the folder.
pub(super) fn finish(folder: &OpenFolder) -> io::Result<Vec<JournalEntry>> {
    match folder.find(INCOMPLETE)? {
        PathState::Nothing => return Ok(Vec::new()),
        PathState::File(_) => {}
        PathState::Other(what) => {
            let path = folder.path().join(INCOMPLETE);
            return Err(super::at(
                &path,
                io::Error::other(format!("this is {what}")),
            ));
        }
    }
    // A journal that was cut off was written before the first rename: nothing is half.
    let journal = serde_json::from_str::<Journal>(&folder.read(INCOMPLETE)?);
    let journal = journal.ok().filter(Journal::is_sound);
    if let Some(journal) = &journal
        && let Some(left) = aside::left_over(folder.path(), &journal.aside)
    {
        journal.carry_out(&OpenFolder::open(&left)?, folder)?;
    }
    Journal::end(folder)?;
    Ok(journal.map(|journal| journal.places).unwrap_or_default())
}

impl Journal {
    /// Whether every path is one that meshgen writes: a planted journal moves and removes nothing else.
    fn is_sound(&self) -> bool {
        let mut all = self.places.iter().chain(&self.removes);
        all.all(|entry| super::layout::is_own(&entry.path))
    }
}
