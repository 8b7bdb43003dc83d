//! The folder in which files wait until all are made.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::folder::OpenFolder;
use super::stop;

/// How these folders' names begin; the number of the process follows.
const PREFIX: &str = ".meshgen-";
/// A file in each of them: a folder without it is somebody else's, whatever its name.
const MARK: &str = ".made-by-meshgen";
const MARK_TEXT: &str =
    "meshgen keeps files here while it writes. It may be removed while no meshgen runs.\n";

/// A folder inside the output folder, so that files can be renamed out of it. It goes when it is dropped, and when a signal
/// stops the program.
pub(super) struct Aside {
    folder: OpenFolder,
}

impl Aside {
    /// Makes one. The caller holds the lock of the output folder.
    pub(super) fn new(output: &Path) -> io::Result<Self> {
        let path = stop::guarded(|| make(output), remove)?;
        let mut mark = fs::OpenOptions::new();
        mark.write(true).create_new(true).mode(0o600);
        mark.open(path.join(MARK))?
            .write_all(MARK_TEXT.as_bytes())?;
        Ok(Self {
            folder: OpenFolder::open(&path)?,
        })
    }

    pub(super) fn folder(&self) -> &OpenFolder {
        &self.folder
    }

    /// Its name in the output folder.
    pub(super) fn name(&self) -> String {
        let name = self.folder.path().file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // What is left is removed by the next run.
        let _ = remove(self.folder.path());
        stop::unguard();
    }
}

/// Removes such a folder, its mark last, so that a kill in between leaves a folder that the next run knows.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != MARK {
            fs::remove_file(entry.path())?;
        }
    }
    let _ = fs::remove_file(folder.join(MARK));
    fs::remove_dir(folder)
}

/// Makes a folder that no other run has.
fn make(output: &Path) -> io::Result<PathBuf> {
    let name = format!("{PREFIX}{}", std::process::id());
    let mut path = output.join(&name);
    for number in 1.. {
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => {
                path = output.join(format!("{name}-{number}"));
            }
            made => return made.map(|()| path),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Removes the folders of runs that were killed; those of other users, and those that cannot be removed, are no obstacle. The
/// caller holds the lock of the output folder, so that no other run is at work.
pub(super) fn remove_left_over(output: &Path) -> io::Result<()> {
    for entry in fs::read_dir(output)? {
        let entry = entry?;
        let is_named = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !is_named || !entry.file_type()?.is_dir() {
            continue;
        }
        // A run that was killed at once has left an empty folder, without the mark.
        let _ = fs::remove_dir(entry.path());
        if is_own(&entry.path()) {
            let _ = remove(&entry.path());
        }
    }
    Ok(())
}

/// The folder of a killed run, if it is there and is one.
pub(super) fn left_over(output: &Path, name: &str) -> Option<PathBuf> {
    let path = output.join(name);
    let is_plain = name.starts_with(PREFIX) && !name.contains('/');
    (is_plain && fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) && is_own(&path))
        .then_some(path)
}

fn is_own(folder: &Path) -> bool {
    let is_mine = |path: &Path| {
        let found = fs::symlink_metadata(path);
        found.is_ok_and(|found| found.uid() == rustix::process::geteuid().as_raw())
    };
    let mark = folder.join(MARK);
    let is_marked = fs::symlink_metadata(&mark).is_ok_and(|found| found.is_file());
    // A kill may have cut it off.
    let is_text = || fs::read(&mark).is_ok_and(|text| MARK_TEXT.as_bytes().starts_with(&text));
    is_mine(folder) && is_marked && is_text()
}
