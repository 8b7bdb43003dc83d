//! The output folder, reached by handles: below it no symbolic link is followed, and nothing but regular files is opened.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::output::Access;

/// Mode of folders, which the umask may narrow.
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o755);
/// Mode of files that only their owner may read.
const PRIVATE: Mode = Mode::from_raw_mode(0o600);
/// Mode of all other files, which the umask may narrow.
const PUBLIC: Mode = Mode::from_raw_mode(0o644);
/// Everything that `chmod` sets.
const ALL_BITS: Mode = Mode::from_raw_mode(0o7777);
/// The same without set-user-ID, set-group-ID and sticky bit.
const RIGHTS: Mode = Mode::from_raw_mode(0o777);
/// Mode of scripts, which the umask may narrow.
const SCRIPT: Mode = Mode::from_raw_mode(0o755);

fn mode(access: Access) -> Mode {
    match access {
        Access::Private => PRIVATE,
        Access::Public => PUBLIC,
        Access::Script => SCRIPT,
    }
}

/// What stands at a path below the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathState {
    /// Nothing.
    Nothing,
    /// A regular file, with the SHA-256 of its bytes.
    File(String),
    /// Anything else, or a part of the way to it that is no folder.
    Other(&'static str),
}

/// A folder, opened.
pub(super) struct OpenFolder {
    path: PathBuf,
    handle: OwnedFd,
}

