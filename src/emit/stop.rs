//! Signals: what waits aside is removed before the program ends. Once renaming has begun, it is brought to its end first.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The folder to remove, and how.
static GUARDED: Mutex<Option<(PathBuf, Remove)>> = Mutex::new(None);
/// Whether a signal has come: no new file is begun then.
static STOPPED: AtomicBool = AtomicBool::new(false);
static LISTENING: Once = Once::new();

/// Removes a folder.
pub(super) type Remove = fn(&Path) -> io::Result<()>;

/// Makes a folder that is removed if a signal comes. A signal that comes meanwhile waits until the folder is made.
pub(super) fn guarded(
    make: impl FnOnce() -> io::Result<PathBuf>,
    remove: Remove,
) -> io::Result<PathBuf> {
    LISTENING.call_once(listen);
    let mut guarded = GUARDED.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = make()?;
    *guarded = Some((folder.clone(), remove));
    Ok(folder)
}

/// Does what must not be half done. A signal that comes meanwhile ends the run afterwards.
pub(crate) fn whole<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    LISTENING.call_once(listen);
    let done = work()?;
    if is_stopped() {
        return Err(io::Error::new(
            io::ErrorKind::Interrupted,
            "stopped by a signal",
        ));
    }
    Ok(done)
}

/// From here on a signal no longer removes anything: the folder is gone, or its files are being renamed.
pub(super) fn unguard() {
    *GUARDED.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// Whether a signal has come.
pub(super) fn is_stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

fn listen() {
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else {
        return;
    };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // Held until the program ends, so that renaming does not begin meanwhile.
            let guarded = GUARDED.lock().unwrap_or_else(PoisonError::into_inner);
            STOPPED.store(true, Ordering::SeqCst);
            if let Some((folder, remove)) = &*guarded {
                insist(folder, *remove);
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    });
}

/// Other threads may be in the middle of a file, so it may take more than once.
fn insist(folder: &Path, remove: Remove) {
    for _ in 0..200 {
        let _ = remove(folder);
        if !folder.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
