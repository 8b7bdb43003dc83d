//! A file that is hashed while it is written.

use std::fs::File;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// Bytes that are written and hashed at once.
const PIECE: usize = 64 << 10;

/// A file on its way; `seal` ends it.
pub(crate) struct Sealed<'f> {
    file: &'f mut File,
    piece: Vec<u8>,
    digest: Sha256,
}

impl<'f> Sealed<'f> {
    /// Writes to the end of a file.
    pub(super) fn new(file: &'f mut File) -> Self {
        Self {
            file,
            piece: Vec::new(),
            digest: Sha256::new(),
        }
    }

    /// Writes what is left, and gives the SHA-256 of all bytes, hexadecimal.
    pub(super) fn seal(mut self) -> io::Result<String> {
        self.flush()?;
        Ok(hex::encode(self.digest.finalize()))
    }
}

impl Write for Sealed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.is_empty() && bytes.len() >= PIECE {
            self.digest.update(bytes);
            self.file.write_all(bytes)?;
            return Ok(bytes.len());
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.digest.update(&self.piece);
        self.file.write_all(&self.piece)?;
        self.piece.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;

    #[test]
    fn bytes_and_digest_are_those_of_what_was_written() {
        let lengths = [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 7];
        let parts = [1000, PIECE + 1, 2 * PIECE];
        for (length, part) in lengths
            .into_iter()
            .flat_map(|length| parts.map(|part| (length, part)))
        {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let mut file = tempfile::tempfile().expect("a file");
            let mut sealed = Sealed::new(&mut file);
            for part in bytes.chunks(part) {
                sealed.write_all(part).expect("written");
            }
            let digest = sealed.seal().expect("sealed");
            assert_eq!(
                digest,
                hex::encode(Sha256::digest(&bytes)),
                "{length} bytes by {part}"
            );
            let mut found = Vec::new();
            file.rewind().expect("rewound");
            file.read_to_end(&mut found).expect("read");
            assert!(found == bytes, "{length} bytes by {part}");
        }
    }
}
