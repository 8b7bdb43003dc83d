//! From a byte of a string to the byte of the file that it was read from.

use std::ops::Range;

use super::style::ScalarStyle;

/// How many bytes of a quoted string are followed at most to find one of them.
const STRIDE: usize = 1024;

/// The way back from a string to its file, with marks on it, so that many places in a long string are found without
/// following all of it for each.
#[derive(Debug)]
pub struct Marks(Way);

#[derive(Debug)]
enum Way {
    /// Where each line begins: in the string, in the file. Behind that place the indentation is passed over.
    Lines {
        indent: usize,
        starts: Vec<(usize, usize)>,
    },
    /// Some bytes of the string, each with the byte behind the opening quote that it was read from.
    Quoted {
        unit: Unit,
        known: Vec<(usize, usize)>,
    },
    /// The string is in the file as it is.
    Same,
    /// The string cannot be followed back: folded lines, or a text that is not the one that was parsed.
    Lost,
}

/// The bytes read and the bytes meant at the beginning of what is left of a quoted string.
type Unit = fn(&str) -> Option<(usize, usize)>;

impl Marks {
    pub(super) fn new(style: ScalarStyle, text: &str, source: &Range<usize>, value: &str) -> Self {
        let way = match style {
            ScalarStyle::Literal => lines(text, source.start, value),
            ScalarStyle::DoubleQuoted => quoted(text, source, escape),
            ScalarStyle::SingleQuoted => quoted(text, source, doubled),
            ScalarStyle::Plain if text.get(source.clone()) == Some(value) => Some(Way::Same),
            ScalarStyle::Plain | ScalarStyle::Folded | ScalarStyle::None => None,
        };
        Self(way.unwrap_or(Way::Lost))
    }

    /// The byte of the file that a byte of the string was read from.
    pub(super) fn offset(
        &self,
        text: &str,
        source: &Range<usize>,
        value: &str,
        inner: usize,
    ) -> Option<usize> {
        match &self.0 {
            Way::Lines { indent, starts } => {
                let inner = inner.min(value.len());
                let (line, at) = before(starts, inner)?;
                let rest = text.get(at..)?;
                let end = at + rest.find(['\r', '\n']).unwrap_or(rest.len());
                Some((at + indent + inner - line).min(end))
                    .filter(|at| value.is_char_boundary(inner) && text.is_char_boundary(*at))
            }
            Way::Quoted { unit, known } => {
                let raw = text.get(source.clone())?;
                let mut follower = Follower {
                    raw,
                    at: before(known, inner)?,
                    unit: *unit,
                };
                while follower.at.0 < inner && follower.step(inner)? {}
                let (meant, read) = follower.at;
                (meant == inner || raw.len() == read + 1).then_some(source.start + read)
            }
            Way::Same => Some((source.start + inner).min(source.end)),
            Way::Lost => None,
        }
    }
}

/// The last mark that is not behind a byte of the string.
fn before(marks: &[(usize, usize)], inner: usize) -> Option<(usize, usize)> {
    let next = marks.partition_point(|(at, _)| *at <= inner);
    marks.get(next.checked_sub(1)?).copied()
}

/// The parser places a literal block at its first character that is neither indentation nor an empty line, so the indentation
/// is the column there, and empty lines in front stand above.
fn lines(text: &str, start: usize, value: &str) -> Option<Way> {
    let line_start = |at: usize| {
        text.get(..at)?
            .rfind('\n')
            .map_or(Some(0), |newline| Some(newline + 1))
    };
    let first = line_start(start)?;
    let empty_lines = value.len() - value.trim_start_matches('\n').len();
    let mut at = first;
    for _ in 0..empty_lines {
        at = line_start(at.checked_sub(1)?)?;
    }
    let mut starts = vec![(0, at)];
    for (newline, _) in value.match_indices('\n') {
        at += text
            .get(at..)?
            .find('\n')
            .map_or(text.len() - at, |newline| newline + 1);
        starts.push((newline + 1, at));
    }
    let indent = start - first;
    Some(Way::Lines { indent, starts })
}

fn quoted(text: &str, source: &Range<usize>, unit: Unit) -> Option<Way> {
    let raw = text.get(source.clone())?;
    let mut follower = Follower {
        raw,
        at: (0, 1),
        unit,
    };
    let mut known = vec![follower.at];
    let mut next = STRIDE;
    while follower.step(usize::MAX).unwrap_or(false) {
        if follower.at.0 >= next {
            known.push(follower.at);
            next = follower.at.0 + STRIDE;
        }
    }
    Some(Way::Quoted { unit, known })
}

/// Follows a quoted string character by character.
struct Follower<'r> {
    raw: &'r str,
    /// The bytes meant and the bytes read so far.
    at: (usize, usize),
    unit: Unit,
}

impl Follower<'_> {
    /// One character further, unless the string ends, or the character is more than is wanted.
    /// `None` where the string is not what it seemed.
    fn step(&mut self, wanted: usize) -> Option<bool> {
        let (meant, read) = self.at;
        let rest = self.raw.get(read..)?;
        if rest.len() <= 1 {
            return Some(false);
        }
        let (from, to) = match folded(rest) {
            Some(unit) => unit,
            None => (self.unit)(rest)?,
        };
        if meant + to > wanted {
            return Some(false);
        }
        self.at = (meant + to, read + from);
        Some(true)
    }
}

/// Line breaks inside quotes, with the blanks around them: one is a space, of several the first is dropped.
fn folded(rest: &str) -> Option<(usize, usize)> {
    let (read, breaks) = breaks(rest)?;
    Some((read, if breaks == 1 { 1 } else { breaks - 1 }))
}

/// The bytes of line breaks and the blanks around them, and how many breaks there are.
fn breaks(rest: &str) -> Option<(usize, usize)> {
    let text = rest.trim_start_matches([' ', '\t']);
    if !text.starts_with(['\n', '\r']) {
        return None;
    }
    let behind = text.trim_start_matches([' ', '\t', '\n', '\r']);
    let read = rest.len() - behind.len();
    let breaks = rest[..read].matches('\n').count();
    (breaks > 0).then_some((read, breaks))
}

fn doubled(rest: &str) -> Option<(usize, usize)> {
    if rest.starts_with("''") {
        return Some((2, 1));
    }
    let length = rest.chars().next()?.len_utf8();
    Some((length, length))
}

fn escape(rest: &str) -> Option<(usize, usize)> {
    let first = rest.chars().next()?;
    if first != '\\' {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let digits = match rest.as_bytes().get(1)? {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        b'N' | b'_' => return Some((2, 2)),
        b'L' | b'P' => return Some((2, 3)),
        b'\n' | b'\r' => {
            let (read, breaks) = breaks(rest.get(1..)?)?;
            return Some((1 + read, breaks - 1));
        }
        _ => return Some((2, 1)),
    };
    let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
    // A pair of surrogates, as JSON writes what lies beyond 16 bits.
    Some(char::from_u32(code).map_or((12, 4), |meant| (2 + digits, meant.len_utf8())))
}
