//! The answer as text: the matrix first, below it the worst pair, the others after it.

use std::fmt::Write;

use super::super::answer::{PairHealth, PairState, Verification};

/// Up to so many clusters the matrix has words.
const WITH_WORDS: usize = 8;
/// How many pairs are shown in full.
const SHOWN: usize = 20;
/// How many places, and pairs of nodes, are named for a pair.
const NAMED: usize = 3;

/// The whole text.
pub(crate) fn text(answer: &Verification, all: bool) -> String {
    let mut out = matrix(answer);
    let count = |state| {
        answer
            .of_clusters()
            .filter(|pair| pair.state == state)
            .count()
    };
    let (failing, unseen, healthy) = (
        count(PairState::Failing),
        count(PairState::Unseen),
        count(PairState::Healthy),
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "\n{healthy} healthy, {failing} failing, {unseen} unseen"
    );
    let later = answer
        .of_clusters()
        .filter(|pair| pair.is_due_later)
        .count();
    if later > 0 {
        let _ = writeln!(
            out,
            "the mesh is not complete: {later} of the unseen pairs are not expected yet"
        );
    }
    let mut trouble: Vec<&PairHealth> = answer
        .of_clusters()
        .filter(|pair| pair.state != PairState::Healthy)
        .collect();
    trouble.sort_by_key(|pair| (pair.state, pair.is_due_later, pair.cause));
    let shown = if all { trouble.len() } else { SHOWN };
    let nodes = answer.node_trouble();
    for pair in trouble.iter().take(shown) {
        tell(&mut out, pair);
        let key = (pair.from.as_str(), pair.to.as_str());
        for node in nodes.get(&key).into_iter().flatten().take(NAMED) {
            let _ = writeln!(
                out,
                "  node: {} -> {} {}",
                node.from,
                node.to,
                node.state.as_str()
            );
        }
    }
    if let Some(more @ 1..) = trouble.len().checked_sub(shown) {
        let _ = writeln!(out, "\n{more} more pairs are not healthy; --all tells them");
    }
    if !answer.findings.is_empty() {
        out.push('\n');
    }
    for remark in &answer.findings {
        let _ = writeln!(out, "{}: {}", remark.severity, remark.message);
    }
    out
}

fn tell(out: &mut String, pair: &PairHealth) {
    let cause = pair.cause.map(|cause| format!(", {}", cause.as_str()));
    let _ = writeln!(
        out,
        "\n{} -> {}: {}{}",
        pair.from,
        pair.to,
        pair.state.as_str(),
        cause.unwrap_or_default()
    );
    if let Some(why) = &pair.why {
        let _ = writeln!(out, "  {why}");
    }
    for seen in pair.seen.iter().take(NAMED) {
        let _ = writeln!(out, "  seen: {seen}");
    }
    if let Some(next) = &pair.next {
        let _ = writeln!(out, "  next: {next}");
    }
}

/// Rows see columns.
fn matrix(answer: &Verification) -> String {
    let names = &answer.clusters;
    let with_words = names.len() <= WITH_WORDS;
    let cell = |state: PairState| match state {
        PairState::Healthy if with_words => "healthy",
        PairState::Failing if with_words => "FAILING",
        PairState::Unseen if with_words => "unseen",
        PairState::Healthy => "+",
        PairState::Failing => "X",
        PairState::Unseen => "?",
    };
    let left = names
        .iter()
        .map(|name| name.len())
        .max()
        .unwrap_or(0)
        .max("from \\ to".len())
        + 5;
    let mut out = String::new();
    if with_words {
        let _ = write!(out, "{:left$}", "from \\ to");
        for name in names {
            let _ = write!(out, "{name:width$}", width = name.len().max(7) + 2);
        }
    } else {
        let _ = write!(
            out,
            "rows see columns, in the same order: + healthy, X failing, ? unseen"
        );
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    let mut pairs = answer.of_clusters().peekable();
    for (at, from) in names.iter().enumerate() {
        let mut row = if with_words {
            format!("{from:left$}")
        } else {
            let number = at + 1;
            format!("{:left$}", format!("{number:>3} {from}"))
        };
        for to in names {
            let word = match pairs.next_if(|pair| pair.from == *from && pair.to == *to) {
                Some(pair) => cell(pair.state),
                None => ".",
            };
            if with_words {
                let _ = write!(row, "{word:width$}", width = to.len().max(7) + 2);
            } else {
                row.push_str(word);
            }
        }
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out
}
