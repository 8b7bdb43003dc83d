//! What takes the files.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::OutputError;

/// Writes the bytes of a file.
pub(crate) type Write<'w> = &'w mut dyn FnMut(&mut dyn io::Write) -> Result<(), OutputError>;

/// Who may use a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone.
    Private,
    /// Whoever the umask lets read it.
    Public,
    /// Whoever the umask lets run it.
    Script,
}

/// What takes the files, in their order.
pub trait Sink: Sync {
    /// Takes a file and gives the SHA-256 of its bytes, hexadecimal.
    ///
    /// # Errors
    /// If the file cannot be made or written.
    fn add(&self, path: &str, access: Access, write: Write<'_>) -> Result<String, OutputError>;

    /// Whether it takes everything: pages for people, tables and packet filters too, not only YAML and JSON.
    fn takes_pages(&self) -> bool;

    /// Makes something of every item, in the order of the items; side by side where the order of the files does not show.
    fn each<T: Sync, M: Send>(&self, items: &[T], make: impl Fn(&T) -> M + Sync + Send) -> Vec<M> {
        items.iter().map(make).collect()
    }
}

/// Keeps the files in memory, for tests and for answers that hold them.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Memory {
    /// The files by their paths.
    pub fn into_files(self) -> BTreeMap<String, Vec<u8>> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Memory {
    fn add(&self, path: &str, _: Access, write: Write<'_>) -> Result<String, OutputError> {
        let mut bytes = Vec::new();
        write(&mut bytes)?;
        let digest = hex::encode(Sha256::digest(&bytes));
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), bytes);
        Ok(digest)
    }

    fn takes_pages(&self) -> bool {
        true
    }
}
