//! Emitting: files into a folder, or onto standard output.
//!
//! A folder is old or new, and never half without saying so. All files are first made aside. Then every target is looked at;
//! anything in the way that meshgen did not write ends the run. Then the files are renamed into place, index.json last,
//! under a journal by which the next run finishes what a kill or a power loss has cut off.

pub(crate) mod terraform;

mod aside;
mod folder;
mod inspect;
mod journal;
mod layout;
mod lock;
mod replace;
mod sealed;
mod stop;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use crate::compile::index::Index;
use crate::output::{Access, OutputError, Sink};
use aside::Aside;
use folder::OpenFolder;
use inspect::{Own, TargetState};
use journal::{Journal, JournalEntry};
pub(crate) use lock::hold;
pub(crate) use replace::replace;
use sealed::Sealed;
pub(crate) use stop::whole;

/// What became of the files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct EmitSummary {
    /// Files that are new or have changed.
    pub written: usize,
    /// Files that were the same already, and keep their timestamp.
    pub unchanged: usize,
    /// Files of an earlier run that are no longer made.
    pub removed: usize,
    /// Files of an earlier run that are no longer made, and that somebody has edited: they stay.
    pub left: Vec<String>,
    /// Files of clusters that no index names: an earlier run may have left them.
    pub strays: Vec<String>,
}

/// Files on their way into a folder, or to standard output.
pub(crate) struct Staging {
    to: EmitDestination,
    /// Every file in the order in which it was added. The index comes last.
    files: Mutex<Vec<Staged>>,
}

/// A file that waits aside.
#[derive(Clone)]
struct Staged {
    path: String,
    access: Access,
    sha256: String,
}

enum EmitDestination {
    Folder(Box<OutputFolder>),
    /// One file without a name, of which nothing is left however the program ends.
    Stdout(Mutex<File>),
}

/// An output folder that this run alone writes into.
struct OutputFolder {
    aside: Aside,
    folder: OpenFolder,
    earlier: Option<Index>,
    /// Files that an interrupted run has made, beside those of its index.
    finished: Vec<JournalEntry>,
    /// Held until the run ends: the system lets go of it however that is.
    _lock: File,
}

impl Staging {
    /// Files for a folder, which is made if need be; without one, for standard output. Waits for another run in the folder, and
    /// finishes one that was killed.
    ///
    /// # Errors
    /// If the folder cannot be made or written into, or another run does not end.
    pub(crate) fn new(folder: Option<&Path>) -> io::Result<Self> {
        let to = match folder {
            Some(path) => EmitDestination::Folder(Box::new(
                OutputFolder::open(path).map_err(|error| at(path, error))?,
            )),
            None => EmitDestination::Stdout(Mutex::new(tempfile::tempfile()?)),
        };
        let files = Mutex::default();
        Ok(Self { to, files })
    }

    /// The index of the run before, if the folder has one.
    pub(crate) fn earlier(&self) -> Option<&Index> {
        match &self.to {
            EmitDestination::Folder(output) => output.earlier.as_ref(),
            EmitDestination::Stdout(_) => None,
        }
    }

    /// Writes a file aside and gives the SHA-256 of its bytes, hexadecimal.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn add(
        &self,
        path: &str,
        access: Access,
        write: impl FnOnce(&mut Sealed<'_>) -> Result<(), OutputError>,
    ) -> Result<String, OutputError> {
        let sha256 = match &self.to {
            EmitDestination::Folder(output) => {
                if stop::is_stopped() {
                    return Err(io::Error::from(io::ErrorKind::Interrupted).into());
                }
                let mut file = output.aside.folder().create(path, access)?;
                write_sealed(&mut file, write)?
            }
            EmitDestination::Stdout(file) => {
                let mut file = held(file);
                write!(file, "---\n# meshgen: {path}\n")?;
                write_sealed(&mut file, write)?
            }
        };
        held(&self.files).push(Staged {
            path: path.to_owned(),
            access,
            sha256: sha256.clone(),
        });
        Ok(sha256)
    }

