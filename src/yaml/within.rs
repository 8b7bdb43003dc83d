//! From a byte of a string to the byte of the file that it was read from.

use std::ops::Range;

use super::style::ScalarStyle;

/// `None` where the string cannot be followed back: folded lines, or a text that is not the one that was parsed.
pub(super) fn offset(
    style: ScalarStyle,
    text: &str,
    source: &Range<usize>,
    value: &str,
    inner: usize,
) -> Option<usize> {
    match style {
        ScalarStyle::Literal => literal(text, source.start, value, inner),
        ScalarStyle::DoubleQuoted => walk(text, source, inner, escape),
        ScalarStyle::SingleQuoted => walk(text, source, inner, doubled),
        ScalarStyle::Plain if text.get(source.clone())? == value => {
            Some((source.start + inner).min(source.end))
        }
        ScalarStyle::Plain | ScalarStyle::Folded | ScalarStyle::None => None,
    }
}

/// The parser places a literal block at its first character that is neither indentation nor an empty line, so the indentation
/// is the column there, and empty lines in front stand above.
fn literal(text: &str, start: usize, value: &str, inner: usize) -> Option<usize> {
    let line_start = |at: usize| {
        text.get(..at)?
            .rfind('\n')
            .map_or(Some(0), |newline| Some(newline + 1))
    };
    let first = line_start(start)?;
    let indent = start - first;
    let empty_lines = value.len() - value.trim_start_matches('\n').len();
    let before = value.get(..inner.min(value.len()))?;
    let line = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);

    let mut at = first;
    for _ in line..empty_lines {
        at = line_start(at.checked_sub(1)?)?;
    }
    for _ in empty_lines..line {
        at += text
            .get(at..)?
            .find('\n')
            .map_or(text.len() - at, |newline| newline + 1);
    }
    let rest = text.get(at..)?;
    let end = at + rest.find(['\r', '\n']).unwrap_or(rest.len());
    Some((at + indent + column).min(end)).filter(|at| text.is_char_boundary(*at))
}

/// Follows a quoted string character by character. `unit` gives the bytes read and the bytes meant.
fn walk(
    text: &str,
    source: &Range<usize>,
    inner: usize,
    unit: fn(&str) -> Option<(usize, usize)>,
) -> Option<usize> {
    let raw = text.get(source.clone())?;
    let mut read = 1;
    let mut meant = 0;
    while meant < inner {
        let rest = raw.get(read..)?;
        // A line break inside quotes is folded.
        if rest.len() <= 1 || rest.starts_with(['\n', '\r']) {
            break;
        }
        let (from, to) = unit(rest)?;
        if meant + to > inner {
            break;
        }
        read += from;
        meant += to;
    }
    (meant == inner || raw.len() == read + 1).then_some(source.start + read)
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
        b'\n' | b'\r' => return None,
        _ => return Some((2, 1)),
    };
    let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
    // A pair of surrogates, as JSON writes what lies beyond 16 bits.
    Some(char::from_u32(code).map_or((12, 4), |meant| (2 + digits, meant.len_utf8())))
}
