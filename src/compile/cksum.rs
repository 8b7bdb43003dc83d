//! The sum that POSIX `cksum` prints, by which a script sees whether a text is the one that was rendered.

use crc_fast::{CrcAlgorithm, Digest};

/// A sum that is being made, of a text as `$(...)` of a shell holds it: without the line ends at its end.
pub(crate) struct Cksum {
    crc: Digest,
    length: u64,
    /// Line ends that count only if something follows.
    line_ends: u64,
}

impl Default for Cksum {
    fn default() -> Self {
        Self {
            crc: Digest::new(CrcAlgorithm::Crc32Cksum),
            length: 0,
            line_ends: 0,
        }
    }
}

impl Cksum {
    /// Adds a piece of the text.
    pub(crate) fn add(&mut self, text: &str) {
        let body = text.trim_end_matches('\n');
        if !body.is_empty() {
            for _ in 0..std::mem::take(&mut self.line_ends) {
                self.add_bytes(b"\n");
            }
            self.add_bytes(body.as_bytes());
        }
        self.line_ends += (text.len() - body.len()) as u64;
    }

    /// Adds bytes of a file, in which every line end counts.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.crc.update(bytes);
    }

    /// As `cksum` prints it: the sum, which is over the number of bytes too, and that number.
    pub(crate) fn finish(mut self) -> String {
        let bytes = self.length.to_le_bytes();
        let zeros = self.length.leading_zeros() as usize / 8;
        self.crc.update(&bytes[..bytes.len() - zeros]);
        format!("{} {}", self.crc.finalize(), self.length)
    }
}

/// The sum of a whole text.
pub(crate) fn cksum(text: &str) -> String {
    let mut sum = Cksum::default();
    sum.add(text);
    sum.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums that GNU `cksum` prints.
    #[test]
    fn it_is_the_sum_of_posix() {
        assert_eq!(cksum(""), "4294967295 0");
        assert_eq!(cksum("123456789"), "930766865 9");
        assert_eq!(cksum("a\nb\n\n"), cksum("a\nb"));
        let mut pieces = Cksum::default();
        for piece in ["a\n", "\n", "b", "\n"] {
            pieces.add(piece);
        }
        assert_eq!(pieces.finish(), cksum("a\n\nb"));
    }
}
