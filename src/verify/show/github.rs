//! `--format github`: workflow commands, at the entries of the clusters in mesh.yaml.

use std::fmt::Write;

use super::super::answer::{PairHealth, PairState, Verification};

/// One command for each pair that is not healthy. `line_of` gives the line of a cluster in the mesh file.
pub(crate) fn commands(
    answer: &Verification,
    file: &str,
    line_of: impl Fn(&str) -> usize,
) -> String {
    let mut out = String::new();
    for pair in answer
        .of_clusters()
        .filter(|pair| pair.state != PairState::Healthy)
    {
        let kind = if pair.state == PairState::Failing {
            "error"
        } else {
            "warning"
        };
        let title = format!("{} -> {} {}", pair.from, pair.to, word(pair));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "::{kind} file={},line={},title={}::{}",
            property(file),
            line_of(&pair.from),
            property(&title),
            data(&message(pair))
        );
    }
    out
}

fn word(pair: &PairHealth) -> &'static str {
    pair.cause
        .map_or(pair.state.as_str(), |cause| cause.as_str())
}

fn message(pair: &PairHealth) -> String {
    let mut text = pair.why.clone().unwrap_or_default();
    for seen in &pair.seen {
        let _ = write!(text, "\nseen: {seen}");
    }
    if let Some(next) = &pair.next {
        let _ = write!(text, "\nnext: {next}");
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
