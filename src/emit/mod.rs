//! Emitting: bytes into a folder, or onto standard output. Everything is written aside first, so
//! that an error leaves what was there, and then renamed into place.

pub mod terraform;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, Write};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::compile::index::Index;

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

/// Files on their way into a folder.
pub struct Staging {
    aside: tempfile::TempDir,
    folder: Option<PathBuf>,
    files: BTreeMap<String, bool>,
    order: Vec<String>,
}

impl Staging {
    /// Files for a folder, which is made if need be; without one, for standard output.
    ///
    /// # Errors
    /// If the folder cannot be made or written into.
    pub fn new(folder: Option<&Path>) -> io::Result<Self> {
        let aside = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                tempfile::Builder::new()
                    .prefix(".meshgen-")
                    .tempdir_in(folder)?
            }
            None => tempfile::tempdir()?,
        };
        Ok(Self {
            aside,
            folder: folder.map(Path::to_path_buf),
            files: BTreeMap::new(),
            order: Vec::new(),
        })
    }

    /// Whether the files go into a folder.
    pub fn has_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Writes a file aside and gives the SHA-256 of its bytes, hexadecimal. `private` files get mode 0600.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add<'t>(
        &mut self,
        path: &str,
        private: bool,
        pieces: impl Iterator<Item = &'t str>,
    ) -> io::Result<String> {
        let file = NamedTempFile::new_in(self.aside.path())?;
        let mut out = io::BufWriter::new(file);
        let mut digest = Sha256::new();
        for piece in pieces {
            digest.update(piece.as_bytes());
            out.write_all(piece.as_bytes())?;
        }
        let file = out.into_inner().map_err(|error| error.into_error())?;
        let target = self.aside.path().join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        set_mode(file.path(), private)?;
        file.persist(&target).map_err(|error| error.error)?;
        self.files.insert(path.to_owned(), private);
        self.order.push(path.to_owned());
        Ok(hex(&digest.finalize()))
    }

    /// Copies the files to a writer in the order in which they were added, each after `---` and its name.
    ///
    /// # Errors
    /// If the writer fails.
    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        for path in &self.order {
            write!(out, "---\n# meshgen: {path}\n")?;
            let mut file = std::fs::File::open(self.aside.path().join(path))?;
            file.rewind()?;
            io::copy(&mut file, out)?;
        }
        Ok(())
    }

    /// Renames everything into the folder. Files of `before` that are no longer made are removed.
    ///
    /// # Errors
    /// If a file cannot be renamed or removed.
    pub fn commit(self, before: &BTreeMap<String, String>) -> io::Result<Written> {
        let Some(folder) = &self.folder else {
            return Ok(Written::default());
        };
        let mut done = Written::default();
        for (path, private) in &self.files {
            let (from, to) = (self.aside.path().join(path), folder.join(path));
            if same_bytes(&from, &to)? {
                set_mode(&to, *private)?;
                done.unchanged += 1;
                continue;
            }
            if let Some(parent) = to.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::rename(&from, &to)?;
            done.written += 1;
        }
        let made: BTreeSet<&String> = self.files.keys().collect();
        for (path, sha256) in before {
            if !made.contains(path) && remove_own(folder, path, sha256)? {
                done.removed += 1;
            }
        }
        Ok(done)
    }
}

/// The index of an earlier run in a folder, if there is one that can be read.
pub fn earlier_index(folder: &Path) -> Option<Index> {
    let text = std::fs::read_to_string(folder.join("index.json")).ok()?;
    serde_json::from_str(&text).ok()
}

/// SHA-256 of a text in pieces, as hexadecimal.
fn sha256<'t>(pieces: impl Iterator<Item = &'t str>) -> String {
    let mut digest = Sha256::new();
    pieces.for_each(|piece| digest.update(piece.as_bytes()));
    hex(&digest.finalize())
}

/// SHA-256 as hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
    Ok(hex(&digest.finalize()))
}

fn same_bytes(a: &Path, b: &Path) -> io::Result<bool> {
    let (Ok(mut a), Ok(mut b)) = (std::fs::File::open(a), std::fs::File::open(b)) else {
        return Ok(false);
    };
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
fn set_mode(path: &Path, private: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if private { 0o600 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: bool) -> io::Result<()> {
    Ok(())
}
