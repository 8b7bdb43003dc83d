//! Dumps: what `kubectl get ... -o yaml` printed, as single objects with their places.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Input, codes, dump_folder, encrypted, file};
use crate::model::{Absent, AbsentKind, FileEncryption};
use crate::source::{FileId, Place, Route, Sources};
use crate::yaml::{Most, Node, ScalarRules};

/// One Kubernetes object in a dump.
#[derive(Debug, Clone)]
pub struct Object {
    /// The API group of its `apiVersion`: empty for the core group; `None` where no `apiVersion` is written.
    pub group: Option<String>,
    /// `Secret`, `Service`, ...
    pub kind: String,
    /// `metadata.name`; empty where there is none.
    pub name: String,
    /// `metadata.namespace`, if there is one.
    pub namespace: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// Files and folders in a dumps folder that are not read.
#[derive(Debug)]
pub struct PassedOver {
    /// The cluster whose folder it is.
    pub cluster: usize,
    /// Where mesh.yaml names the folder, or would.
    pub place: Place,
    /// Their names, relative to mesh.yaml and sorted.
    pub names: Vec<String>,
}

/// A file among the dumps that holds nothing.
#[derive(Debug)]
pub struct EmptyDump {
    /// The cluster whose dump it is.
    pub cluster: usize,
    /// The file.
    pub file: FileId,
}

/// Reads the dumps of a cluster: files, and the files of folders in the order of their names.
pub(super) fn read(input: &mut Input, cluster: usize, paths: &[String]) -> Vec<Object> {
    let mut objects = Vec::new();
    // `format-invalid` names a path that is empty or the root: nothing else of the machine is looked at.
    let is_named = |path: &str| !path.trim_end_matches('/').is_empty();
    let named = paths.iter().enumerate();
    for (position, path) in named.filter(|(_, path)| is_named(path)) {
        let place = dumps_place(input, cluster, position);
        match files(&input.base, path) {
            Ok(found) => {
                for name in &found.dumps {
                    read_file(input, cluster, &place, name, &mut objects);
                }
                if !found.others.is_empty() {
                    input.passed_over.push(PassedOver {
                        cluster,
                        place,
                        names: found.others,
                    });
                }
            }
            Err(error) => {
                let is_first_folder = dump_folder::first_folder(paths) == Some(path);
                let kind = match error.kind() {
                    ErrorKind::NotFound if is_first_folder => AbsentKind::NotDumpedYet,
                    _ => AbsentKind::Missing,
                };
                let reason = file::reason(&error);
                let absent = absent(cluster, place, path, kind, reason);
                input.absent.push(absent);
            }
        }
    }
    objects
}

fn read_file(
    input: &mut Input,
    cluster: usize,
    place: &Place,
    name: &str,
    objects: &mut Vec<Object>,
) {
    let bytes = match file::read(&input.base.join(name)) {
        Ok(bytes) => bytes,
        Err(error) => {
            let reason = file::reason(&error);
            let absent = absent(cluster, place.clone(), name, AbsentKind::Missing, reason);
            input.absent.push(absent);
            return;
        }
    };
    let closed = |encryption: FileEncryption| {
        let reason = encryption.predicate().to_owned();
        let kind = AbsentKind::Encrypted(encryption);
        absent(cluster, place.clone(), name, kind, reason)
    };
    if let Some(encryption) = encrypted::of_bytes(&bytes) {
        input.absent.push(closed(encryption));
        return;
    }
    let findings = input.findings.len();
    // kubectl prints what Go's YAML library quotes, so it is read by that library's rules.
    let file = super::read_text(
        &mut input.sources,
        name.to_owned(),
        bytes,
        (ScalarRules::Go, Most::DUMP),
        &mut input.findings,
    );
    show_only_objects(&mut input.sources, file);
    let documents = input.sources.file(file).documents.len();
    let first = objects.len();
    if input.findings.len() == findings && is_empty(&input.sources, file) {
        input.empty.push(EmptyDump { cluster, file });
    }
    for document in 0..documents {
        let at = Place::in_document(file, document, Route::root());
        let encryption = input.sources.node(&at).and_then(encrypted::of_document);
        match encryption {
            Some(encryption) => input.absent.push(closed(encryption)),
            None => collect(&input.sources, at, &Inherited::default(), objects),
        }
    }
    refuse_oversized(input, objects, first);
    for object in &objects[first..] {
        keep_what_is_read(&mut input.sources, object);
    }
}

/// Whether a file holds no value at all, as one does whose command has failed.
fn is_empty(sources: &Sources, file: FileId) -> bool {
    sources.file(file).documents.iter().all(Node::is_null)
}

/// An API server takes 3 MiB in a request and etcd 1.5 MiB; as YAML the same is longer.
const LARGEST_OBJECT: usize = 4 << 20;

/// Takes out the objects, from the `first` on, that no cluster can have.
fn refuse_oversized(input: &mut Input, objects: &mut Vec<Object>, first: usize) {
    let is_oversized = |object: &mut Object| {
        let node = input.sources.node(&object.place);
        node.is_some_and(|node| node.span.len() > LARGEST_OBJECT)
    };
    for object in objects.extract_if(first.., is_oversized) {
        input.findings.push(
            codes::SYNTAX
                .finding(
                    object.place,
                    "this object is larger than 4 MiB, and no API server keeps one of that size",
                )
                .label("it is not read")
                .help("dump it again with `kubectl get ... -o yaml`"),
        );
    }
}

/// A mesh may have thousands of Nodes, each with hundreds of values, of which a handful is read.
fn keep_what_is_read(sources: &mut Sources, object: &Object) {
    if object.kind != "Node" {
        return;
    }
    if let Some(node) = sources.node_mut(&object.place) {
        node.keep_only(&["metadata", "status"]);
        for (key, kept) in [("metadata", &[][..]), ("status", &["addresses"])] {
            if let Some(part) = node.get_mut(key) {
                part.keep_only(kept);
            }
        }
    }
}

/// A path in mesh.yaml may lead to any file of the machine, and reports are read by others: lines are shown only
/// of a file that holds Kubernetes objects, or the beginning of one.
fn show_only_objects(sources: &mut Sources, file: FileId) {
    let source = sources.file(file);
    let begins_object = |line: &str| line.starts_with("apiVersion:") || line.starts_with("kind:");
    let is_shown = if source.documents.is_empty() {
        !source.text.contains('\0') && source.text.lines().any(begins_object)
    } else {
        let mut documents = source.documents.iter();
        documents.all(|document| match document.items() {
            Some(items) => items.iter().all(is_object),
            None => document.is_null() || is_object(document),
        })
    };
    if !is_shown {
        sources.hide(file);
    }
}

/// Whether a document has the two keys of every Kubernetes object, with values of their form.
fn is_object(document: &Node) -> bool {
    let has = |key: &str, others: &str| {
        let value = document.get(key).and_then(Node::as_str);
        value.is_some_and(|value| is_word(value, others))
    };
    has("kind", "") && has("apiVersion", ".-/")
}

/// Whether a text has the form of a kind, or with other characters of a name, so that a message may quote it.
fn is_word(text: &str, others: &str) -> bool {
    let is_ok = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    (1..=253).contains(&text.len()) && text.chars().all(is_ok)
}

/// What the items of a list have of the list: API clients print them without a kind.
#[derive(Default)]
struct Inherited {
    group: Option<String>,
    kind: Option<String>,
}

/// The object at a place; of a List, its items, and of a bare list too, which is what `jq .items` makes of one.
fn collect(sources: &Sources, place: Place, inherited: &Inherited, objects: &mut Vec<Object>) {
    let Some(node) = sources.node(&place) else {
        return;
    };
    if let Some(items) = node.items() {
        for index in 0..items.len() {
            collect(sources, place.index(index), inherited, objects);
        }
        return;
    }
    let group = text(node, &["apiVersion"]).map(|version| group(&version));
    let kind = text(node, &["kind"]).filter(|kind| is_word(kind, ""));
    let items = node.get("items").and_then(Node::items);
    let of_items = kind.as_deref().and_then(|kind| kind.strip_suffix("List"));
    if let (Some(items), Some(of_items)) = (items, of_items) {
        let list = place.key("items");
        let inherited = Inherited {
            kind: (!of_items.is_empty()).then(|| of_items.to_owned()),
            group,
        };
        for index in 0..items.len() {
            collect(sources, list.index(index), &inherited, objects);
        }
        return;
    }
    if node.is_null() {
        return;
    }
    let is_bare = kind.is_none();
    objects.push(Object {
        group: group.or_else(|| inherited.group.clone().filter(|_| is_bare)),
        kind: kind.or_else(|| inherited.kind.clone()).unwrap_or_default(),
        name: name(node, "name").unwrap_or_default(),
        namespace: name(node, "namespace"),
        place,
    });
}

/// The group of an `apiVersion`: `apps` of `apps/v1`, nothing of `v1`.
fn group(version: &str) -> String {
    let group = version.rsplit_once('/').map(|(group, _)| group);
    group.unwrap_or_default().to_owned()
}

/// A name in the metadata. What is none of Kubernetes' names is left out, since no object can have it.
fn name(node: &Node, key: &str) -> Option<String> {
    text(node, &["metadata", key]).filter(|name| is_word(name, "-.:"))
}

fn text(node: &Node, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(node, |node, key| node.get(key))?;
    found.as_str().map(str::to_owned)
}

/// What a path leads to, named relative to mesh.yaml and sorted.
#[derive(Default)]
struct FolderFiles {
    dumps: Vec<String>,
    others: Vec<String>,
}

fn files(base: &Path, path: &str) -> std::io::Result<FolderFiles> {
    let full = base.join(path);
    let mut found = FolderFiles::default();
    if !full.is_dir() {
        std::fs::metadata(&full)?;
        found.dumps.push(path.to_owned());
        return Ok(found);
    }
    for entry in std::fs::read_dir(&full)? {
        let entry = entry?.path();
        if is_set_aside(&entry) {
            continue;
        }
        let name = relative(path, &entry);
        if is_dump(&entry) && entry.is_file() {
            found.dumps.push(name);
        } else if entry.is_dir() {
            found.others.push(format!("{name}/"));
        } else {
            found.others.push(name);
        }
    }
    found.dumps.sort();
    found.others.sort();
    Ok(found)
}

/// What begins with a dot is a file on its way, or a note of steps.sh; in `before/` is what no longer exists.
fn is_set_aside(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") || (name == b"before" && path.is_dir())
}

/// Whether the name of a file is that of YAML or JSON.
fn is_dump(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let extension = extension.map(str::to_ascii_lowercase);
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json"))
}

fn relative(folder: &str, entry: &Path) -> String {
    let name = entry.file_name().map(PathBuf::from).unwrap_or_default();
    Path::new(folder).join(name).display().to_string()
}

/// Where mesh.yaml names one of the dumps of a cluster.
pub(crate) fn dumps_place(input: &Input, cluster: usize, position: usize) -> Place {
    let place = input.field(cluster, "dumps");
    let item = place.index(position);
    if input.sources.node(&item).is_some() {
        item
    } else {
        place
    }
}

fn absent(cluster: usize, place: Place, input: &str, kind: AbsentKind, reason: String) -> Absent {
    Absent {
        place,
        input: input.to_owned(),
        kind,
        fact: "dumps",
        cluster: Some(cluster),
        reason,
    }
}
