//! A file that is hashed while it is written.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};

/// Bytes that are written and hashed at once.
const PIECE: usize = 256 << 10;

/// A file on its way; `seal` ends it.
pub struct Sealed<'f> {
    file: &'f mut File,
    piece: Vec<u8>,
    hasher: Hasher,
}

impl<'f> Sealed<'f> {
    /// Writes to the end of a file.
    pub(super) fn new(file: &'f mut File) -> Self {
        Self {
            file,
            piece: Vec::new(),
            hasher: Hasher::Here(Sha256::new()),
        }
    }

    /// Writes what is left, and gives the SHA-256 of all bytes, hexadecimal.
    pub(super) fn seal(self) -> io::Result<String> {
        self.file.write_all(&self.piece)?;
        Ok(hex(&self.hasher.last(&self.piece)?))
    }
}

impl Write for Sealed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Arc::new(std::mem::replace(
            &mut self.piece,
            Vec::with_capacity(PIECE),
        ));
        self.hasher.add(&piece)?;
        self.file.write_all(&piece)
    }
}

/// Hashes here what fits into one piece, and long files beside the writing.
enum Hasher {
    Here(Sha256),
    Beside {
        pieces: SyncSender<Arc<Vec<u8>>>,
        thread: JoinHandle<Sha256>,
    },
}

impl Hasher {
    fn add(&mut self, piece: &Arc<Vec<u8>>) -> io::Result<()> {
        if let Self::Here(digest) = self {
            *self = Self::beside(std::mem::take(digest));
        }
        match self {
            Self::Here(_) => Ok(()),
            Self::Beside { pieces, .. } => pieces.send(Arc::clone(piece)).map_err(io::Error::other),
        }
    }

    fn beside(mut digest: Sha256) -> Self {
        let (pieces, queue) = sync_channel::<Arc<Vec<u8>>>(2);
        let thread = std::thread::spawn(move || {
            for piece in queue {
                digest.update(&*piece);
            }
            digest
        });
        Self::Beside { pieces, thread }
    }

    fn last(self, piece: &[u8]) -> io::Result<Vec<u8>> {
        let mut digest = match self {
            Self::Here(digest) => digest,
            Self::Beside { pieces, thread } => {
                drop(pieces);
                thread
                    .join()
                    .map_err(|_| io::Error::other("hashing failed"))?
            }
        };
        digest.update(piece);
        Ok(digest.finalize().to_vec())
    }
}

/// Bytes as hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;

    #[test]
    fn bytes_and_digest_are_those_of_what_was_written() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let mut file = tempfile::tempfile().expect("a file");
            let mut sealed = Sealed::new(&mut file);
            for part in bytes.chunks(1000) {
                sealed.write_all(part).expect("written");
            }
            let digest = sealed.seal().expect("sealed");
            assert_eq!(digest, hex(&Sha256::digest(&bytes)), "{length} bytes");
            let mut found = Vec::new();
            file.rewind().expect("rewound");
            file.read_to_end(&mut found).expect("read");
            assert!(found == bytes, "{length} bytes");
        }
    }
}
