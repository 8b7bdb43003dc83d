//! Dumps: what `kubectl get ... -o yaml` printed, as single objects with their places.

use std::path::{Path, PathBuf};

use super::{Input, secret};
use crate::model::{Absent, AbsentKind};
use crate::source::{Place, Route, Sources};
use crate::yaml::{Node, ScalarRules};

/// One Kubernetes object in a dump.
#[derive(Debug, Clone)]
pub struct Object {
    /// `Secret`, `Service`, ...
    pub kind: String,
    /// `metadata.name`; empty where there is none.
    pub name: String,
    /// `metadata.namespace`, if there is one.
    pub namespace: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// Reads the dumps of a cluster: files, and the files of folders in the order of their names.
pub(super) fn read(input: &mut Input, cluster: usize, paths: &[String]) -> Vec<Object> {
    let mut objects = Vec::new();
    for (position, path) in paths.iter().enumerate() {
        let place = dumps_place(input, cluster, position);
        match files(&input.base, path) {
            Ok(files) => {
                for name in files {
                    read_file(input, cluster, &place, &name, &mut objects);
                }
            }
            Err(error) => input.absent.push(absent(
                cluster,
                place,
                path,
                AbsentKind::Missing,
                secret::io_reason(&error),
            )),
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
    let bytes = match std::fs::read(input.base.join(name)) {
        Ok(bytes) => bytes,
        Err(error) => {
            let reason = secret::io_reason(&error);
            input.absent.push(absent(
                cluster,
                place.clone(),
                name,
                AbsentKind::Missing,
                reason,
            ));
            return;
        }
    };
    // kubectl prints what Go's YAML library quotes, so it is read by that library's rules.
    let file = super::read_text(
        &mut input.sources,
        name.to_owned(),
        bytes,
        ScalarRules::Go,
        &mut input.findings,
    );
    let documents = input.sources.file(file).documents.len();
    for document in 0..documents {
        let at = Place::in_document(file, document, Route::root());
        if input.sources.node(&at.key("sops")).is_some() {
            let reason = "it is encrypted with SOPS".to_owned();
            input.absent.push(absent(
                cluster,
                place.clone(),
                name,
                AbsentKind::Encrypted,
                reason,
            ));
        } else {
            collect(&input.sources, at, objects);
        }
    }
}

/// The object at a place; of a List, its items.
fn collect(sources: &Sources, place: Place, objects: &mut Vec<Object>) {
    let Some(node) = sources.node(&place) else {
        return;
    };
    let kind = text(node, &["kind"]).unwrap_or_default();
    let items = node.get("items").and_then(Node::items);
    match items {
        Some(items) if kind.ends_with("List") => {
            let list = place.key("items");
            for index in 0..items.len() {
                collect(sources, list.index(index), objects);
            }
        }
        _ => objects.push(Object {
            kind,
            name: text(node, &["metadata", "name"]).unwrap_or_default(),
            namespace: text(node, &["metadata", "namespace"]),
            place,
        }),
    }
}

fn text(node: &Node, path: &[&str]) -> Option<String> {
    let found = path.iter().try_fold(node, |node, key| node.get(key))?;
    found.as_str().map(str::to_owned)
}

/// The files that a path stands for, named relative to mesh.yaml and sorted.
fn files(base: &Path, path: &str) -> std::io::Result<Vec<String>> {
    let full = base.join(path);
    if !full.is_dir() {
        std::fs::metadata(&full)?;
        return Ok(vec![path.to_owned()]);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&full)? {
        let entry = entry?.path();
        if is_dump(&entry) && entry.is_file() {
            names.push(relative(path, &entry));
        }
    }
    names.sort();
    Ok(names)
}

/// By its name. One that begins with a dot is a file on its way, or a note of steps.sh.
fn is_dump(path: &Path) -> bool {
    let is_hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    if path.file_name().is_none_or(is_hidden) {
        return false;
    }
    let extension = path.extension().and_then(|e| e.to_str());
    matches!(extension, Some("yaml" | "yml" | "json"))
}

fn relative(folder: &str, entry: &Path) -> String {
    let name = entry.file_name().map(PathBuf::from).unwrap_or_default();
    Path::new(folder).join(name).display().to_string()
}

fn dumps_place(input: &Input, cluster: usize, position: usize) -> Place {
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
