//! Text from templates: one engine for every dialect, with escaping that the file's name decides.
//!
//! | name ends in | a value is written as |
//! |---|---|
//! | `.yaml.j2` | a YAML scalar, quoted where YAML 1.1 or 1.2 would take it for something else |
//! | `.json.j2` | a JSON value |
//! | `.html.j2` | itself, with `<`, `>`, `&` and quotes as entities |
//! | `.md.j2` | itself, if it is a string or whole number without control characters |
//! | `.sh.j2` | one word of a POSIX shell, quoted where it must be |
//! | any other `.j2` (firewall dialects) | itself, if nothing in it could end a line, quote or comment |
//!
//! Anything else (null, lists, undefined names) is an error, and so a fault of meshgen's own. Errors
//! name the template's file and line and never a value.

mod spliced;

use std::io;
use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, HtmlEscape, Output, State, UndefinedBehavior};
use serde::Serialize;

use crate::compile::kubectl::quoted;
use crate::yaml;
pub(crate) use spliced::{Quoting, Spliced, json_body};

/// A template of the folder `templates/`, compiled when it is first filled.
pub(crate) struct Template {
    /// Path in `templates/`.
    name: &'static str,
    /// Its text.
    source: &'static str,
    compiled: OnceLock<Result<Environment<'static>, TemplateError>>,
}

