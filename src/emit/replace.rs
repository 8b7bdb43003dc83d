//! One file that is the user's own, replaced at once: no reader sees half of it.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Mode of a file that is new, which the umask may narrow.
const NEW: u32 = 0o644;

/// The part of a mode that a new file takes over: not that it runs as its owner or group.
const RIGHTS: u32 = 0o777;

/// Writes a file beside its place and renames it there. A file that is replaced keeps its mode; of a symbolic link the file
/// that it leads to is replaced.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let real = match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => fs::canonicalize(path)?,
        _ => path.to_path_buf(),
    };
    let folder = real
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut making = tempfile::Builder::new();
    making
        .prefix(".meshgen-")
        .permissions(Permissions::from_mode(NEW));
    let mut file = making.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    if let Ok(found) = fs::metadata(&real) {
        let mode = found.permissions().mode() & RIGHTS;
        file.as_file()
            .set_permissions(Permissions::from_mode(mode))?;
    }
    file.as_file().sync_all()?;
    file.persist(&real).map_err(|error| error.error)?;
    Ok(())
}
