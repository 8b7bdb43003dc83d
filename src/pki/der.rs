//! DER as Go's crypto/x509 reads it. Certificates and keys come from users, and what counts is whether Cilium, which is
//! written in Go, can read them: a laxer reader would pass what fails in the cluster, a stricter one refuse what works.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// `[number]`, primitive.
pub(super) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// `[number]` around other elements.
pub(super) const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// Reads one element after the other; `None` stands for anything that Go refuses.
#[derive(Clone, Copy)]
pub(super) struct DerReader<'a>(&'a [u8]);

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// Without tag and length.
    pub(super) content: &'a [u8],
    /// With them.
    pub(super) whole: &'a [u8],
}

/// The bits of a BIT STRING.
pub(super) struct Bits<'a> {
    pub(super) bytes: &'a [u8],
    /// How many bits of the last byte are none.
    pub(super) unused: u8,
}

impl<'a> DerReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The tag of the next element.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, of any tag.
    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        // Tags of more than one byte are in no certificate.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = split_length(rest)?;
        let (content, behind) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - behind.len())?;
        self.0 = behind;
        Some(Element {
            tag,
            content,
            whole,
        })
    }

    /// The next element, which must have this tag.
    pub(super) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element(tag).map(|element| element.content)
    }

    /// A reader of what is inside the next element, which must have this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Self)
    }

    /// The content of the next element if it has this tag: `Some(None)` where it has another.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.peek() == Some(tag) {
            self.take(tag).map(Some)
        } else {
            Some(None)
        }
    }

    pub(super) fn boolean(&mut self) -> Option<bool> {
        match self.take(BOOLEAN)? {
            [0] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    /// The next element, which must be an integer in as few bytes as possible; two's complement.
    pub(super) fn integer(&mut self) -> Option<&'a [u8]> {
        self.take(INTEGER).filter(|digits| is_shortest(digits))
    }

    /// The next element, which must be a positive integer; without leading zeros.
    pub(super) fn positive(&mut self) -> Option<&'a [u8]> {
        let digits = self.integer().filter(|digits| !is_negative(digits))?;
        Some(without_leading_zeros(digits)).filter(|digits| !digits.is_empty())
    }

    /// The next element, which must be an object identifier.
    pub(super) fn oid(&mut self) -> Option<&'a [u8]> {
        self.take(OBJECT_ID).filter(|oid| is_oid(oid))
    }

    /// The next element, which must be a bit string whose unused bits are zero.
    pub(super) fn bits(&mut self) -> Option<Bits<'a>> {
        let (&unused, bytes) = self.take(BIT_STRING)?.split_first()?;
        let is_clean = match bytes.last() {
            None => unused == 0,
            Some(last) => unused <= 7 && last & ((1 << unused) - 1) == 0,
        };
        is_clean.then_some(Bits { bytes, unused })
    }
}

impl Bits<'_> {
    /// The bits as a number's bytes, the unused ones shifted out.
    pub(super) fn right_aligned(&self) -> Vec<u8> {
        let mut carried = 0;
        let shift = |byte: &u8| {
            let shifted = (u16::from(carried) << 8 | u16::from(*byte)) >> self.unused;
            carried = *byte;
            u8::try_from(shifted & 0xff).unwrap_or_default()
        };
        self.bytes.iter().map(shift).collect()
    }

    /// Whether a bit is there and set; the first is 0.
    pub(super) fn at(&self, bit: usize) -> bool {
        let inside = bit < self.bytes.len() * 8 - usize::from(self.unused);
        let byte = self.bytes.get(bit / 8).copied().unwrap_or_default();
        inside && byte >> (7 - bit % 8) & 1 == 1
    }
}

/// A small number out of the digits of an integer; `None` if it is negative or has more than 63 bits.
pub(super) fn small(digits: &[u8]) -> Option<u64> {
    if is_negative(digits) || digits.len() > 8 {
        return None;
    }
    let add = |sum, digit: &u8| sum << 8 | u64::from(*digit);
    Some(digits.iter().fold(0, add))
}

fn is_shortest(digits: &[u8]) -> bool {
    match digits {
        [] => false,
        [0, second, ..] => second & 0x80 != 0,
        [0xff, second, ..] => second & 0x80 == 0,
        _ => true,
    }
}

pub(super) fn is_negative(digits: &[u8]) -> bool {
    digits.first().is_some_and(|first| first & 0x80 != 0)
}

/// Numbers of up to 31 bits in as few bytes as possible; Go refuses larger ones.
fn is_oid(bytes: &[u8]) -> bool {
    let (mut number, mut is_inside) = (0_u32, false);
    for byte in bytes {
        if number >= 1 << 24 || !is_inside && *byte == 0x80 {
            return false;
        }
        number = number << 7 | u32::from(byte & 0x7f);
        is_inside = byte & 0x80 != 0;
        number = if is_inside { number } else { 0 };
    }
    !bytes.is_empty() && !is_inside
}

/// How the length that the outermost element claims compares with the bytes there are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Exact,
    TooShort,
    Other,
}

/// Whether `bytes` is one whole sequence, or the beginning of one.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    match bytes.split_first() {
        None => Extent::TooShort,
        Some((&SEQUENCE, rest)) => match split_length(rest) {
            Some((length, content)) if length > content.len() => Extent::TooShort,
            Some((length, content)) if length == content.len() => Extent::Exact,
            None if rest.len() < 4 => Extent::TooShort,
            _ => Extent::Other,
        },
        Some(_) => Extent::Other,
    }
}

fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    // 0x80 alone is BER's open length.
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits
        .iter()
        .fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit));
    let is_shortest = length >= 0x80 && digits.first() != Some(&0);
    is_shortest.then_some((length, rest))
}

/// The digits of a big-endian number that count.
pub(super) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|digit| **digit == 0).count();
    number.get(zeros..).unwrap_or_default()
}
