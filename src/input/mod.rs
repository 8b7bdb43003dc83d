//! Loading: mesh.yaml, and every file that it points at, with the places of all values kept.
//!
//! Nothing here knows what the facts mean; that is `resolve`'s work.

pub(crate) mod codes;
pub(crate) mod dump_folder;
pub(crate) mod dumps;
mod encrypted;
pub(crate) mod file;
pub(crate) mod lock_file;
pub(crate) mod mesh_file;
pub(crate) mod nearest;
pub(crate) mod secret;
pub(crate) mod structure;
mod syntax_help;
pub(crate) mod tracked;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::finding::Finding;
use crate::model::{Absent, Due};
use crate::source::{FileId, Place, Route, RouteStep, SourceFile, Sources};
use crate::utf16;
use crate::yaml::{self, Most, Node, ScalarRules, SyntaxError};
use dumps::{EmptyDump, Object, PassedOver};
use lock_file::Lock;
use mesh_file::MeshFile;

/// Why there is nothing to look at: wrong usage rather than a fault of the mesh (exit status 2).
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}: {reason}")]
pub struct Unreadable {
    path: String,
    reason: String,
}

/// Everything that was read for one mesh.
pub struct Input {
    /// All texts.
    pub sources: Sources,
    /// mesh.yaml among them.
    pub mesh_file: FileId,
    /// mesh.yaml as typed data; `None` where its text is no mapping or no YAML at all.
    pub file: Option<MeshFile>,
    /// Where mesh.yaml is, as given.
    pub path: PathBuf,
    /// The folder of mesh.yaml: paths in it are relative to this.
    pub base: PathBuf,
    /// The objects in each cluster's dumps, by the cluster's position in mesh.yaml.
    pub dumps: Vec<Vec<Object>>,
    /// What steps.sh has left to restart, by the cluster's position in mesh.yaml.
    pub due: Vec<Option<Due>>,
    /// What each cluster was given once, where a lock stands beside mesh.yaml.
    pub lock: Option<Lock>,
    /// What stands in the dumps folders and is not read.
    pub passed_over: Vec<PassedOver>,
    /// Files among the dumps that hold nothing.
    pub empty: Vec<EmptyDump>,
    /// Inputs that could not be read.
    pub absent: Vec<Absent>,
    /// Routes in mesh.yaml that were given but cannot be used.
    pub unusable: BTreeSet<Route>,
    /// What was wrong with the texts themselves.
    pub findings: Vec<Finding>,
}

/// Reads mesh.yaml at `path`, or at `-` from standard input, and all dumps that it names.
///
/// # Errors
/// Only if the file itself cannot be read; all else becomes findings.
pub fn load(path: &Path) -> Result<Input, Unreadable> {
    let is_standard_input = path == Path::new(file::STANDARD_INPUT);
    let bytes = if is_standard_input {
        file::read_standard_input()
    } else {
        file::read(path)
    };
    let bytes = bytes.map_err(|error| Unreadable {
        path: path.display().to_string(),
        reason: file::reason(&error),
    })?;
    Ok(from_text(path, bytes))
}

/// Reads a mesh file from memory, as if it stood at `path`, and all dumps that it names.
pub(crate) fn from_text(path: &Path, bytes: Vec<u8>) -> Input {
    let name = path.display().to_string();
    let base = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut sources = Sources::new(base.clone());
    let mut findings = Vec::new();
    let mesh_file = read_text(
        &mut sources,
        name,
        bytes,
        (ScalarRules::Yaml12, Most::MESH),
        &mut findings,
    );
    let mut input = Input {
        sources,
        mesh_file,
        file: None,
        path: path.to_path_buf(),
        base,
        dumps: Vec::new(),
        due: Vec::new(),
        lock: None,
        passed_over: Vec::new(),
        empty: Vec::new(),
        absent: Vec::new(),
        unusable: BTreeSet::new(),
        findings,
    };
    input.read_mesh_file();
    input.lock = lock_file::read(&input.base, &mut input.sources, &mut input.findings);
    input.read_dumps();
    input
}

