//! Holds a document against the JSON Schema of mesh.yaml: unknown keys, wrong types and missing
//! keys, all in one run, each at its place.
//!
//! The schema is the one that users' editors read, made from the types in [`super::mesh_file`], so
//! there is no second description of the file. What does not fit is left out of the value that
//! comes back, which therefore always fits the types: one fault never hides another.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::profile::newest_patch;
use crate::source::{Place, Route, RouteStep, quoted};
use crate::yaml::{Kind, Node};

/// What is left of a document, what was wrong with it, and where it must not be called missing.
pub(crate) struct CheckedDocument {
    /// The document without what does not fit.
    pub value: Value,
    /// `unknown-key`, `wrong-type` and `key-missing`.
    pub findings: Vec<Finding>,
    /// Routes that were given but cannot be used: no other finding is made about these.
    pub unusable: BTreeSet<Route>,
}

/// Checks `node`, whose text is `text` and which stands at `place`, against `schema`.
pub(crate) fn check(node: &Node, text: &str, place: &Place, schema: &Value) -> CheckedDocument {
    let mut walk = Walk {
        root: schema,
        text,
        findings: Vec::new(),
        unusable: BTreeSet::new(),
    };
    let value = walk.value(node, schema, place).unwrap_or(Value::Null);
    CheckedDocument {
        value,
        findings: walk.findings,
        unusable: walk.unusable,
    }
}

