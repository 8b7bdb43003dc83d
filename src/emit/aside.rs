//! The folder in which files wait until all are made.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::TempDir;

/// How these folders' names begin.
const PREFIX: &str = ".meshgen-";

/// A folder inside the output folder, so that files can be renamed out of it. It goes when it is dropped.
pub(super) struct Aside {
    folder: TempDir,
    /// Held for as long as the folder is in use: the system lets go of it however the program ends.
    _lock: Option<File>,
}

impl Aside {
    /// Makes one, and removes those of runs that were killed.
    pub(super) fn new(output: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(output)?;
        remove_left_over(output)?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.prefix(PREFIX).tempdir_in(output)?;
        let lock = lock(folder.path());
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn remove_left_over(output: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(output)? {
        let entry = entry?;
        let is_aside = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_aside && entry.file_type()?.is_dir() && lock(&entry.path()).is_some() {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The lock on a folder, unless a run that is still at work holds it, or the system has no such locks.
fn lock(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.try_lock().ok()?;
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_that_nobody_uses_are_removed() {
        let output = tempfile::tempdir().expect("a folder");
        let killed = output.path().join(".meshgen-killed");
        std::fs::create_dir_all(killed.join("clusters/a")).expect("made");
        std::fs::write(killed.join("clusters/a/20-patch.yaml"), "").expect("made");
        std::fs::write(output.path().join(".meshgen-file"), "").expect("made");
        let first = Aside::new(output.path()).expect("made");
        assert!(!killed.exists());
        let second = Aside::new(output.path()).expect("made");
        assert!(first.path().exists() && second.path().exists());
        drop((first, second));
        assert_eq!(std::fs::read_dir(output.path()).expect("read").count(), 1);
    }
}