impl Input {
    fn read_mesh_file(&mut self) {
        const KEYS: [&str; 2] = ["apiVersion", "clusters"];
        let is_foreign = !has_key(self.sources.file(self.mesh_file), &KEYS);
        if is_foreign {
            self.sources.hide(self.mesh_file);
        }
        let source = self.sources.file(self.mesh_file);
        if !self.findings.is_empty() && source.documents.is_empty() {
            return;
        }
        let place = Place::value(self.mesh_file, Route::root());
        let Some(document) = the_document(source, &place, &mut self.findings) else {
            return;
        };
        if document.get("sops").is_some() {
            self.findings
                .push(secret::encrypted_mesh(&place, &source.name));
            return;
        }
        if let Some(finding) = too_many_values(document, &place) {
            self.findings.push(finding);
            return;
        }
        let schema = mesh_file::schema();
        let mut checked = structure::check(document, &source.text, &place, &schema);
        if is_foreign {
            // Its keys are not for the readers of a report either, unless one is meant for a mesh file's.
            checked.findings.retain(|finding| {
                let last = finding.primary.place.route.steps().last();
                let is_near = |step: &RouteStep| match step {
                    RouteStep::Key(key) => structure::closest(key, &KEYS).is_some(),
                    RouteStep::Index(_) => false,
                };
                finding.code != codes::UNKNOWN_KEY.name || last.is_some_and(is_near)
            });
        }
        apply_defaults(&mut checked.value);
        self.findings.append(&mut checked.findings);
        self.unusable = checked.unusable;
        match serde_json::from_value(checked.value) {
            Ok(file) => self.file = Some(file),
            // The schema is made from these very types, so what passed it fits them.
            Err(_) => self.findings.push(
                codes::WRONG_TYPE.finding(place, "this file does not have the form of a mesh file"),
            ),
        }
    }

    fn read_dumps(&mut self) {
        let clusters = self.file.as_ref().and_then(|file| file.clusters.clone());
        for (index, cluster) in clusters.unwrap_or_default().iter().enumerate() {
            let default = dump_folder::default(&self.base, cluster);
            let paths = match &cluster.dumps {
                Some(dumps) => dumps.paths(),
                None => default.as_slice(),
            };
            let objects = dumps::read(self, index, paths);
            let name = cluster
                .name
                .clone()
                .unwrap_or_else(|| format!("clusters[{index}]"));
            for object in &objects {
                let called = format!("{}/{}", object.kind, object.name);
                self.sources.name_object(&name, &object.place, called);
            }
            self.dumps.push(objects);
            self.due.push(dump_folder::due(&self.base, cluster));
        }
    }

    /// The place of a field of a cluster: its own entry, else `defaults`, else where it would stand.
    pub fn field(&self, cluster: usize, path: &str) -> Place {
        let top = Place::value(self.mesh_file, Route::root());
        let own = top.key("clusters").index(cluster).dotted(path);
        let default = top.key("defaults").dotted(path);
        let is_default = self.sources.node(&own).is_none() && self.sources.node(&default).is_some();
        if is_default { default } else { own }
    }
}

/// The text of a file in UTF-8, or in UTF-16 with a byte order mark, as PowerShell writes it. Else what can be read
/// of it, and the first offset that cannot.
fn text_of(bytes: Vec<u8>) -> Result<String, (String, usize)> {
    if let Some(text) = utf16::decode(&bytes) {
        return Ok(text);
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let lossy = String::from_utf8_lossy(error.as_bytes());
        (lossy.into_owned(), at)
    })
}

/// Takes a text in and parses it; what is wrong with it becomes findings.
fn read_text(
    sources: &mut Sources,
    name: String,
    bytes: Vec<u8>,
    (rules, most): (ScalarRules, Most),
    findings: &mut Vec<Finding>,
) -> FileId {
    let text = match text_of(bytes) {
        Ok(text) => text,
        Err((lossy, at)) => {
            let id = sources.add(SourceFile::new(name, lossy, Vec::new()));
            findings.push(
                codes::SYNTAX
                    .finding(Place::bytes(id, at..at + 1), "this is not UTF-8 text")
                    .help("save the file as UTF-8"),
            );
            return id;
        }
    };
    let parsed = yaml::parse_at_most(&text, rules, most);
    // JSON has escapes that Go's YAML library refuses (`\/`, surrogate pairs), but kubectl reads a file of JSON as JSON.
    let parsed = parsed.or_else(|error| yaml::parse_json(&text, most).ok_or(error));
    match parsed {
        Ok(stream) => {
            let duplicates = stream.duplicates;
            let id = sources.add(SourceFile::new(name, text, stream.documents));
            findings.extend(duplicates.into_iter().map(|duplicate| {
                codes::SYNTAX
                    .finding(
                        Place::bytes(id, duplicate.span),
                        "this key stands here twice",
                    )
                    .label("again here")
                    .related(Place::bytes(id, duplicate.first), "first here")
                    .help("keep one of the two: which of them a reader takes is a matter of luck")
            }));
            id
        }
        Err(error) => {
            let help = syntax_help::help(&error, &text);
            let id = sources.add(SourceFile::new(name, text, Vec::new()));
            findings.push(unread(Place::bytes(id, error.span.clone()), &error, help));
            id
        }
    }
}

