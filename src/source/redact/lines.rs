//! Secrets by the lines of a text, parsed or not.
//!
//! YAML and JSON both name a value in front of it, so a secret's name hides the rest of its line
//! and all deeper lines. Beside that, whatever looks like key material hides its line's rest, and
//! lines that hold one bare word each are taken for one long value.

use std::ops::Range;

use super::material;

/// What a key says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// It is a secret.
    Secret,
    /// It holds secrets by name.
    Secrets,
    /// It says where a secret is.
    Reference,
    /// Nothing.
    Other,
}

/// What a key says about its value.
pub(super) fn name_of(key: &str) -> Name {
    const ENDINGS: [&str; 7] = [
        "key",
        "cert",
        "crt",
        "pem",
        "password",
        "token",
        "last-applied-configuration",
    ];
    let key = key.to_ascii_lowercase();
    match key.as_str() {
        "data" | "stringdata" | "binarydata" | "remotecert" => Name::Secrets,
        "file" | "env" => Name::Reference,
        _ if ENDINGS.iter().any(|ending| key.ends_with(ending)) => Name::Secret,
        _ => Name::Other,
    }
}

/// The ranges of everything that is or could be a secret.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let lines = split(text);
    let mut found = named(text, &lines);
    found.extend(widened(text, material::find(text, material::IN_FILES)));
    found.extend(continuations(text, &lines, &found));
    found
}

/// Lines without their breaks. A lone carriage return is a break for YAML.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if matches!(byte, b'\n' | b'\r') {
            lines.push(start..at);
            start = at + 1;
        }
    }
    lines.push(start..text.len());
    lines
}

/// The ranges of secrets, each from the beginning of its word to the end of its line: what a stray quote or
/// colon has cut off belongs to it. What one of them covers is no range of its own.
fn widened(text: &str, mut secrets: Vec<Range<usize>>) -> Vec<Range<usize>> {
    secrets.sort_by_key(|secret| secret.start);
    let mut found: Vec<Range<usize>> = Vec::new();
    for secret in secrets {
        if found.last().is_some_and(|last| secret.end <= last.end) {
            continue;
        }
        let start = text[..secret.start]
            .rfind(|c: char| c.is_whitespace() || matches!(c, '{' | '[' | ','))
            .map_or(0, |at| {
                at + text[at..].chars().next().map_or(1, char::len_utf8)
            });
        let end = text[secret.end..]
            .find(['\n', '\r'])
            .map_or(text.len(), |at| secret.end + at);
        found.push(start..end);
    }
    found
}

/// A key under which the lines that follow may still hold its value.
#[derive(Clone, Copy)]
struct SequenceOwner {
    column: usize,
    name: Name,
}

fn named(text: &str, lines: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut owners: Vec<SequenceOwner> = Vec::new();
    for line in lines {
        let content = content_start(text, line);
        if content == line.end {
            continue;
        }
        let indent = content - line.start;
        let is_item = text[content..].starts_with("- ");
        let is_below =
            |owner: &SequenceOwner| indent > owner.column || (is_item && indent == owner.column);
        while owners.pop_if(|owner| !is_below(owner)).is_some() {}

        let mut above = owners.last().map(|owner| owner.name);
        let keys = keys(text, content..line.end);
        found.extend(above.and_then(|above| inherited(text, content..line.end, &keys, above)));
        let (mut in_braces, mut in_reference) = (false, false);
        for key in keys {
            if std::mem::take(&mut in_reference) {
                continue;
            }
            let name = match (above, key.name) {
                (Some(Name::Secret), _) => break,
                (Some(_), _) if key.leads || in_braces => Name::Secret,
                (_, name @ (Name::Secret | Name::Secrets)) => name,
                _ => continue,
            };
            let column = if key.leads { key.start } else { content } - line.start;
            owners.push(SequenceOwner { column, name });
            let value = value_start(text, key.after)..line.end;
            let written = &text[value.clone()];
            if name == Name::Secret && is_reference(written) {
                in_reference = true;
            } else if name == Name::Secrets && written.starts_with('{') {
                (above, in_braces) = (Some(name), true);
            } else if !opens(written) {
                found.push(value);
                break;
            }
        }
    }
    found
}

/// What a line below a secret's name hides: all of it, unless it says where the secret is. The
/// names of several secrets stay, and so do their references.
fn inherited(
    text: &str,
    line: Range<usize>,
    keys: &[LineKey],
    above: Name,
) -> Option<Range<usize>> {
    match (keys.first().filter(|key| key.leads), above) {
        (Some(key), Name::Secret) if key.name == Name::Reference => None,
        (Some(key), Name::Secrets)
            if is_reference(&text[value_start(text, key.after)..line.end]) =>
        {
            None
        }
        (Some(key), Name::Secrets) => Some(value_start(text, key.after)..line.end),
        _ => Some(line),
    }
}