struct Walk<'a> {
    root: &'a Value,
    text: &'a str,
    findings: Vec<Finding>,
    unusable: BTreeSet<Route>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, node: &Node, schema: &'a Value, place: &Place) -> Option<Value> {
        let branches = self.branches(schema);
        let fitting = branches
            .iter()
            .copied()
            .filter(|branch| accepts(branch, &node.kind))
            .max_by_key(|branch| known_keys(branch, node));
        let Some(schema) = fitting else {
            self.wrong_type(node, &branches, place);
            return None;
        };
        match &node.kind {
            Kind::Mapping(_) => Some(self.mapping(node, schema, place)),
            Kind::Sequence(items) => Some(self.sequence(items, schema, place)),
            _ if !allowed(schema, node) => {
                self.not_one_of(node, schema, place);
                None
            }
            _ => Some(node.to_json()),
        }
    }

    fn sequence(&mut self, items: &[Node], schema: &'a Value, place: &Place) -> Value {
        if items.is_empty() && schema.get("minItems").is_some() {
            self.findings.push(
                super::codes::WRONG_TYPE
                    .finding(place.clone(), format!("{}an empty list", subject(place)))
                    .label("expected at least one item")
                    .help("add what the list is for, or remove its key"),
            );
        }
        let Some(item_schema) = schema.get("items") else {
            return Value::Array(items.iter().map(Node::to_json).collect());
        };
        // A bad item keeps its seat as null, so that the indexes of the others stay true.
        let values = items.iter().enumerate().map(|(index, item)| {
            self.value(item, item_schema, &place.index(index))
                .unwrap_or_else(|| placeholder(self.root, item_schema))
        });
        Value::Array(values.collect())
    }

    fn mapping(&mut self, node: &Node, schema: &'a Value, place: &Place) -> Value {
        let mut object = Map::new();
        for entry in node.entries().unwrap_or_default() {
            let at = place.key(&entry.key);
            match property(schema, &entry.key) {
                Property::Known(schema) => {
                    if let Some(value) = self.value(&entry.value, schema, &at) {
                        object.insert(entry.key.clone(), value);
                    }
                }
                Property::Free => {
                    object.insert(entry.key.clone(), entry.value.to_json());
                }
                Property::Unknown => self.unknown_key(&entry.key, node, schema, place),
            }
        }
        self.missing_keys(node, schema, place);
        Value::Object(object)
    }

    fn missing_keys(&mut self, node: &Node, schema: &Value, place: &Place) {
        for key in strings(schema.get("required")) {
            let at = place.key(key);
            if !is_given(node, key) && !self.unusable.contains(&at.route) {
                self.findings.push(
                    super::codes::KEY_MISSING
                        .finding(place.key(key), format!("`{key}` is missing"))
                        .label(format!("no `{key}` here"))
                        .help(format!(
                            "add `{key}: ...`{}",
                            described(self.root, schema, key)
                        )),
                );
                self.unusable.insert(at.route);
            }
        }
    }

    fn unknown_key(&mut self, key: &str, node: &Node, schema: &'a Value, place: &Place) {
        let known: Vec<&str> = properties(schema).map(|(name, _)| name.as_str()).collect();
        let mut finding = super::codes::UNKNOWN_KEY.finding(
            place.key(key).of_key(),
            format!("unknown key {}", quoted(key)),
        );
        let near = closest(key, &known);
        finding = match (near, self.home(key, node, schema, place)) {
            (None, Some(home)) => finding
                .label("not a key that means anything here")
                .help(home),
            (Some(near), _) => {
                self.unusable.insert(place.key(near).route);
                finding
                    .label(format!("did you mean `{near}`?"))
                    .help(format!("write `{near}:`"))
            }
            (None, None) => finding
                .label("not a key that means anything here")
                .help(format!("the keys here are {}", list(&known))),
        };
        self.findings.push(finding);
    }

    /// Where a key belongs that means something elsewhere: below a key beside it, or at the top of the file.
    fn home(&self, key: &str, node: &Node, schema: &'a Value, place: &Place) -> Option<String> {
        let takes = |(_, schema): &(&String, &'a Value)| {
            let mut branches = self.branches(schema).into_iter();
            branches.any(|branch| properties(branch).any(|(name, _)| name == key))
        };
        let mut homes: Vec<&String> = properties(schema)
            .filter(takes)
            .map(|(name, _)| name)
            .collect();
        // The one that stands there, and empty before all: its own keys were not indented.
        homes.sort_by_key(|name| match node.get(name).map(|value| &value.kind) {
            Some(Kind::Null) => 0,
            Some(_) => 1,
            None => 2,
        });
        if let Some(home) = homes.first() {
            return Some(format!(
                "write `{key}` below `{home}:`, further to the right"
            ));
        }
        let is_of_a_cluster = matches!(
            place.route.steps().first(),
            Some(RouteStep::Key(first)) if first == "clusters" || first == "defaults"
        );
        let is_of_the_file =
            key != "clusters" && properties(self.root).any(|(name, _)| name == key);
        (is_of_a_cluster && is_of_the_file).then(|| {
            format!("`{key}` is said once for all clusters: write it in the first column, above `clusters:`")
        })
    }

    fn wrong_type(&mut self, node: &Node, branches: &[&Value], place: &Place) {
        let wanted: Vec<&str> = branches
            .iter()
            .flat_map(|b| type_names(b))
            .filter(|t| *t != "null")
            .collect();
        let wanted = words(&wanted);
        let found = kind_name(&node.kind);
        let mut finding = super::codes::WRONG_TYPE
            .finding(
                place.clone(),
                format!("{}expected {wanted}, found {found}", subject(place)),
            )
            .label(format!("expected {wanted}"));
        if let Some(help) = self.mend(node, branches, place) {
            finding = finding.help(help);
        }
        self.findings.push(finding);
        self.unusable.insert(place.route.clone());
    }

    /// What to type instead, where that is certain.
    fn mend(&self, node: &Node, branches: &[&Value], place: &Place) -> Option<String> {
        let wants = |name| branches.iter().any(|b| type_names(b).contains(&name));
        let key = last_key(place);
        match &node.kind {
            Kind::Int(_) | Kind::Uint(_) | Kind::Float(_) | Kind::Bool(_) if wants("string") => {
                let raw = node.raw(self.text);
                let patch = (key == "cilium: ").then(|| newest_patch(raw)).flatten();
                Some(match patch {
                    Some(whole) => format!(
                        "`{key}\"{raw}\"` would be a string that lacks the patch: write the whole version, such as `{key}{whole}`"
                    ),
                    None => format!("quote it: `{key}\"{raw}\"`"),
                })
            }
            Kind::Int(_) | Kind::Uint(_) => {
                let mut required = branches
                    .iter()
                    .map(|branch| strings(branch.get("required")));
                let only =
                    required.find_map(|mut keys| keys.next().filter(|_| keys.next().is_none()));
                let raw = node.raw(self.text);
                only.map(|only| format!("write it as a mapping: `{{{only}: {raw}}}`"))
            }
            Kind::String(text) if wants("integer") && text.parse::<i64>().is_ok() => {
                Some(format!("write it without quotes: `{key}{text}`"))
            }
            Kind::String(text) if wants("array") && text.len() <= 24 => {
                Some(format!("write it as a list: `{key}[{text}]`"))
            }
            _ => None,
        }
    }

    fn not_one_of(&mut self, node: &Node, schema: &Value, place: &Place) {
        let choices: Vec<&str> = choices(schema);
        let found = match &node.kind {
            Kind::String(text) => quoted(text).to_string(),
            _ => "this".to_owned(),
        };
        let mut finding = super::codes::WRONG_TYPE
            .finding(
                place.clone(),
                format!("{}{found} is not one of {}", subject(place), list(&choices)),
            )
            .label(format!("expected {}", list(&choices)));
        if let Kind::String(text) = &node.kind
            && let Some(near) = closest(text, &choices)
        {
            finding = finding.help(format!("write `{}{near}`", last_key(place)));
        }
        self.findings.push(finding);
        self.unusable.insert(place.route.clone());
    }

    /// The alternatives of a schema, with references followed.
    fn branches(&self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = follow(self.root, schema);
        match schema.get("anyOf").or_else(|| schema.get("oneOf")) {
            Some(Value::Array(all)) => all
                .iter()
                .flat_map(|branch| self.branches(branch))
                .collect(),
            _ => vec![schema],
        }
    }
}

