//! Which mesh file a file belongs to: a hook or an editor names the dump that changed, not the mesh that reads it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::yaml::{self, Node, ScalarRules};

/// How a mesh file is called where nothing else says that it is one; the first that is there counts.
const NAMES: [&str; 2] = ["mesh.yaml", "mesh.yml"];

/// How the `apiVersion` of a mesh file begins.
const API_GROUP: &str = "meshgen/";

/// A file that belongs to no mesh.
#[derive(Debug, thiserror::Error)]
#[error("{} belongs to no mesh: it has no `apiVersion: meshgen/v1`, and there is no mesh.yaml in its folder or above", .0.display())]
pub(crate) struct NoMesh(PathBuf);

/// The mesh files of some files, each once, and the files that belong to none: a mesh file stands for itself, any other
/// file for the nearest mesh.yaml in its folder or above.
pub(crate) fn mesh_files(files: &[PathBuf]) -> (Vec<PathBuf>, Vec<NoMesh>) {
    let (mut meshes, mut strays) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for file in files {
        let found = match stands_for_itself(file) {
            true => Some(file.clone()),
            false => nearest(file),
        };
        match found {
            // Two ways of writing one path are one mesh.
            Some(mesh) if seen.insert(fs::canonicalize(&mesh).unwrap_or(mesh.clone())) => {
                meshes.push(mesh)
            }
            Some(_) => {}
            None => strays.push(NoMesh(file.clone())),
        }
    }
    (meshes, strays)
}

/// Whether a file is a mesh file by name or by text. What is no readable file, or a pipe that can be read only once,
/// stands for itself too: whoever loads it says what is wrong with it.
fn stands_for_itself(file: &Path) -> bool {
    let is_named = file
        .file_name()
        .is_some_and(|name| NAMES.iter().any(|known| name == *known));
    if is_named || !file.is_file() {
        return true;
    }
    super::file::read(file).map_or(true, |bytes| is_mesh(&String::from_utf8_lossy(&bytes)))
}

fn is_mesh(text: &str) -> bool {
    // Dumps are long, and few of them need to be parsed to see that they are none.
    if !text.contains(API_GROUP) {
        return false;
    }
    match yaml::parse(text, ScalarRules::Yaml12) {
        Ok(stream) => stream.documents.iter().any(names_meshgen),
        // Broken, but perhaps plain to see; then it is this file whose fault is to be shown.
        Err(_) => text.lines().any(is_api_version),
    }
}

fn names_meshgen(document: &Node) -> bool {
    let version = document.get("apiVersion").and_then(Node::as_str);
    version.is_some_and(|version| version.starts_with(API_GROUP))
}

fn is_api_version(line: &str) -> bool {
    let value = line
        .strip_prefix("apiVersion:")
        .map(|value| value.trim_start().trim_start_matches(['"', '\'']));
    value.is_some_and(|value| value.starts_with(API_GROUP))
}

fn nearest(file: &Path) -> Option<PathBuf> {
    let mut folder = Some(file.parent().unwrap_or(Path::new("")).to_path_buf());
    while let Some(here) = folder {
        let candidates = NAMES.iter().map(|name| here.join(name));
        if let Some(mesh) = candidates.into_iter().find(|mesh| mesh.is_file()) {
            return Some(mesh);
        }
        folder = above(&here);
    }
    None
}

/// The folder that holds a folder, by its written name as long as that says which: `a/b`, `a`, the working directory,
/// `..`, `../..`.
fn above(folder: &Path) -> Option<PathBuf> {
    match folder.components().next_back() {
        Some(Component::Normal(_)) => folder.parent().map(Path::to_path_buf),
        Some(Component::RootDir | Component::Prefix(_)) => None,
        _ => {
            let here = fs::canonicalize(Path::new(".").join(folder)).ok()?;
            here.parent().map(|_| folder.join(".."))
        }
    }
}
