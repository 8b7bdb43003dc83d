//! Whether a value survives KKP's templating.
//!
//! From 2.27 on KKP writes all values as YAML (yaml.v3), runs that text through Go's html/template with data about the
//! cluster, and reads what comes out as YAML again (`pkg/applications/providers/template/util.go` in kubermatic/kubermatic).
//! Here one value goes the same way, between two neighbours that must come out unharmed. What the data will be is not known,
//! so a condition that depends on it is followed both ways, with several kinds of clusters; only what works each time renders.
//!
//! `fixtures/kkp-templates` holds what the real libraries did with a good thousand values, and a test compares.

mod data;
mod functions;
mod html;
mod lex;
mod literal;
mod names;
mod number;
mod parse;
mod paths;
mod run;
mod written;

#[cfg(test)]
mod tests;

use crate::profile::releases::TemplateField;
use crate::yaml::{Node, ScalarRules, ScalarValue, parse as read_yaml};

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It comes out as text, whatever the cluster's data is.
    Renders,
    /// The whole installation fails, and why.
    Fails(&'static str),
    /// It works with some clusters' data only, or goes beyond what is modelled here.
    Undecided(&'static str),
    /// `<` outside of a template changes how all that follows is escaped.
    Angle,
}

/// Why a value does not render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Fails(&'static str),
    Undecided(&'static str),
}

type Analysis<T> = Result<T, Stop>;

/// Beyond this many ways through a template nothing is said.
const MOST_PATHS: usize = 300;

/// What becomes of `text` as a value.
pub(crate) fn of_value(text: &str, data: &'static [TemplateField]) -> Outcome {
    outcome(text, false, data)
}

/// What becomes of `text` as a key.
pub(crate) fn of_key(text: &str, data: &'static [TemplateField]) -> Outcome {
    outcome(text, true, data)
}

fn outcome(text: &str, is_key: bool, data: &'static [TemplateField]) -> Outcome {
    if !text.contains("{{") {
        return match text.contains('<') {
            true => Outcome::Angle,
            false => Outcome::Renders,
        };
    }
    match judge(text, is_key, data) {
        Ok(outcome) => outcome,
        Err(Stop::Fails(why)) => Outcome::Fails(why),
        Err(Stop::Undecided(why)) => Outcome::Undecided(why),
    }
}

fn judge(text: &str, is_key: bool, data: &'static [TemplateField]) -> Analysis<Outcome> {
    let around = written::among_neighbours(text, is_key)?;
    let tokens = match lex::tokens(&around) {
        Ok(tokens) => tokens,
        Err(_) if text.contains('<') => return Ok(Outcome::Angle),
        Err(stop) => return Err(stop),
    };
    if lex::has_angle(&tokens) {
        return Ok(Outcome::Angle);
    }
    let nodes = parse::template(tokens)?;
    let (mut renders, mut fails) = (false, None);
    for cluster in data::CLUSTERS {
        let mut paths = paths::Paths::default();
        for path in 0.. {
            if path == MOST_PATHS {
                return Err(Stop::Undecided(
                    "it has more branches than are followed here",
                ));
            }
            match run::run(&nodes, data, *cluster, &mut paths)
                .and_then(|out| unharmed(&out, is_key))
            {
                Ok(()) => renders = true,
                Err(Stop::Fails(why)) => fails = Some(why),
                Err(stop) => return Err(stop),
            }
            if !paths.advance() {
                break;
            }
        }
    }
    Ok(match fails {
        None => Outcome::Renders,
        Some(why) if !renders => Outcome::Fails(why),
        Some(_) => Outcome::Undecided(
            "it renders with the data of some clusters and fails with that of others",
        ),
    })
}

/// Whether the text that came out is YAML, with the neighbours as they were.
fn unharmed(out: &str, is_key: bool) -> Analysis<()> {
    let stream = read_yaml(out, ScalarRules::Go)
        .map_err(|_| Stop::Fails("what comes out is no YAML any more"))?;
    let root = stream.documents.first();
    let has = |node: &Node, key: &str, text: &str| {
        node.get(key)
            .and_then(Node::as_str)
            .is_some_and(|is| is == text)
    };
    let count = |node: &Node| node.entries().map_or(0, <[_]>::len);
    let fine = root.is_some_and(|root| {
        count(root) == 2
            && has(root, "b", "last")
            && root.get("a").is_some_and(|inner| {
                count(inner) == 3
                    && has(inner, "before", "x")
                    && has(inner, "next", "w")
                    && inner.get("kept").is_some() != is_key
            })
    });
    let harm = Stop::Fails("what comes out changes the values around it");
    if !fine {
        return Err(harm);
    }
    let inner = root.and_then(|root| root.get("a")?.entries());
    let mut keys = inner
        .into_iter()
        .flatten()
        .map(|entry| &out[entry.key_span.clone()]);
    match keys.all(is_text) {
        true => Ok(()),
        false => Err(Stop::Fails("a key becomes something else than text")),
    }
}

/// Whether a key that is written so stays a text.
fn is_text(written: &str) -> bool {
    written.starts_with(['"', '\'']) || ScalarRules::Go.resolve(written) == ScalarValue::String
}
