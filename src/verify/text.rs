//! From the bytes of a saved output to plain lines: what terminals and editors add is taken away.

use std::borrow::Cow;

use crate::utf16;

/// The text of a file: UTF-8 or, as PowerShell redirects, UTF-16; without byte order mark, colour codes and carriage returns.
/// Lines keep their numbers.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let text = match (utf16::units(bytes), bytes) {
        (Some(units), _) => Cow::Owned(String::from_utf16_lossy(&units)),
        (None, [0xef, 0xbb, 0xbf, rest @ ..]) => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    };
    if text.contains(['\r', '\u{1b}', '\u{8}', '\u{feff}']) {
        plain(&text)
    } else {
        text.into_owned()
    }
}

/// The text without escape sequences and carriage returns.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_sequence(&mut chars),
            '\r' | '\u{8}' | '\u{feff}' => {}
            _ => out.push(c),
        }
    }
    out
}

/// Passes over what follows ESC: a control sequence up to its final byte, a title up to its end, or one character.
fn skip_sequence(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next_if(|c| *c != '\n') {
        Some('[') => while chars.next_if(|c| !is_final(*c) && *c != '\n').is_some() {},
        Some(']') => {
            while chars
                .next_if(|c| !matches!(c, '\u{7}' | '\u{1b}' | '\n'))
                .is_some()
            {}
        }
        Some('(' | ')') => {}
        _ => return,
    }
    // The final byte, the bell, or the character set.
    let _ = chars.next_if(|c| *c != '\n');
}

fn is_final(c: char) -> bool {
    ('@'..='~').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_adds_is_taken_away() {
        let coloured = "\u{feff}\u{1b}[1;32mOK\u{1b}[0m, RTT=1ms\r\n\u{1b}]0;title\u{7}x\n";
        assert_eq!(decoded(coloured.as_bytes()), "OK, RTT=1ms\nx\n");
        assert_eq!(decoded("\u{1b}[".as_bytes()), "");
    }

    #[test]
    fn utf_16_is_read() {
        let bytes: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("µs\r\n".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decoded(&bytes), "µs\n");
    }
}
