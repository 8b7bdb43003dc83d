//! docs/mesh.md: every field of mesh.yaml with type, default and example, made from the schema and from the fixtures.
//! `MESHGEN_UPDATE=1 cargo test --test it mesh_page` writes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use meshgen::testing::yaml::{ScalarRules, parse};
use serde_json::Value;

use crate::common::root;

const HEAD: &str = "# mesh.yaml

Every field, made from `schemas/mesh.schema.json` and from the meshes under `fixtures`. `meshgen schema` prints the schema; an editor with the YAML language
server reads it from the first line of a mesh file:

```yaml
# yaml-language-server: $schema=https://example.com/mesh.schema.json
```

";

/// One field.
struct Field {
    path: String,
    kind: String,
    text: String,
}

fn schema() -> Value {
    let text = fs::read_to_string(root().join("schemas/mesh.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A schema without `null` beside it and with its reference followed.
fn followed<'s>(schema: &'s Value, top: &'s Value) -> &'s Value {
    let alternatives = schema["anyOf"].as_array();
    let only = alternatives.and_then(|all| {
        let mut real = all.iter().filter(|one| one["type"] != "null");
        real.next().filter(|_| real.next().is_none())
    });
    let schema = only.unwrap_or(schema);
    match schema["$ref"].as_str() {
        Some(reference) => {
            let name = reference.rsplit('/').next().unwrap();
            followed(&top["$defs"][name], top)
        }
        None => schema,
    }
}

fn kind(schema: &Value, top: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        let words: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        return format!("`{}`", words.join("`, `"));
    }
    if let Some(all) = schema["anyOf"].as_array() {
        let mut kinds: Vec<String> = all
            .iter()
            .filter(|one| one["type"] != "null")
            .map(|one| kind(followed(one, top), top))
            .collect();
        kinds.dedup();
        return kinds.join(" or ");
    }
    let name = match &schema["type"] {
        Value::Array(all) => all
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null"),
        other => other.as_str(),
    };
    match name {
        Some("array") => format!("list of {}", kind(followed(&schema["items"], top), top)),
        Some("integer") => "whole number".to_owned(),
        Some("object") => "mapping".to_owned(),
        Some(name) => name.to_owned(),
        None => "value".to_owned(),
    }
}

fn collect(schema: &Value, top: &Value, path: &str, found: &mut Vec<Field>) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    for (key, property) in properties {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let real = followed(property, top);
        let text = property["description"]
            .as_str()
            .or(real["description"].as_str());
        found.push(Field {
            path: path.clone(),
            kind: kind(real, top),
            text: text.unwrap_or_default().replace('\n', " "),
        });
        let items = followed(&real["items"], top);
        collect(real, top, &path, found);
        collect(items, top, &format!("{path}[]"), found);
    }
}

/// For every path the first value that a fixture has there.
fn examples() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut files = Vec::new();
    for folder in [
        "fixtures/meshes",
        "fixtures/guide",
        "fixtures/guide-services",
        "fixtures/every-field",
    ] {
        collect_files(&root().join(folder), &mut files);
    }
    files.sort();
    for file in files {
        let Ok(stream) = parse(&fs::read_to_string(&file).unwrap(), ScalarRules::Yaml12) else {
            continue;
        };
        for document in &stream.documents {
            gather(&document.to_json(), "", &mut found);
        }
    }
    found
}

fn collect_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir()
            && path
                .file_name()
                .is_some_and(|name| name != "dumps" && name != "snapshots")
        {
            collect_files(&path, files);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            files.push(path);
        }
    }
}

fn gather(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
    let is_long = |text: &str| text.len() > 60 || text.contains("LS0t") || text.contains("-----");
    let shown = value.to_string();
    if !path.is_empty() && !is_long(&shown) {
        found.entry(path.to_owned()).or_insert(shown);
    }
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                gather(value, &path, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                gather(item, &format!("{path}[]"), found);
            }
        }
        _ => {}
    }
}

/// An example of `clusters[].x` is one of `defaults.x` too, and the other way round.
fn example(path: &str, examples: &BTreeMap<String, String>) -> Option<String> {
    let other = match path.strip_prefix("clusters[].") {
        Some(rest) => format!("defaults.{rest}"),
        None => path.replacen("defaults.", "clusters[].", 1),
    };
    examples.get(path).or(examples.get(&other)).cloned()
}

fn page() -> (String, Vec<String>) {
    let top = schema();
    let mut fields = Vec::new();
    collect(&top, &top, "", &mut fields);
    let examples = examples();
    let mut missing = Vec::new();
    let mut out = HEAD.to_owned();
    for (title, is_here) in [
        (
            "The mesh",
            (|path: &str| !path.starts_with("clusters[]") && !path.starts_with("defaults."))
                as fn(&str) -> bool,
        ),
        ("A cluster", |path: &str| path.starts_with("clusters[]")),
    ] {
        writeln!(
            out,
            "## {title}\n\n| field | type | what it is | example |\n|---|---|---|---|"
        )
        .unwrap();
        for field in fields.iter().filter(|field| is_here(&field.path)) {
            let shown = example(&field.path, &examples);
            if shown.is_none()
                && !field.kind.starts_with("mapping")
                && !field.kind.starts_with("list of mapping")
            {
                missing.push(field.path.clone());
            }
            let shown = shown.map_or_else(String::new, |text| format!("`{text}`"));
            let text = field.text.replace('|', "\\|");
            writeln!(
                out,
                "| `{}` | {} | {text} | {} |",
                field.path,
                field.kind,
                shown.replace('|', "\\|")
            )
            .unwrap();
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    (out, missing)
}

#[test]
fn the_page_of_fields_is_current() {
    let (page, missing) = page();
    assert!(
        missing.is_empty(),
        "no fixture shows {missing:?}; add them to fixtures/every-field/mesh.yaml"
    );
    let file = root().join("docs/mesh.md");
    if std::env::var_os("MESHGEN_UPDATE").is_some() {
        fs::write(&file, &page).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&file).unwrap_or_default(),
        page,
        "docs/mesh.md is old; run `MESHGEN_UPDATE=1 cargo test --test it mesh_page`"
    );
}

#[test]
fn the_mesh_with_every_field_is_sound() {
    let run = crate::common::run(crate::common::meshgen().args([
        "validate",
        "--now",
        crate::common::NOW,
        "fixtures/every-field/mesh.yaml",
    ]));
    assert_eq!(run.code, 0, "{}", run.stdout);
    for code in ["unknown-key", "ignore-unused"] {
        assert!(!run.stdout.contains(code), "{}", run.stdout);
    }
}