/// Why a text was not read to its end.
fn unread(place: Place, error: &SyntaxError, help: String) -> Finding {
    if error.is_too_large() {
        return codes::SYNTAX
            .finding(place, format!("this file is too large: {}", error.message))
            .label("reading stopped here")
            .help("remove what does not belong in it");
    }
    codes::SYNTAX
        .finding(place, format!("this is not YAML: {}", error.message))
        .label("reading stopped here")
        .help(help)
}

/// Whether a line of a text begins with one of the keys that a file of its kind has. A link of the name mesh.yaml or
/// mesh.lock.yaml may lead to any file of the machine, whose lines are not for the readers of a report.
fn has_key(source: &SourceFile, keys: &[&str]) -> bool {
    let is_key = |line: &str| {
        let key = line.split(':').next().unwrap_or_default();
        keys.contains(&key.trim_matches(['"', '\'', ' ', '{', '\u{feff}']))
    };
    !source.text.contains('\0') && source.text.lines().any(is_key)
}

/// The one document of mesh.yaml, if it is one mapping.
fn the_document<'s>(
    source: &'s SourceFile,
    place: &Place,
    findings: &mut Vec<Finding>,
) -> Option<&'s Node> {
    let Some(document) = source.documents.first() else {
        findings.push(
            codes::SYNTAX
                .finding(
                    Place::bytes(place.file, 0..0),
                    "this file holds no document",
                )
                .help("start it with `apiVersion: meshgen/v1`"),
        );
        return None;
    };
    if document.entries().is_none() {
        findings.push(
            codes::WRONG_TYPE
                .finding(
                    place.clone(),
                    format!("expected a mapping, found {}", document.type_name()),
                )
                .label("expected a mapping")
                .help("start the file with `apiVersion: meshgen/v1`"),
        );
        return None;
    }
    if source.documents.len() > 1 {
        let second = source.documents[1].span.clone();
        findings.push(
            codes::SYNTAX
                .finding(
                    Place::bytes(place.file, second),
                    "a second document in one mesh file",
                )
                .label("this would be ignored")
                .help("keep one mesh per file"),
        );
    }
    Some(document)
}

const MOST_VALUES: usize = Most::MESH.values();

/// A mesh file of more values than meshgen reads, those that `defaults` gives to each cluster counted with them.
fn too_many_values(document: &Node, place: &Place) -> Option<Finding> {
    let written = document.values();
    let defaults = document.get("defaults").map_or(0, Node::values);
    let clusters = document.get("clusters").and_then(Node::items);
    let given = clusters.map_or(0, <[Node]>::len).saturating_mul(defaults);
    let count = written.saturating_add(given);
    let culprit = if written > MOST_VALUES {
        place.clone()
    } else {
        place.key("defaults")
    };
    (count > MOST_VALUES).then(|| {
        codes::SYNTAX
            .finding(culprit, format!("the mesh has {count} values, and meshgen reads no more than {MOST_VALUES}"))
            .label("each cluster has what `defaults` says too")
            .help("write what is meant by many addresses as a range, and remove what belongs to no cluster")
    })
}

/// Gives each cluster what `defaults` says and it does not; mappings are filled in key by key.
fn apply_defaults(file: &mut Value) {
    let Some(defaults) = file.get("defaults").cloned() else {
        return;
    };
    let clusters = file.get_mut("clusters").and_then(Value::as_array_mut);
    for cluster in clusters.into_iter().flatten() {
        fill_in(cluster, &defaults);
    }
}

fn fill_in(own: &mut Value, default: &Value) {
    let (Value::Object(own), Value::Object(default)) = (own, default) else {
        return;
    };
    for (key, value) in default {
        match own.get_mut(key) {
            // A secret is one value, even where it is written as a mapping.
            Some(present) if !present.is_null() && key != "cert" && key != "key" => {
                fill_in(present, value)
            }
            Some(present) if !present.is_null() => {}
            _ => drop(own.insert(key.clone(), value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn defaults_fill_in_what_a_cluster_does_not_say() {
        let mut file = json!({
            "defaults": {"kkp": "2.30", "apiserver": {"port": 1, "service": {"type": "NodePort"}}, "ca": {"key": {"env": "A"}}},
            "clusters": [{"kkp": "2.31.0", "apiserver": {"ips": ["192.0.2.1"]}, "ca": {"key": {"file": "f"}}}],
        });
        apply_defaults(&mut file);
        assert_eq!(
            file["clusters"][0],
            json!({"kkp": "2.31.0", "apiserver": {"ips": ["192.0.2.1"], "port": 1, "service": {"type": "NodePort"}}, "ca": {"key": {"file": "f"}}})
        );
    }
}
