//! Text as it may be shown: without anything that is or could be key material.
//!
//! Of a file's text, two readers look for it and what either finds is hidden: one goes by the lines of the text
//! (`lines`), so that it works on files that no parser accepts, the other by the values that were
//! parsed (`values`). Both would rather hide too much. In sentences the keys that were read are searched for (`known`), and
//! what looks like key material is hidden as well (`material`).

mod known;
mod lines;
mod material;
mod values;

use std::borrow::Cow;
use std::ops::Range;

pub(super) use known::KnownKeys;

use crate::yaml::Node;

/// Stands for a character that is not shown.
pub(crate) const MASK: char = '*';
/// Stands in a sentence for what is not shown.
const HIDDEN: &str = "<hidden>";

/// A copy of a file's text with the same lines and columns, secrets masked.
pub(super) fn masked(text: &str, documents: &[Node], keys: &KnownKeys) -> String {
    let mut ranges = lines::secrets(text);
    ranges.extend(keys.find(text));
    values::secrets(documents, &mut ranges);
    mask(text, &union(ranges))
}

/// A sentence without what looks like key material: pieces of users' files are quoted in it.
pub(crate) fn redacted(sentence: &str) -> Cow<'_, str> {
    hidden(sentence, material::find(sentence, material::IN_SENTENCES))
}

/// A sentence without the keys that were read, and without what looks like one.
pub(super) fn without(keys: &KnownKeys, sentence: &str) -> String {
    let mut found = material::find(sentence, material::IN_SENTENCES);
    found.extend(keys.find(sentence));
    hidden(sentence, found).into_owned()
}

/// Whether a text holds a block of PEM or letters that look like a key.
pub(crate) fn looks_like_a_key(text: &str) -> bool {
    !material::find(text, material::IN_SENTENCES).is_empty()
}

fn hidden(sentence: &str, found: Vec<Range<usize>>) -> Cow<'_, str> {
    let found = union(found);
    if found.is_empty() {
        return Cow::Borrowed(sentence);
    }
    let mut out = String::with_capacity(sentence.len());
    let mut end = 0;
    for range in found {
        out.push_str(&sentence[end..range.start]);
        out.push_str(HIDDEN);
        end = range.end;
    }
    out.push_str(&sentence[end..]);
    Cow::Owned(out)
}

/// The ranges in order, with what touches made one.
fn union(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut all: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.into_iter().filter(|range| !range.is_empty()) {
        match all.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => all.push(range),
        }
    }
    all
}

/// Line breaks and indentation stay, so that lines and columns do.
fn mask(text: &str, ranges: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut ranges = ranges.iter().peekable();
    let mut indenting = true;
    for (at, character) in text.char_indices() {
        while ranges.next_if(|range| range.end <= at).is_some() {}
        let hidden = ranges.peek().is_some_and(|range| range.contains(&at));
        let is_break = matches!(character, '\n' | '\r');
        indenting = is_break || (indenting && matches!(character, ' ' | '\t' | '\u{feff}'));
        out.push(if hidden && !indenting {
            MASK
        } else {
            character
        });
    }
    out
}

#[cfg(test)]
mod tests;
