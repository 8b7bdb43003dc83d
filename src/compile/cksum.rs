//! The sum that POSIX `cksum` prints, by which a script sees whether a text is the one that was rendered.

/// A sum that is being made, of a text as `$(...)` of a shell holds it: without the line ends at its end.
#[derive(Debug, Default)]
pub(crate) struct Cksum {
    crc: u32,
    length: u64,
    /// Line ends that count only if something follows.
    line_ends: u64,
}

impl Cksum {
    /// Adds a piece of the text.
    pub(crate) fn add(&mut self, text: &str) {
        let body = text.trim_end_matches('\n');
        if !body.is_empty() {
            for _ in 0..std::mem::take(&mut self.line_ends) {
                self.byte(b'\n');
            }
            body.bytes().for_each(|byte| self.byte(byte));
        }
        self.line_ends += (text.len() - body.len()) as u64;
    }

    /// Adds bytes of a file, in which every line end counts.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.byte(*byte));
    }

    fn byte(&mut self, byte: u8) {
        self.length += 1;
        self.shift(byte);
    }

    fn shift(&mut self, byte: u8) {
        let at = (self.crc >> 24) as u8 ^ byte;
        self.crc = (self.crc << 8) ^ TABLE[usize::from(at)];
    }

    /// As `cksum` prints it: the sum and the number of bytes.
    pub(crate) fn finish(mut self) -> String {
        let mut rest = self.length;
        while rest > 0 {
            self.shift((rest & 0xff) as u8);
            rest >>= 8;
        }
        format!("{} {}", !self.crc, self.length)
    }
}

/// The sum of a whole text.
pub(crate) fn cksum(text: &str) -> String {
    let mut sum = Cksum::default();
    sum.add(text);
    sum.finish()
}

static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            let carry = crc & 0x8000_0000 != 0;
            crc <<= 1;
            if carry {
                crc ^= 0x04c1_1db7;
            }
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

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
