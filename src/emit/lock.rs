//! One run at a time in a folder.

use std::fs::{File, TryLockError};
use std::io;
use std::time::{Duration, Instant};

use super::folder::OpenFolder;

/// How long a run waits for another.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits for the folder. The lock is on the folder itself, so that no file for it is left.
pub(super) fn acquire(folder: &OpenFolder) -> io::Result<File> {
    hold(File::from(folder.handle().try_clone()?))
}

/// Waits for a folder that was opened.
pub(crate) fn hold(handle: File) -> io::Result<File> {
    let end = Instant::now() + PATIENCE;
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(handle),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                return Err(io::Error::other(
                    "another meshgen has been writing into this folder for 10 seconds; run this again when it is done",
                ));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
}