/// `{file: ...}` or `{env: ...}`.
fn is_reference(value: &str) -> bool {
    let Some(inner) = value.strip_prefix('{') else {
        return false;
    };
    let inner = inner.trim_start().trim_start_matches(['"', '\'']);
    inner.starts_with("file") || inner.starts_with("env")
}

/// Whether the value stands on the lines that follow: nothing here but a bracket.
fn opens(value: &str) -> bool {
    value.is_empty() || value == "{"
}

struct LineKey {
    name: Name,
    /// Its first character or opening quote.
    start: usize,
    /// Behind the colon.
    after: usize,
    /// Whether only list dashes and brackets stand before it.
    leads: bool,
}

/// Everything in a line that is followed by a colon as a key is, also inside flow mappings and
/// inside JSON that is quoted in a string.
fn keys(text: &str, line: Range<usize>) -> Vec<LineKey> {
    let written = &text[line.clone()];
    let leading = written.trim_start_matches([' ', '\t', '-', '?', '{', '[']);
    let content = line.end - leading.len();
    let colons = line.clone().filter(|at| text.as_bytes()[*at] == b':');
    colons
        .filter_map(|colon| key_before(text, &line, content, colon))
        .collect()
}

/// The key in front of a colon. `content` is where the line's dashes and brackets end.
fn key_before(text: &str, line: &Range<usize>, content: usize, colon: usize) -> Option<LineKey> {
    let before = &text[line.start..colon];
    let name_end = before.trim_end_matches(['"', '\'', '\\', ' ', '\t']);
    let follows = text[..line.end][colon + 1..].chars().next();
    let is_bare = name_end.len() == before.len();
    if is_bare
        && follows.is_some_and(|next| !matches!(next, ' ' | '\t' | '"' | '\'' | '\\' | '{' | '['))
    {
        return None;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let name = &name_end[name_end.trim_end_matches(is_name).len()..];
    let start = line.start + name_end.len() - name.len();
    let opening = &text[line.start..start];
    let unquoted = opening.trim_end_matches(['"', '\'']);
    (!name.is_empty()).then(|| LineKey {
        name: name_of(name),
        start: line.start + unquoted.len(),
        after: colon + 1,
        leads: line.start + unquoted.len() <= content,
    })
}

fn value_start(text: &str, after: usize) -> usize {
    let rest = &text[after..];
    after + (rest.len() - rest.trim_start_matches([' ', '\t']).len())
}

fn content_start(text: &str, line: &Range<usize>) -> usize {
    value_start(&text[..line.end], line.start)
}

/// Lines of one bare word each that continue a secret, or are together long enough to be one.
fn continuations(
    text: &str,
    lines: &[Range<usize>],
    secrets: &[Range<usize>],
) -> Vec<Range<usize>> {
    /// Several words in a row, each alone on its line, are no prose.
    const ENOUGH: usize = 24;
    let secrets = super::union(secrets.to_vec());
    let touches = |line: Option<&Range<usize>>| {
        line.is_some_and(|line| {
            let at = secrets.partition_point(|secret| secret.end <= line.start);
            secrets
                .get(at)
                .is_some_and(|secret| secret.start < line.end)
        })
    };
    let filled: Vec<&Range<usize>> = lines
        .iter()
        .filter(|line| !text[(*line).clone()].trim().is_empty())
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < filled.len() {
        let length = filled[at..]
            .iter()
            .take_while(|line| is_bare_word(&text[(**line).clone()]))
            .count();
        let group = &filled[at..at + length];
        let characters: usize = group
            .iter()
            .map(|line| text[(*line).clone()].trim().len())
            .sum();
        let before = at.checked_sub(1).map(|before| filled[before]);
        let next = filled.get(at + length).copied();
        if length > 0 && ((length > 1 && characters >= ENOUGH) || touches(before) || touches(next))
        {
            found.extend(group.iter().map(|line| (*line).clone()));
        }
        at += length.max(1);
    }
    found
}

/// One word of the base64 alphabet, maybe quoted.
fn is_bare_word(line: &str) -> bool {
    let word = line.trim().trim_matches(['"', '\'', '\\', ',', '=']);
    !word.is_empty() && word.bytes().all(material::is_base64)
}
