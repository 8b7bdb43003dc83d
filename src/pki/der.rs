//! Just enough DER to take private keys apart without copying them.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// Reads one element after the other; `None` stands for anything that is not well-formed DER.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The inside of a sequence that is all there is in `bytes`.
    pub(super) fn of_sequence(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = Self(bytes);
        let inside = outer.take(SEQUENCE)?;
        outer.0.is_empty().then_some(Self(inside))
    }

    /// The tag of the next element.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.next()?;
        (found == tag).then_some(content)
    }

    /// The content of the next element if it has this tag; otherwise nothing is read.
    pub(super) fn take_if(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.peek()? == tag {
            self.take(tag)
        } else {
            None
        }
    }

    /// The bytes of the next element, which must be a bit string without unused bits.
    pub(super) fn take_bits(&mut self) -> Option<&'a [u8]> {
        match self.take(BIT_STRING)? {
            [0, bytes @ ..] => Some(bytes),
            _ => None,
        }
    }

    /// The next element, which must be a non-negative integer, without leading zeros.
    pub(super) fn take_unsigned(&mut self) -> Option<&'a [u8]> {
        let content = self.take(INTEGER)?;
        let negative = content.first().is_none_or(|first| first & 0x80 != 0);
        (!negative).then(|| without_leading_zeros(content))
    }

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (length, rest) = split_length(rest)?;
        let content = rest.get(..length)?;
        self.0 = rest.get(length..)?;
        Some((tag, content))
    }
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
    let count = usize::from(first & 0x7f);
    // Certificates and keys never need more than three length bytes; 0x80 alone is BER's open length.
    if count == 0 || count > 3 {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits
        .iter()
        .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
    Some((length, rest))
}

/// The digits of a big-endian number that count.
pub(super) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|digit| **digit == 0).count();
    number.get(zeros..).unwrap_or_default()
}
