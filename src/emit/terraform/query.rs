//! What the data source is asked for.

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::compile::plan::{Phase, UnknownPhase};
use crate::input::structure::closest;
use crate::source::quoted;

const KEYS: [&str; 4] = ["mesh", "cluster", "phase", "secrets"];

/// A query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// The mesh file.
    pub mesh: PathBuf,
    /// The one cluster to answer for; without it, all.
    pub cluster: Option<String>,
    /// The phase to go to; without it, as far as the known facts allow.
    pub phase: Option<Phase>,
    /// Whether the answer may hold keys.
    pub secrets: bool,
}

/// What is wrong with a query. No message repeats a value that could be long or secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    /// Nothing on standard input.
    #[error(
        "no query on standard input: expected a JSON object such as {{\"mesh\": \"mesh.yaml\"}}"
    )]
    Empty,
    /// Something else than JSON on standard input.
    #[error("the query is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// JSON, but no object.
    #[error("the query must be a JSON object of strings, not {0}")]
    NotAnObject(&'static str),
    /// A key that means nothing.
    #[error("unknown query key {}{hint}", quoted(.key))]
    UnknownKey {
        /// The key.
        key: String,
        /// What was probably meant, or what there is.
        hint: String,
    },
    /// A value that is no string.
    #[error("query key `{key}` must be a string, not {found}")]
    NotAString {
        /// The key.
        key: String,
        /// What it is instead.
        found: &'static str,
    },
    /// No mesh file.
    #[error("the query names no mesh file: add `mesh = \"mesh.yaml\"`")]
    NoMesh,
    /// No such phase.
    #[error("query key `phase`: {0}")]
    Phase(#[from] UnknownPhase),
    /// Neither `true` nor `false`.
    #[error("query key `secrets` must be \"true\" or \"false\"")]
    Secrets,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// If it is not a JSON object of strings under known keys, or names no mesh file.
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        if text.trim().is_empty() {
            return Err(QueryError::Empty);
        }
        let object = match serde_json::from_str(text)? {
            Value::Object(object) => object,
            other => return Err(QueryError::NotAnObject(type_name(&other))),
        };
        if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(unknown_key(key));
        }
        let get = |key| string(&object, key);
        let mesh = get("mesh")?.filter(|path| !path.is_empty());
        Ok(Self {
            mesh: mesh.ok_or(QueryError::NoMesh)?.into(),
            cluster: get("cluster")?.map(str::to_owned),
            phase: get("phase")?.map(str::parse).transpose()?,
            secrets: match get("secrets")? {
                None | Some("false") => false,
                Some("true") => true,
                Some(_) => return Err(QueryError::Secrets),
            },
        })
    }
}

fn string<'q>(object: &'q Map<String, Value>, key: &str) -> Result<Option<&'q str>, QueryError> {
    match object.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(QueryError::NotAString {
            key: key.to_owned(),
            found: type_name(other),
        }),
    }
}

fn unknown_key(key: &str) -> QueryError {
    let hint = match closest(key, &KEYS) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; the keys are {}", KEYS.join(", ")),
    };
    QueryError::UnknownKey {
        key: key.to_owned(),
        hint,
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_may_say_everything() {
        let text =
            r#"{"mesh": "a/mesh.yaml", "cluster": "one", "phase": "join", "secrets": "true"}"#;
        let expected = Query {
            mesh: "a/mesh.yaml".into(),
            cluster: Some("one".to_owned()),
            phase: Some(Phase::Join),
            secrets: true,
        };
        assert_eq!(Query::parse(text).ok(), Some(expected));
    }

    #[test]
    fn only_mesh_must_be_said() {
        let query = Query::parse(r#"{"mesh": "mesh.yaml", "secrets": "false"}"#).ok();
        assert!(query.is_some_and(|query| query.cluster.is_none()
            && query.phase.is_none()
            && !query.secrets));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (text, expected) in [
            ("", "no query on standard input"),
            ("mesh.yaml", "the query is not JSON: expected value"),
            ("[]", "must be a JSON object of strings, not a list"),
            ("{}", "names no mesh file"),
            (r#"{"mesh": ""}"#, "names no mesh file"),
            (r#"{"mesh": 5}"#, "`mesh` must be a string, not a number"),
            (
                r#"{"mesh": "m", "cluster": null}"#,
                "`cluster` must be a string, not null",
            ),
            (
                r#"{"mesh": "m", "secrets": true}"#,
                "`secrets` must be a string, not a boolean",
            ),
            (
                r#"{"mesh": "m", "secrets": "yes"}"#,
                "must be \"true\" or \"false\"",
            ),
            (
                r#"{"mesh": "m", "phase": "boot"}"#,
                "`phase`: expected bootstrap, join or mesh",
            ),
            (
                r#"{"mesh": "m", "clusters": "a"}"#,
                "`clusters`; did you mean `cluster`?",
            ),
            (
                r#"{"mesh": "m", "colour": "a"}"#,
                "`colour`; the keys are mesh, cluster",
            ),
            ("{\"a\\nb\": \"\"}", "`a\\nb`"),
        ] {
            let error = Query::parse(text).expect_err(text).to_string();
            assert!(error.contains(expected), "{text} is answered by {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
