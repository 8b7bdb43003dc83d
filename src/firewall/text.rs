//! Firewall text from the templates in `templates/firewall`.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

/// A template and its name, which is its file's in `templates/firewall`.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// The file's name.
    pub name: &'static str,
    /// The file's text.
    pub source: &'static str,
}

/// A template that does not fit its context, or a value that firewall text must not hold. It is a fault of ours, or of a name
/// that got past validation; the value itself is never printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("templates/firewall/{name}:{line}: {kind}")]
pub struct TemplateError {
    name: &'static str,
    line: usize,
    kind: ErrorKind,
}

/// Fills a template.
pub(super) fn fill(template: Template, context: impl Serialize) -> Result<String, TemplateError> {
    let fill = || {
        let mut environment = environment()?;
        environment.add_template(template.name, template.source)?;
        environment
            .get_template(template.name)?
            .render(Serde(context))
    };
    fill().map_err(|error| TemplateError {
        name: template.name,
        line: error.line().unwrap_or_default(),
        kind: error.kind(),
    })
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true);
    environment.set_syntax(syntax.build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(plain);
    // Debug information would hold the values.
    environment.set_debug(false);
    Ok(environment)
}

/// Writes whole numbers and harmless strings, and refuses everything else: nothing that is printed can begin a comment,
/// quote, end a line or stand for another value.
fn plain(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let text = match value.as_str() {
        Some(text) if text.chars().all(is_harmless) => text.to_owned(),
        None if value.is_integer() => value.to_string(),
        _ => return Err(Error::from(ErrorKind::BadEscape)),
    };
    out.write_str(&text).map_err(Error::from)
}

fn is_harmless(char: char) -> bool {
    char.is_ascii_alphanumeric() || " .:/_,{}()-".contains(char)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::json;

    use super::*;

    fn fill_in(source: &'static str, context: serde_json::Value) -> Result<String, String> {
        fill(
            Template {
                name: "t.j2",
                source,
            },
            context,
        )
        .map_err(|error| error.to_string())
    }

    #[test]
    fn strings_and_whole_numbers_are_written() {
        let text = fill_in(
            "{% if true %}\n{{ a }} {{ b }}\n{% endif %}\n",
            json!({"a": "fd00::/8", "b": 8472}),
        );
        assert_eq!(text.unwrap(), "fd00::/8 8472\n");
    }

    #[test]
    fn everything_else_is_refused_without_showing_it() {
        let refused = [
            json!(null),
            json!(true),
            json!(["a"]),
            json!(1.5),
            json!({}),
            json!("a\nb"),
            json!("a#"),
            json!("ä"),
        ];
        for value in refused {
            let error = fill_in("\n{{ value }}", json!({ "value": value })).unwrap_err();
            assert_eq!(error, "templates/firewall/t.j2:2: bad string escape");
        }
        assert_eq!(
            fill_in("{{ missing }}", json!({})).unwrap_err(),
            "templates/firewall/t.j2:1: undefined value"
        );
    }
}
