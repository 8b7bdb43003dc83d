//! Lines that people can read: long sentences and long commands are broken where that changes nothing.

/// How long a line of STEPS.md may be, where it can be broken.
const WIDE: usize = 110;

/// A command in lines: broken behind `&&` and `||`, and with a backslash between words; never within quotes.
pub(super) fn of_command(command: &str) -> Vec<String> {
    if command.chars().count() <= WIDE {
        return vec![command.to_owned()];
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(command) {
        if !line.trim_start().is_empty() && wide(&line) + 1 + wide(word) > WIDE - 2 {
            lines.push(format!("{line} \\"));
            line = "    ".to_owned();
        }
        if !line.trim_start().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if matches!(word, "&&" | "||") {
            lines.push(std::mem::replace(&mut line, "  ".to_owned()));
        }
    }
    lines.push(line);
    lines
}

/// A page of Markdown in which long lines of prose are broken between words; code stays as it is.
pub(super) fn of_page(page: &str) -> String {
    let mut is_code = false;
    let mut out = String::with_capacity(page.len());
    for line in page.split_inclusive('\n') {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        // A line of code is pasted, and a heading is one line.
        if is_code || is_fence || line.starts_with('#') || wide(line) <= WIDE + 20 {
            out.push_str(line);
        } else {
            break_prose(line, &mut out);
        }
    }
    out
}

fn break_prose(line: &str, out: &mut String) {
    let (marker, text) = line.split_at(marker_length(line));
    let below: String = marker
        .chars()
        .map(|c| if c == '>' { '>' } else { ' ' })
        .collect();
    out.push_str(marker);
    let mut column = wide(marker);
    for (at, word) in text.split_whitespace().enumerate() {
        if at > 0 && column + 1 + wide(word) > WIDE && !begins_a_block(word) {
            out.push('\n');
            out.push_str(&below);
            column = wide(&below);
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += wide(word);
    }
    out.push('\n');
}

/// How many bytes stand before the text of a line: blanks, a quote's `> `, a list's `- ` or `1. `.
fn marker_length(line: &str) -> usize {
    let is_marker = |word: &str| begins_a_block(word.trim_end());
    let words = line.split_inclusive(' ');
    let markers = words.take_while(|word| *word == " " || is_marker(word));
    markers.map(str::len).sum()
}

/// Whether Markdown would take a line that begins with this word for a list, a quote or a heading.
fn begins_a_block(word: &str) -> bool {
    let number = word.strip_suffix(['.', ')']);
    let is_number = number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    is_number || matches!(word, "-" | "*" | "+" | ">") || word.starts_with('#')
}

fn wide(text: &str) -> usize {
    text.chars().count()
}

/// What surrounds a place in a command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Single,
    Double,
    /// `$(`, in which quoting begins anew.
    Command,
}

/// The parts of a command between the blanks at which a shell lets a line be broken.
fn words(command: &str) -> Vec<&str> {
    let mut within = Vec::new();
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = '\0';
    for (at, c) in command.char_indices() {
        let innermost = within.last().copied();
        let is_escaped = before == '\\' && innermost != Some(Within::Single);
        match (innermost, c) {
            _ if is_escaped => {}
            (Some(Within::Single), '\'')
            | (Some(Within::Double), '"')
            | (Some(Within::Command), ')') => {
                within.pop();
            }
            (Some(Within::Single), _) => {}
            (_, '(') if before == '$' => within.push(Within::Command),
            (Some(Within::Double), _) => {}
            (_, '\'') => within.push(Within::Single),
            (_, '"') => within.push(Within::Double),
            (_, ' ') => {
                words.push(&command[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        before = if is_escaped { '\0' } else { c };
    }
    words.push(&command[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_broken_where_a_shell_goes_on() {
        let command = format!(
            "kubectl --context 'a && b' {} && kubectl wait \"--for=$(kubectl {} get 'a b')\" \"a  b {}\"",
            "x".repeat(100),
            "y".repeat(80),
            "z".repeat(100),
        );
        let lines = of_command(&command);
        assert!(lines.len() > 4, "{lines:#?}");
        assert!(
            lines.iter().any(|line| line.ends_with("'a && b' \\")),
            "{lines:#?}"
        );
        assert!(
            lines.iter().any(|line| line.contains("\"a  b zzz")),
            "{lines:#?}"
        );
        let joined = lines.join("\n").replace("\\\n", "");
        let of = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&joined), of(&command));
    }

    #[test]
    fn prose_is_broken_within_its_list_or_quote_and_code_is_not() {
        let long = "word ".repeat(40);
        let page = format!("# {long}\n> - {long}\n\n12. {long}1. {long}\n```sh\n{long}\n```\n");
        let broken = of_page(&page);
        let lines: Vec<&str> = broken.lines().collect();
        assert_eq!(lines[0], format!("# {long}"));
        assert!(lines[1].starts_with("> - word") && lines[2].starts_with(">   word"));
        assert!(broken.contains("\n12. word") && broken.contains("\n    word"));
        assert!(!broken.contains("\n    1."), "{broken}");
        assert!(broken.contains(&format!("```sh\n{long}\n```")));
    }
}