enum Property<'a> {
    Known(&'a Value),
    Free,
    Unknown,
}

fn property<'a>(schema: &'a Value, key: &str) -> Property<'a> {
    if let Some(known) = schema.get("properties").and_then(|all| all.get(key)) {
        return Property::Known(known);
    }
    match schema.get("additionalProperties") {
        Some(Value::Bool(false)) => Property::Unknown,
        Some(schema @ Value::Object(_)) => Property::Known(schema),
        _ => Property::Free,
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str);
    let pointer = target.and_then(|reference| reference.strip_prefix('#'));
    pointer
        .and_then(|pointer| root.pointer(pointer))
        .unwrap_or(schema)
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn type_names(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ if schema.get("const").is_some() || schema.get("enum").is_some() => vec!["string"],
        _ => Vec::new(),
    }
}

fn accepts(schema: &Value, kind: &Kind) -> bool {
    let names = type_names(schema);
    let name = match kind {
        Kind::Null => return true, // an empty value is the same as no key
        Kind::Bool(_) => "boolean",
        Kind::Int(_) | Kind::Uint(_) => "integer",
        Kind::Float(_) => "number",
        Kind::String(_) => "string",
        Kind::Sequence(_) => "array",
        Kind::Mapping(_) => "object",
    };
    names.is_empty() || names.contains(&name)
}

fn known_keys(schema: &Value, node: &Node) -> usize {
    let known = |key: &str| {
        schema
            .get("properties")
            .is_some_and(|all| all.get(key).is_some())
    };
    node.entries()
        .unwrap_or_default()
        .iter()
        .filter(|entry| known(&entry.key))
        .count()
}

fn choices(schema: &Value) -> Vec<&str> {
    let one = schema.get("const").and_then(Value::as_str);
    strings(schema.get("enum")).chain(one).collect()
}

fn allowed(schema: &Value, node: &Node) -> bool {
    let choices = choices(schema);
    match &node.kind {
        Kind::Null => true,
        Kind::String(text) => choices.is_empty() || choices.contains(&text.as_str()),
        _ => true,
    }
}

/// Something of the right type for a list item that had the wrong one.
fn placeholder(root: &Value, schema: &Value) -> Value {
    let schema = follow(root, schema);
    match type_names(schema).first() {
        Some(&"object") => Value::Object(Map::new()),
        Some(&"string") => Value::String(String::new()),
        _ => Value::Null,
    }
}

fn is_given(node: &Node, key: &str) -> bool {
    node.get(key)
        .is_some_and(|value| !matches!(value.kind, Kind::Null))
}

fn described(root: &Value, schema: &Value, key: &str) -> String {
    let property = schema.get("properties").and_then(|all| all.get(key));
    let description = property.and_then(|p| {
        p.get("description")
            .or_else(|| follow(root, p).get("description"))
    });
    match description.and_then(Value::as_str) {
        Some(text) => format!(": {}", text.lines().next().unwrap_or_default()),
        None => String::new(),
    }
}

fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Null => "nothing",
        Kind::Bool(_) => "true or false",
        Kind::Int(_) | Kind::Uint(_) => "a whole number",
        Kind::Float(_) => "a number",
        Kind::String(_) => "a string",
        Kind::Sequence(_) => "a list",
        Kind::Mapping(_) => "a mapping",
    }
}

fn words(types: &[&str]) -> String {
    let mut all: Vec<&str> = types
        .iter()
        .map(|name| match *name {
            "boolean" => "true or false",
            "integer" => "a whole number",
            "number" => "a number",
            "string" => "a string",
            "array" => "a list",
            _ => "a mapping",
        })
        .collect();
    all.dedup();
    all.join(" or ")
}

fn subject(place: &Place) -> String {
    match last_key(place).strip_suffix(": ") {
        Some(key) => format!("`{key}`: "),
        None => String::new(),
    }
}

/// `key: ` of the place, or nothing for a list item.
fn last_key(place: &Place) -> String {
    match place.route.steps().last() {
        Some(RouteStep::Key(key)) => format!("{}: ", shown_key(key)),
        _ => String::new(),
    }
}

/// A key as it may be shown: something secret can stand where a key should.
fn shown_key(key: &str) -> &str {
    if key.len() <= 40 { key } else { "..." }
}

fn list(items: &[&str]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
    quoted.join(", ")
}

/// The known word nearest to what was typed, if it is near enough to be what was meant.
pub(crate) fn closest<'k>(typed: &str, known: &[&'k str]) -> Option<&'k str> {
    // Longer than any word and its likely mistakes: no need to compare each letter.
    let longest = known.iter().map(|word| word.len()).max().unwrap_or(0);
    if typed.len() > longest * 2 {
        return None;
    }
    let typed = typed.to_lowercase();
    known
        .iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&typed, &word.to_lowercase()),
                *word,
            )
        })
        .min()
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4 && *distance < word.len())
        .map(|(_, word)| word)
}
