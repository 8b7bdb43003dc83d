//! The checks folder: which files are looked at, and reading one.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::answer::Remark;
use crate::model::Mesh;

/// More bytes than any output has.
const MOST_BYTES: u64 = 64 << 20;
/// Folders in folders are looked into so deep.
const DEEPEST: usize = 4;

/// A file of a cluster.
pub(super) struct CheckFile {
    /// Its name under the checks folder.
    pub(super) name: String,
    path: PathBuf,
}

/// Folders below the checks folder that no cluster of the mesh has.
pub(super) fn strangers(folder: &Path, mesh: &Mesh) -> io::Result<Vec<Remark>> {
    let mut remarks = Vec::new();
    for path in sorted(folder)? {
        let name = name_of(&path);
        let is_known = mesh.clusters.iter().any(|cluster| cluster.name() == name);
        if !is_known && !name.starts_with('.') {
            remarks.push(Remark::stranger(&name, path.is_dir()));
        }
    }
    Ok(remarks)
}

/// The files of a cluster in the order of their names. What is no regular file, or too large, is named.
pub(super) fn files(folder: &Path, cluster: &str) -> (Vec<CheckFile>, Vec<Remark>) {
    let (mut files, mut remarks) = (Vec::new(), Vec::new());
    let own = folder.join(cluster);
    if own.is_dir() {
        collect(&own, cluster, cluster, DEEPEST, &mut files, &mut remarks);
    }
    (files, remarks)
}

fn collect(
    folder: &Path,
    name: &str,
    cluster: &str,
    deeper: usize,
    files: &mut Vec<CheckFile>,
    remarks: &mut Vec<Remark>,
) {
    let entries = match sorted(folder) {
        Ok(entries) => entries,
        Err(error) => {
            remarks.push(Remark::unreadable(name, cluster, &error.to_string()));
            return;
        }
    };
    for path in entries {
        let name = format!("{name}/{}", name_of(&path));
        // A link to a folder may lead in a circle.
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        match fs::metadata(&path) {
            Ok(_) if is_folder && deeper == 0 => {
                remarks.push(Remark::unreadable(
                    &name,
                    cluster,
                    "it is too deep in folders",
                ));
            }
            Ok(_) if is_folder => collect(&path, &name, cluster, deeper - 1, files, remarks),
            Ok(found) if !found.is_file() => {
                remarks.push(Remark::unreadable(&name, cluster, "it is no regular file"));
            }
            Ok(found) if found.len() > MOST_BYTES => {
                remarks.push(Remark::unreadable(
                    &name,
                    cluster,
                    "it is larger than 64 MiB",
                ));
            }
            Ok(_) => files.push(CheckFile { name, path }),
            Err(error) => remarks.push(Remark::unreadable(&name, cluster, &error.to_string())),
        }
    }
}

/// The bytes of a file; why not, otherwise.
pub(super) fn read(file: &CheckFile) -> Result<Vec<u8>, String> {
    let opened = fs::File::open(&file.path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    // A file may grow between the look at its size and this.
    let read = opened.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err("it is larger than 64 MiB".to_owned());
    }
    Ok(bytes)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
