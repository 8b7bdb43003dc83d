//! How yaml.v3 writes a string: the template sees its quotes and its indentation.

use super::{Analysis, Stop};

/// A key longer than this is written in another form, with `?`.
const LONGEST_KEY: usize = 120;

/// The value, or the key, between two neighbours.
pub(super) fn among_neighbours(text: &str, is_key: bool) -> Analysis<String> {
    if is_key && text.len() > LONGEST_KEY {
        return Err(Stop::Undecided("the key is very long"));
    }
    let written = scalar(text, is_key);
    let entry = match is_key {
        true => format!("{written}: z"),
        false => format!("kept: {written}"),
    };
    Ok(format!(
        "a:\n    before: x\n    {entry}\n    next: w\nb: last\n"
    ))
}

fn scalar(text: &str, is_key: bool) -> String {
    let shape = ScalarShape::of(text);
    if shape.has_break && !is_key && shape.block_allowed {
        return literal(text);
    }
    if shape.has_break || !shape.single_allowed {
        return double_quoted(text);
    }
    match shape.plain_allowed {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

/// What the writer's analysis finds.
struct ScalarShape {
    has_break: bool,
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl ScalarShape {
    fn of(text: &str) -> Self {
        let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let is_special = |c: char| c != '\t' && !is_break(c) && !is_printable(c);
        let chars: Vec<char> = text.chars().collect();
        let pairs = || chars.windows(2);
        let space_break = pairs().any(|pair| pair[0] == ' ' && is_break(pair[1]));
        let break_space = pairs().any(|pair| is_break(pair[0]) && pair[1] == ' ');
        let is_odd = chars.iter().any(|c| is_special(*c));
        let has_tab = chars.contains(&'\t');
        let ends = |is: &dyn Fn(char) -> bool| {
            chars.first().is_some_and(|c| is(*c)) || chars.last().is_some_and(|c| is(*c))
        };
        let has_break = chars.iter().any(|c| is_break(*c));
        let quoted = space_break || has_tab || is_odd;
        Self {
            has_break,
            plain_allowed: !has_break && !ends(&|c| c == ' ') && !quoted && !has_indicator(&chars),
            single_allowed: !quoted && !break_space,
            block_allowed: chars.last() != Some(&' ') && !space_break && !is_odd,
        }
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
        || c >= '\u{10000}'
}

/// Whether the text would be taken for something else without quotes.
fn has_indicator(chars: &[char]) -> bool {
    let is_gap = |at: usize| chars.get(at).is_none_or(|c| matches!(c, ' ' | '\t' | '\n'));
    let first = match chars.first() {
        Some(c) if "#,[]{}&*!|>'\"%@`".contains(*c) => true,
        Some('?' | ':' | '-') => is_gap(1),
        _ => chars.starts_with(&['-', '-', '-']) || chars.starts_with(&['.', '.', '.']),
    };
    let within = (1..chars.len()).any(|at| match chars[at] {
        ':' => is_gap(at + 1),
        '#' => matches!(chars[at - 1], ' ' | '\t'),
        _ => false,
    });
    first || within
}

/// A block, as deep as a key of the second level puts it.
fn literal(text: &str) -> String {
    let hint = if text.starts_with([' ', '\n', '\r']) {
        "4"
    } else {
        ""
    };
    let chomp = match text.trim_end_matches('\n') {
        kept if kept.len() == text.len() => "-",
        kept if kept.is_empty() || text.len() - kept.len() > 1 => "+",
        _ => "",
    };
    let mut out = format!("|{hint}{chomp}");
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str("        ");
            out.push_str(line);
        }
    }
    out
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}