macro_rules! templates {
    ($($(#[$doc:meta])* $template:ident = $file:literal;)*) => {
        $($(#[$doc])* pub(crate) static $template: Template =
            Template::new($file, include_str!(concat!("../../templates/", $file)));)*
        /// Every template, which a test compares with the folder.
        #[cfg(test)]
        static ALL: &[&Template] = &[$(&$template),*];
    };
}

templates! {
    /// Merge patch; context `compile::patch::MergePatch`.
    MERGE_PATCH = "patch.merge.yaml.j2";
    /// JSON Patch; context `compile::patch::JsonPatch`.
    JSON_PATCH = "patch.json.j2";
    /// One peer of a cluster; context `compile::peers::PeerEntry`.
    PEER = "peer.yaml.j2";
    /// The Secret `cilium-ca`; context `compile::artifacts::CaSecret`, or `cli::pki::Secret`.
    CA_SECRET = "cilium-ca.secret.yaml.j2";
    /// The values alone; context `compile::forms::Page`.
    VALUES = "values.yaml.j2";
    /// The whole object; context `compile::forms::Page`.
    MANIFEST = "manifest.yaml.j2";
    /// What is pasted by hand; context `compile::forms::Page`.
    FRAGMENT = "fragment.yaml.j2";
    /// Global services; context `compile::services::ServicesFile`.
    SERVICES = "services.yaml.j2";
    /// A new mesh.yaml; context `init::page::Page`.
    MESH_FILE = "mesh.yaml.j2";
    /// One cluster of it; context `init::page::Cluster`.
    CLUSTER = "cluster.yaml.j2";
    /// The lock; context `mesh_lock::LockPage`.
    LOCK = "mesh.lock.yaml.j2";
    /// The page about a mesh; context `report_page::ReportPage`.
    REPORT = "report.html.j2";
    /// Steps for people; context `compile::steps_page::StepsPage`.
    STEPS = "steps.md.j2";
    /// What both scripts have in common; context `compile::scripts::Page`.
    COMMON_SH = "common.sh.j2";
    /// The script that dumps; context `compile::scripts::Page`.
    DUMP_SH = "dump.sh.j2";
    /// The script that runs the steps; context `compile::scripts::Page`.
    STEPS_SH = "steps.sh.j2";
    /// Firewall rules for nft; context `firewall::page::Page`.
    NFT = "firewall/nft.j2";
    /// Firewall rules for iptables-restore and ip6tables-restore; context `firewall::page::Page`.
    IPTABLES = "firewall/iptables.j2";
}

/// A template that does not fit its context, or a value that its dialect must not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("templates/{name}:{line}: {kind}; this is a fault of meshgen, please report it")]
pub struct TemplateError {
    name: &'static str,
    line: usize,
    kind: ErrorKind,
}

impl Template {
    const fn new(name: &'static str, source: &'static str) -> Self {
        Self {
            name,
            source,
            compiled: OnceLock::new(),
        }
    }

    /// Fills it.
    ///
    /// # Errors
    /// If it asks for what the context does not have, or a value does not fit the dialect.
    pub(crate) fn fill(&self, context: impl Serialize) -> Result<String, TemplateError> {
        let template = self.environment()?.get_template(self.name);
        template
            .and_then(|template| template.render(Serde(context)))
            .map_err(|error| located(self.name, &error))
    }

    /// Fills it into a file, piece by piece.
    ///
    /// # Errors
    /// As for [`Template::fill`], or if `out` fails.
    pub(crate) fn fill_to(
        &self,
        context: impl Serialize,
        out: &mut dyn io::Write,
    ) -> Result<(), FillError> {
        let mut out = Watched { out, failed: None };
        let template = self.environment()?.get_template(self.name);
        let filled =
            template.and_then(|template| template.render_captured_to(Serde(context), &mut out));
        match (filled, out.failed) {
            (_, Some(error)) => Err(error.into()),
            (Err(error), None) => Err(located(self.name, &error).into()),
            (Ok(_), None) => Ok(()),
        }
    }

    fn environment(&self) -> Result<&Environment<'static>, TemplateError> {
        let compile = || environment(self).map_err(|error| located(self.name, &error));
        let environment = self.compiled.get_or_init(compile).as_ref();
        environment.map_err(TemplateError::clone)
    }
}

/// Why a file could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// The template or its context.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// What is written into.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Keeps the error that minijinja reports as one of the template's.
struct Watched<'o> {
    out: &'o mut dyn io::Write,
    failed: Option<io::Error>,
}

impl io::Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).map_err(|error| {
            let kind = error.kind();
            self.failed = Some(error);
            kind.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn located(name: &'static str, error: &Error) -> TemplateError {
    TemplateError {
        name,
        line: error.line().unwrap_or_default(),
        kind: error.kind(),
    }
}

fn environment(template: &Template) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true);
    environment.set_syntax(syntax.build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(formatter(template.name));
    environment.add_filter("markdown", markdown);
    // Debug information would hold the values.
    environment.set_debug(false);
    environment.add_template(template.name, template.source)?;
    Ok(environment)
}

/// A user's text in a line of Markdown: none of it is a link, an element, code or emphasis.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '<' | '[' | ']' | '`' | '*') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

type Formatter = fn(&mut Output<'_>, &mut State<'_, '_>, &Value) -> Result<(), Error>;

fn formatter(name: &str) -> Formatter {
    match name {
        _ if name.ends_with(".yaml.j2") => as_yaml,
        _ if name.ends_with(".json.j2") => as_json,
        _ if name.ends_with(".md.j2") => as_line,
        _ if name.ends_with(".html.j2") => as_html,
        _ if name.ends_with(".sh.j2") => as_word,
        _ => as_plain,
    }
}

fn as_yaml(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if let Some(spliced) = value.downcast_object_ref::<Spliced>() {
        return spliced.write(out).map_err(Error::from);
    }
    let text = match value.as_str() {
        Some(text) if value.is_safe() => text.to_owned(),
        Some(text) => yaml::scalar(text),
        None if value.is_integer() => value.to_string(),
        None => return Err(Error::from(ErrorKind::BadEscape)),
    };
    out.write_str(&text).map_err(Error::from)
}

fn as_json(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if let Some(spliced) = value.downcast_object_ref::<Spliced>() {
        return spliced.write(out).map_err(Error::from);
    }
    let text = match value.as_str() {
        Some(text) => serde_json::Value::from(text).to_string(),
        None if value.is_integer() => value.to_string(),
        None => return Err(Error::from(ErrorKind::BadEscape)),
    };
    out.write_str(&text).map_err(Error::from)
}

fn as_word(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let text = match value.as_str() {
        Some(text) if value.is_safe() => text.to_owned(),
        // No argument and no variable of a shell can hold it.
        Some(text) if text.contains('\0') => return Err(Error::from(ErrorKind::BadEscape)),
        Some(text) => quoted(text),
        None if value.is_integer() => value.to_string(),
        None => return Err(Error::from(ErrorKind::BadEscape)),
    };
    out.write_str(&text).map_err(Error::from)
}

fn as_line(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    only_if(out, value, |text| !text.chars().any(char::is_control))
}

fn as_html(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let written = match value.as_str() {
        // A macro's own text, in which every value has been escaped.
        Some(text) if value.is_safe() => out.write_str(text),
        Some(text) => write!(out, "{}", HtmlEscape(text)),
        None if value.is_number() => write!(out, "{value}"),
        None => return Err(Error::from(ErrorKind::BadEscape)),
    };
    written.map_err(Error::from)
}

fn as_plain(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    // Byte by byte, since lists of ranges are long; whatever is not ASCII is refused.
    only_if(out, value, |text| {
        text.bytes().all(|byte| HARMLESS[usize::from(byte)])
    })
}

/// Which bytes can end no line, quote or comment of a packet filter's file.
static HARMLESS: [bool; 256] = {
    let mut harmless = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        harmless[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut marks = b" .:/_,{}()-".as_slice();
    while let [mark, rest @ ..] = marks {
        harmless[*mark as usize] = true;
        marks = rest;
    }
    harmless
};

fn only_if(out: &mut Output<'_>, value: &Value, fits: impl Fn(&str) -> bool) -> Result<(), Error> {
    let written = match value.as_str() {
        Some(text) if fits(text) => out.write_str(text),
        None if value.is_integer() => out.write_str(&value.to_string()),
        _ => return Err(Error::from(ErrorKind::BadEscape)),
    };
    written.map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn fill_in(
        name: &'static str,
        source: &'static str,
        context: serde_json::Value,
    ) -> Result<String, String> {
        let filled = Template::new(name, source).fill(context);
        filled.map_err(|error| error.to_string())
    }

    #[test]
    fn the_table_is_the_folder() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let mut found = BTreeSet::new();
        for folder in ["", "firewall/"] {
            for entry in std::fs::read_dir(format!("{root}/{folder}")).expect("templates") {
                let entry = entry.expect("entry");
                if entry.path().is_file() {
                    found.insert(format!("{folder}{}", entry.file_name().to_string_lossy()));
                }
            }
        }
        let embedded: BTreeSet<String> = ALL
            .iter()
            .map(|template| template.name.to_owned())
            .collect();
        assert_eq!(embedded, found);
    }

    #[test]
    fn each_dialect_writes_values_so_that_they_stay_what_they_are() {
        let context = json!({"a": "no", "b": 8472, "c": "x: y\n"});
        assert_eq!(
            fill_in("t.yaml.j2", "{{ a }} {{ b }}", context.clone()).as_deref(),
            Ok("\"no\" 8472")
        );
        assert_eq!(
            fill_in("t.json.j2", "{{ a }} {{ c }}", context.clone()).as_deref(),
            Ok("\"no\" \"x: y\\n\"")
        );
        assert_eq!(
            fill_in("t.md.j2", "{{ a }}", context.clone()).as_deref(),
            Ok("no")
        );
        assert_eq!(
            fill_in("t.j2", "{{ a }} {{ b }}", context).as_deref(),
            Ok("no 8472")
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_with_file_and_line_and_without_the_value() {
        let refused = [
            json!(null),
            json!(true),
            json!(1.5),
            json!(["a"]),
            json!({}),
            json!("a#"),
            json!("ä"),
            json!("s3cret\nline"),
        ];
        for value in refused {
            let error =
                fill_in("t.j2", "\n{{ value }}", json!({ "value": value })).expect_err("refused");
            assert!(
                error.starts_with("templates/t.j2:2: bad string escape"),
                "{error}"
            );
            assert!(!error.contains("s3cret"));
        }
        let error = fill_in("t.yaml.j2", "{{ missing }}", json!({})).expect_err("refused");
        assert!(
            error.starts_with("templates/t.yaml.j2:1: undefined value"),
            "{error}"
        );
    }
}
