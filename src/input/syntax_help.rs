//! What to do about a text that is not YAML.

use crate::yaml::SyntaxError;

/// What to do where reading stopped.
pub(super) fn help(error: &SyntaxError, text: &str) -> String {
    let before = text.get(..error.span.start).unwrap_or(text);
    match error.message {
        message if message.contains("a tab") => "replace the tab by spaces, such as two for each level".to_owned(),
        message if message.contains("never closed") || message.contains("ends too early") => {
            "close it; if the file was cut off when it was saved, save it again".to_owned()
        }
        message if message.contains("expected `,`") => {
            "write a comma between entries, and quotes around a value that holds a bracket, a brace or a comma".to_owned()
        }
        _ => indentation(text, before.matches('\n').count())
            .unwrap_or_else(|| "mend this line, or put its value in quotes".to_owned()),
    }
}

/// How a line stands to the one above it, if not in the same column. Lines are counted from 0.
fn indentation(text: &str, at: usize) -> Option<String> {
    let column = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len() + 1;
    let lines: Vec<&str> = text.lines().take(at + 1).collect();
    let here = lines.get(at).map(|line| column(line))?;
    let is_content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let above = lines[..at].iter().rposition(is_content)?;
    let there = column(lines[above]);
    (here != there).then(|| {
        format!(
            "line {} begins in column {here}, and line {} above it in column {there}: what belongs to one mapping begins in one column, what stands below a key further to the right",
            at + 1,
            above + 1
        )
    })
}

#[cfg(test)]
mod tests {
    use super::indentation;

    #[test]
    fn the_columns_of_both_lines_are_named() {
        let said = |text: &str, at| indentation(text, at).unwrap_or_default();
        let text = "a:\n  b: 1\n\n  # c\n   d: 2\n";
        assert!(
            said(text, 4).starts_with("line 5 begins in column 4, and line 2 above it in column 3")
        );
        let text = "clusters:\n  - name: a\n  id: 1\n";
        assert!(
            said(text, 2).starts_with("line 3 begins in column 3, and line 2 above it in column 5")
        );
        assert_eq!(said("a: b: c\n", 0), "");
        assert_eq!(said("a: 1\nb: c: d\n", 1), "");
    }
}