    /// Copies the files to standard output in the order in which they were added, each after `---` and its name; or
    /// renames them into the folder, the last one, which is the index, after all else is done. Files of `removable` (path and
    /// digest) that are no longer made are removed. With `force` foreign and edited files are replaced.
    ///
    /// # Errors
    /// If something is in the way, or standard output fails, or a file cannot be renamed or removed.
    pub(crate) fn commit(
        self,
        removable: &[(&str, &str)],
        force: bool,
    ) -> Result<EmitSummary, OutputError> {
        match &self.to {
            EmitDestination::Stdout(file) => {
                let mut file = held(file);
                file.rewind()?;
                io::copy(&mut *file, &mut io::stdout().lock())?;
                Ok(EmitSummary::default())
            }
            EmitDestination::Folder(output) => {
                let files = held(&self.files).clone();
                output.commit(&files, removable, force)
            }
        }
    }
}

impl OutputFolder {
    fn open(path: &Path) -> io::Result<Self> {
        let folder = OpenFolder::open(path)?;
        let lock = lock::acquire(&folder)?;
        let finished = stop::whole(|| journal::finish(&folder))?;
        aside::remove_left_over(path)?;
        let index = folder.read("index.json").ok();
        Ok(Self {
            earlier: index.as_deref().and_then(Index::read),
            aside: Aside::new(path)?,
            folder,
            finished,
            _lock: lock,
        })
    }

    fn commit(
        &self,
        files: &[Staged],
        removable: &[(&str, &str)],
        force: bool,
    ) -> Result<EmitSummary, OutputError> {
        let own = Own::new(self.earlier.as_ref(), &self.finished);
        let targets = inspect::targets(&self.folder, files, &own, force)?;
        let made: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let gone = removable.iter().filter(|(path, _)| !made.contains(path));
        let (removes, left) = inspect::removes(&self.folder, gone)?;
        self.limit(files, &targets)?;
        let places = files.iter().zip(&targets);
        let places = places.filter(|(_, target)| **target != TargetState::Same);
        let journal = Journal {
            aside: self.aside.name(),
            places: places.map(|(file, _)| file.entry()).collect(),
            removes,
        };
        let kept = self.earlier.iter().flat_map(Index::digests);
        let known = kept.map(|(path, _)| path).chain(made.iter().copied());
        let written = EmitSummary {
            strays: inspect::strays(self.folder.path(), &known.collect()),
            written: journal.places.len(),
            unchanged: files.len() - journal.places.len(),
            removed: journal.removes.len(),
            left,
        };
        if !journal.places.is_empty() || !journal.removes.is_empty() {
            self.aside.folder().sync()?;
            stop::unguard();
            journal.begin(&self.folder)?;
            journal.carry_out(self.aside.folder(), &self.folder)?;
            Journal::end(&self.folder)?;
        }
        Ok(written)
    }

    /// Sees to it that no file is open to more people than before, and private ones to their owner alone.
    fn limit(&self, files: &[Staged], targets: &[TargetState]) -> io::Result<()> {
        for (file, target) in files.iter().zip(targets) {
            match target {
                TargetState::Free => {}
                TargetState::Same => self.folder.narrow(&file.path, file.access)?,
                TargetState::Replaced => {
                    let new = self.aside.folder().file(&file.path)?;
                    self.folder.limit(&file.path, &new)?;
                }
            }
        }
        Ok(())
    }
}

impl Staged {
    fn entry(&self) -> JournalEntry {
        JournalEntry {
            path: self.path.clone(),
            sha256: self.sha256.clone(),
        }
    }
}

impl Sink for Staging {
    fn add(
        &self,
        path: &str,
        access: Access,
        write: crate::output::Write<'_>,
    ) -> Result<String, OutputError> {
        self.add(path, access, |out| write(out))
    }

    fn takes_pages(&self) -> bool {
        matches!(self.to, EmitDestination::Folder(_))
    }

    /// Side by side for a folder; one after the other for standard output, where the order of the files shows.
    fn each<T: Sync, M: Send>(&self, items: &[T], make: impl Fn(&T) -> M + Sync + Send) -> Vec<M> {
        match self.to {
            EmitDestination::Folder(_) => items.par_iter().map(make).collect(),
            EmitDestination::Stdout(_) => items.iter().map(make).collect(),
        }
    }
}

fn write_sealed(
    file: &mut File,
    write: impl FnOnce(&mut Sealed<'_>) -> Result<(), OutputError>,
) -> Result<String, OutputError> {
    let mut file = Sealed::new(file);
    write(&mut file)?;
    Ok(file.seal()?)
}

/// What a thread holds; one that panicked has ended the program.
fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error with the path that it is about.
fn at(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