impl OpenFolder {
    /// Opens a folder, and makes it where there is none. Its own path may be a symbolic link: it is what the user typed.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if std::fs::metadata(path).is_err() {
            make_all(path)?;
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self {
            path: path.to_path_buf(),
            handle,
        })
    }

    /// Its path, as the user typed it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its handle.
    pub(super) fn handle(&self) -> &OwnedFd {
        &self.handle
    }

    /// What stands at a relative path.
    pub(super) fn find(&self, path: &str) -> io::Result<PathState> {
        let (parents, name) = split(path);
        let parent = match self.descend(&parents, false) {
            Ok(parent) => parent,
            Err(error) => return no_way(error),
        };
        match rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(PathState::Nothing),
            Err(error) => Err(error.into()),
            Ok(stat) => match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Ok(PathState::File(digest(open_file(&parent, name)?)?)),
                FileType::Directory => Ok(PathState::Other("a folder")),
                FileType::Symlink => Ok(PathState::Other("a symbolic link")),
                FileType::Fifo => Ok(PathState::Other("a FIFO")),
                FileType::Socket => Ok(PathState::Other("a socket")),
                _ => Ok(PathState::Other("a device")),
            },
        }
    }

    /// Whether anything stands at a relative path.
    pub(super) fn has(&self, path: &str) -> io::Result<bool> {
        let (parents, name) = split(path);
        let parent = match self.descend(&parents, false) {
            Ok(parent) => parent,
            Err(error) => return Ok(no_way(error)? != PathState::Nothing),
        };
        match rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The text of a regular file.
    pub(super) fn read(&self, path: &str) -> io::Result<String> {
        let (parents, name) = split(path);
        let parent = self.descend(&parents, false)?;
        let mut text = String::new();
        open_file(&parent, name)?.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Makes a new file with a mode, and the folders on the way to it.
    pub(super) fn create(&self, path: &str, access: Access) -> io::Result<File> {
        let (parents, name) = split(path);
        let parent = self.descend(&parents, true)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(parent, name, flags, mode(access))?.into())
    }

    /// Moves a file from another folder of the same file system to a path here.
    pub(super) fn take(&self, from: &Self, path: &str) -> io::Result<()> {
        let (parents, name) = split(path);
        let source = from.descend(&parents, false)?;
        let target = self.descend(&parents, true)?;
        Ok(rustix::fs::renameat(source, name, target, name)?)
    }

    /// Takes from a file that stays what it must not have, and never gives any right: that it runs as its owner or group, and of
    /// a private one the rights of others.
    pub(super) fn narrow(&self, path: &str, access: Access) -> io::Result<()> {
        let (parents, name) = split(path);
        let file = open_file(&self.descend(&parents, false)?, name)?;
        let mode = Mode::from_raw_mode(rustix::fs::fstat(&file)?.st_mode) & ALL_BITS;
        let kept = match access {
            Access::Private => mode & Mode::RWXU,
            Access::Public | Access::Script => mode & RIGHTS,
        };
        if kept != mode {
            rustix::fs::fchmod(&file, kept)?;
        }
        Ok(())
    }

    /// The rights of an existing file, so that one that replaces it has no more.
    pub(super) fn limit(&self, path: &str, new: &File) -> io::Result<()> {
        let (parents, name) = split(path);
        let old = rustix::fs::statat(
            self.descend(&parents, false)?,
            name,
            AtFlags::SYMLINK_NOFOLLOW,
        )?;
        let old = Mode::from_raw_mode(old.st_mode);
        let mode = Mode::from_raw_mode(rustix::fs::fstat(new)?.st_mode) & RIGHTS;
        // The owner must be able to read and replace it.
        let kept = mode & (old | Mode::RUSR | Mode::WUSR);
        if kept != mode {
            rustix::fs::fchmod(new, kept)?;
        }
        Ok(())
    }

    /// Opens a regular file to read it.
    pub(super) fn file(&self, path: &str) -> io::Result<File> {
        let (parents, name) = split(path);
        open_file(&self.descend(&parents, false)?, name)
    }

    /// Removes a file, and the folders above it that are empty then.
    pub(super) fn remove(&self, path: &str) -> io::Result<()> {
        let (parents, name) = split(path);
        rustix::fs::unlinkat(self.descend(&parents, false)?, name, AtFlags::empty())?;
        for length in (1..=parents.len()).rev() {
            let (above, empty) = (&parents[..length - 1], parents[length - 1]);
            let above = self.descend(above, false)?;
            // A folder that holds something else stays; that is no error.
            if rustix::fs::unlinkat(above, empty, AtFlags::REMOVEDIR).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Waits until everything that was written here is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&self.handle)?;
        #[cfg(not(target_os = "linux"))]
        rustix::fs::fsync(&self.handle)?;
        Ok(())
    }

    /// The folder at the end of a way, folder by folder. A symbolic link on the way is an error.
    fn descend(&self, way: &[&str], make: bool) -> io::Result<OwnedFd> {
        let mut folder = self.handle.try_clone()?;
        for name in way {
            if make {
                match rustix::fs::mkdirat(&folder, *name, FOLDER_MODE) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            folder = rustix::fs::openat(&folder, *name, flags, Mode::empty())?;
            if make {
                deny_others(&folder)?;
            }
        }
        Ok(folder)
    }
}

/// Takes from others the right to write into a folder that files of this program go into. A folder of another owner stays.
fn deny_others(folder: &OwnedFd) -> io::Result<()> {
    let mode = Mode::from_raw_mode(rustix::fs::fstat(folder)?.st_mode);
    let others = Mode::WGRP | Mode::WOTH;
    if !mode.intersects(others) {
        return Ok(());
    }
    let narrowed = (mode & ALL_BITS) - others;
    match rustix::fs::fchmod(folder, narrowed) {
        Ok(()) | Err(Errno::PERM) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Makes a folder and those above it, none of which others may write into.
fn make_all(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
}

fn no_way(error: io::Error) -> io::Result<PathState> {
    match Errno::from_io_error(&error) {
        Some(Errno::NOENT) => Ok(PathState::Nothing),
        Some(Errno::NOTDIR | Errno::LOOP | Errno::MLINK) => {
            Ok(PathState::Other("below a symbolic link or a file"))
        }
        _ => Err(error),
    }
}

fn split(path: &str) -> (Vec<&str>, &str) {
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    (parts, name)
}

/// Opens what must be a regular file. Opening a FIFO or device in its place does not block.
fn open_file(parent: &OwnedFd, name: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file: File = rustix::fs::openat(parent, name, flags, Mode::empty())?.into();
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("this is no regular file"));
    }
    Ok(file)
}

fn digest(mut file: File) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut file, &mut digest)?;
    Ok(hex::encode(digest.finalize()))
}
