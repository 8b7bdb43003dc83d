//! Emitting: bytes into a folder, or onto standard output. Everything is written aside first, so
//! that an error leaves what was there, and then renamed into place.

pub mod terraform;

mod aside;
mod sealed;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::compile::index::Index;
use crate::output::{OutputError, Sink};
use aside::Aside;
pub use sealed::Sealed;

/// What became of the files.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or have changed.
    pub written: usize,
    /// Files that were the same already, and keep their timestamp.
    pub unchanged: usize,
    /// Files of an earlier run that are no longer made.
    pub removed: usize,
}

/// Files on their way into a folder, or to standard output.
pub struct Staging {
    to: Destination,
    /// Every path, and whether it is private. The index comes last.
    files: Mutex<Vec<(String, bool)>>,
}

enum Destination {
    Folder {
        aside: Aside,
        folder: PathBuf,
    },
    /// One file without a name, of which nothing is left however the program ends.
    Stdout(Mutex<File>),
}

impl Staging {
    /// Files for a folder, which is made if need be; without one, for standard output.
    ///
    /// # Errors
    /// If the folder cannot be made or written into.
    pub fn new(folder: Option<&Path>) -> io::Result<Self> {
        let to = match folder {
            Some(folder) => Destination::Folder {
                aside: Aside::new(folder)?,
                folder: folder.to_path_buf(),
            },
            None => Destination::Stdout(Mutex::new(tempfile::tempfile()?)),
        };
        let files = Mutex::default();
        Ok(Self { to, files })
    }

    /// Writes a file aside and gives the SHA-256 of its bytes, hexadecimal. `private` files get mode 0600.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(
        &self,
        path: &str,
        private: bool,
        write: impl FnOnce(&mut Sealed<'_>) -> Result<(), OutputError>,
    ) -> Result<String, OutputError> {
        held(&self.files).push((path.to_owned(), private));
        match &self.to {
            Destination::Folder { aside, .. } => {
                let path = aside.path().join(path);
                let mut file = in_folder(&path, || File::create(&path))?;
                set_mode(&file, private)?;
                write_sealed(&mut file, write)
            }
            Destination::Stdout(file) => {
                let mut file = held(file);
                write!(file, "---\n# meshgen: {path}\n")?;
                write_sealed(&mut file, write)
            }
        }
    }

    /// Copies the files to standard output in the order in which they were added, each after `---` and its name; or
    /// renames them into the folder, the last one, which is the index, after all else is done. Files of `before` that are
    /// no longer made are removed.
    ///
    /// # Errors
    /// If standard output fails, or a file cannot be renamed or removed.
    pub fn commit(self, before: &BTreeMap<String, String>) -> io::Result<Written> {
        let mut done = Written::default();
        match self.to {
            Destination::Stdout(file) => {
                let mut file = held(&file);
                file.rewind()?;
                io::copy(&mut *file, &mut io::stdout().lock())?;
            }
            Destination::Folder { aside, folder } => {
                let all = held(&self.files);
                let Some((index, files)) = all.split_last() else {
                    return Ok(done);
                };
                for file in files {
                    place(aside.path(), &folder, file, &mut done)?;
                }
                let made: BTreeSet<&String> = all.iter().map(|(path, _)| path).collect();
                for (path, sha256) in before.iter().filter(|(path, _)| !made.contains(path)) {
                    done.removed += usize::from(remove_own(&folder, path, sha256)?);
                }
                place(aside.path(), &folder, index, &mut done)?;
            }
        }
        Ok(done)
    }
}

impl Sink for Staging {
    fn add(
        &self,
        path: &str,
        private: bool,
        write: crate::output::Write<'_>,
    ) -> Result<String, OutputError> {
        self.add(path, private, |out| write(out))
    }

    fn takes_pages(&self) -> bool {
        matches!(self.to, Destination::Folder { .. })
    }

    /// Side by side for a folder; one after the other for standard output, where the order of the files shows.
    fn each<T: Sync, M: Send>(&self, items: &[T], make: impl Fn(&T) -> M + Sync + Send) -> Vec<M> {
        match self.to {
            Destination::Folder { .. } => items.par_iter().map(make).collect(),
            Destination::Stdout(_) => items.iter().map(make).collect(),
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

/// Renames a file into the folder, unless the same one is there.
fn place(
    aside: &Path,
    folder: &Path,
    (path, private): &(String, bool),
    done: &mut Written,
) -> io::Result<()> {
    let (from, to) = (aside.join(path), folder.join(path));
    if same_bytes(&from, &to)? {
        set_mode(&File::open(&to)?, *private)?;
        done.unchanged += 1;
        return Ok(());
    }
    in_folder(&to, || std::fs::rename(&from, &to))?;
    done.written += 1;
    Ok(())
}

/// Makes a file, and its folder first where there is none.
fn in_folder<T>(path: &Path, make: impl Fn() -> io::Result<T>) -> io::Result<T> {
    match (make(), path.parent()) {
        (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder)?;
            make()
        }
        (made, _) => made,
    }
}

/// What a thread holds; one that panicked has ended the program.
fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The index of an earlier run in a folder, if there is one that can be read.
pub fn earlier_index(folder: &Path) -> Option<Index> {
    let text = std::fs::read_to_string(folder.join("index.json")).ok()?;
    serde_json::from_str(&text).ok()
}

/// Removes a file that an earlier run wrote, unless somebody has changed it since.
fn remove_own(folder: &Path, path: &str, sha256: &str) -> io::Result<bool> {
    let inside = Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let target = folder.join(path);
    if !inside || !target.is_file() || digest_of(&target)? != sha256 {
        return Ok(false);
    }
    std::fs::remove_file(&target)?;
    // A folder that holds something else stays; that is no error.
    let mut parent = target.parent();
    while let Some(empty) = parent.filter(|parent| *parent != folder) {
        if std::fs::remove_dir(empty).is_err() {
            break;
        }
        parent = empty.parent();
    }
    Ok(true)
}

fn digest_of(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut std::fs::File::open(path)?, &mut digest)?;
    Ok(hex::encode(digest.finalize()))
}

fn same_bytes(a: &Path, b: &Path) -> io::Result<bool> {
    let Ok(mut b) = File::open(b) else {
        return Ok(false);
    };
    let mut a = File::open(a)?;
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let read = a.read(&mut left)?;
        if read == 0 {
            return Ok(true);
        }
        b.read_exact(&mut right[..read])?;
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}

#[cfg(unix)]
fn set_mode(file: &File, private: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if private { 0o600 } else { 0o644 };
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: bool) -> io::Result<()> {
    Ok(())
}
