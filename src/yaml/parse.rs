//! From text to trees.

mod message;

use std::ops::Range;

use serde::de::IgnoredAny;
use serde_saphyr::granit_parser::{Event, Parser, Span};

use super::most::Most;
use super::scalar::ScalarRules;
use super::stream::{Stream, SyntaxError};
use super::style::ScalarStyle;
use super::tree::{Scalar, Tree};
use super::yaml11;

/// Reads all documents of a text, YAML or JSON, plain scalars by the given rules.
///
/// Anchors are resolved and merge keys (`<<`) carried out. Fails at the first thing that is no YAML, has no place in JSON
/// data (a key that is no scalar, infinity), or would blow up (an alias bomb, nesting beyond 128 levels).
pub fn parse(text: &str, rules: ScalarRules) -> Result<Stream, SyntaxError> {
    parse_at_most(text, rules, Most::DUMP)
}

/// The same with a bound on the number of values, beyond which nothing is read.
pub(crate) fn parse_at_most(
    text: &str,
    rules: ScalarRules,
    most: Most,
) -> Result<Stream, SyntaxError> {
    let mut tree = Tree::new(rules, most);
    match rules {
        ScalarRules::Yaml12 => read(text, 0..text.len(), &mut tree)?,
        ScalarRules::Go => {
            yaml11::read(text, &mut tree).map_err(|error| better(text, most, error))?
        }
    }
    Ok(tree.finish())
}

/// Most texts that Go refuses the other parser refuses too, and it knows more about what is wrong.
fn better(text: &str, most: Most, error: SyntaxError) -> SyntaxError {
    if error.is_too_large() {
        return error;
    }
    read(text, 0..text.len(), &mut Tree::new(ScalarRules::Go, most))
        .err()
        .unwrap_or(error)
}

/// Reads JSON, of which a text may hold several values one behind the other, as programs print them that are run twice.
/// `None` where it is anything else.
pub(crate) fn parse_json(text: &str, most: Most) -> Option<Stream> {
    let mut tree = Tree::new(ScalarRules::Yaml12, most);
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut start = 0;
    while let Some(value) = values.next() {
        value.ok()?;
        let end = values.byte_offset();
        read(text, start..end, &mut tree).ok()?;
        start = end;
    }
    Some(tree.finish())
}

/// Reads the documents in a part of a text.
fn read(text: &str, part: Range<usize>, tree: &mut Tree) -> Result<(), SyntaxError> {
    for event in Parser::new_from_str(&text[part.clone()]) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(part.len());
            let at = (part.start + at).min(part.end);
            let tab = indenting_tab(text, at);
            tab.unwrap_or_else(|| SyntaxError::new(message::of(error.kind()), at..at))
        })?;
        feed(tree, text, event, range(&span, part.start))?;
    }
    Ok(())
}

/// A tab in the indentation of the line at `at` or of the next one: the parser takes it for the
/// continuation of a value, and stumbles over what follows.
fn indenting_tab(text: &str, at: usize) -> Option<SyntaxError> {
    let mut start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    for line in text[start..].split_inclusive('\n').take(2) {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line[..indent].find('\t') {
            let at = start + tab;
            return Some(SyntaxError::new(message::TAB, at..at + 1));
        }
        start += line.len();
    }
    None
}

fn range(span: &Span, start: usize) -> Range<usize> {
    let range = span.byte_range().unwrap_or_default();
    start + range.start..start + range.end.max(range.start)
}

fn feed(
    tree: &mut Tree,
    text: &str,
    event: Event<'_>,
    span: Range<usize>,
) -> Result<(), SyntaxError> {
    match event {
        Event::DocumentStart(..) => tree.start_document(),
        Event::Scalar(value, style, anchor, tag) => {
            let style = scalar_style(style);
            let tag = tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
            // The parser calls an absent value `~`.
            let absent = style == ScalarStyle::Plain && span.is_empty();
            tree.scalar(Scalar {
                text: if absent { "" } else { &value },
                style,
                tag: tag.as_deref(),
                anchor,
                span: trimmed(text, style, span),
            })?;
        }
        Event::SequenceStart(_, anchor, _) => tree.open_sequence(anchor, span)?,
        Event::MappingStart(_, anchor, _) => tree.open_mapping(anchor, span)?,
        Event::SequenceEnd | Event::MappingEnd => tree.close(span)?,
        Event::Alias(id) => tree.alias(id, span)?,
        _ => {}
    }
    Ok(())
}

fn scalar_style(style: serde_saphyr::granit_parser::ScalarStyle) -> ScalarStyle {
    use serde_saphyr::granit_parser::ScalarStyle as Theirs;
    match style {
        Theirs::Plain => ScalarStyle::Plain,
        Theirs::SingleQuoted => ScalarStyle::SingleQuoted,
        Theirs::DoubleQuoted => ScalarStyle::DoubleQuoted,
        Theirs::Literal => ScalarStyle::Literal,
        Theirs::Folded => ScalarStyle::Folded,
    }
}

/// A block runs up to the next token for the parser; a finding should end with its last line.
fn trimmed(text: &str, style: ScalarStyle, span: Range<usize>) -> Range<usize> {
    if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        return span;
    }
    let block = text.get(span.clone()).unwrap_or_default();
    span.start..span.start + block.trim_end().len()
}
