//! Invisible characters, which change how a terminal, a page or a shell shows the text around them.

use std::borrow::Cow;

/// Control characters (C0, DEL, C1), those that change the direction of text, have no width, or are tags.
pub(crate) fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The text with such characters written as escapes: `\n`, `\u{202e}`.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => out.extend(character.escape_default()),
            _ if is_unseen(character) => out.extend(character.escape_unicode()),
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// The text of one line with a replacement for each such character, so that columns stay.
pub(crate) fn replaced(line: &str) -> Cow<'_, str> {
    let acts = |character: char| character != '\t' && is_unseen(character);
    if line.contains(acts) {
        Cow::Owned(line.replace(acts, "\u{fffd}"))
    } else {
        Cow::Borrowed(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_become_escapes() {
        for (text, expected) in [
            ("plain é 漢", "plain é 漢"),
            ("a\nb\tc", "a\\nb\\tc"),
            ("\u{1b}[31m", "\\u{1b}[31m"),
            ("\u{9b}1m\u{7f}", "\\u{9b}1m\\u{7f}"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{200b}b\u{e0041}", "a\\u{200b}b\\u{e0041}"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn columns_stay_where_it_is_replaced() {
        assert_eq!(replaced("a\tb\u{202e}c"), "a\tb\u{fffd}c");
    }
}
