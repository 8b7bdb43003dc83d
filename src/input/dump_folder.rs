//! The folder of a cluster's dumps: where printed commands and scripts write, and what is read without being named.

use std::path::{Component, Path};

use super::mesh_file::{ClusterEntry, Dumps};
use crate::model::Due;

/// Where the dumps of a cluster go: the folder that mesh.yaml names, else `dumps/<name>`.
pub(crate) fn written(name: &str, dumps: Option<&Dumps>) -> String {
    let folder = named(dumps).map_or_else(|| format!("dumps/{name}"), str::to_owned);
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    // A command would take it for an option.
    let prefix = if folder.starts_with('-') { "./" } else { "" };
    format!("{prefix}{folder}")
}

/// The folder among the named dumps that printed commands and scripts write into.
pub(crate) fn named(dumps: Option<&Dumps>) -> Option<&str> {
    first_folder(dumps.map(Dumps::paths).unwrap_or_default())
}

/// The first of these paths that is no file by its name.
pub(super) fn first_folder(paths: &[String]) -> Option<&str> {
    let is_file = |path: &str| {
        [".yaml", ".yml", ".json"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    // `format-invalid` names these, and no command writes there.
    let is_nowhere = |path: &str| path.trim_end_matches('/').is_empty();
    let mut paths = paths.iter().map(String::as_str);
    paths.find(|path| !is_file(path) && !is_nowhere(path))
}

/// What is read of a cluster whose entry names no dumps: `dumps/<name>/`, where that is a folder.
pub(super) fn default(base: &Path, entry: &ClusterEntry) -> Option<String> {
    let name = entry.name.as_deref()?;
    let mut parts = Path::new(name).components();
    let is_plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name);
    let folder = format!("dumps/{name}/");
    (is_plain && base.join(&folder).is_dir()).then_some(folder)
}

/// What steps.sh has noted in the folder, if there is such a file.
pub(super) fn due(base: &Path, entry: &ClusterEntry) -> Option<Due> {
    const LIMIT: u64 = 64 * 1024;
    let name = entry.name.as_deref()?;
    let file = base.join(written(name, entry.dumps.as_ref())).join(".due");
    let is_note = file
        .symlink_metadata()
        .is_ok_and(|found| found.is_file() && found.len() <= LIMIT);
    // What is no file is not opened either: a FIFO would wait for ever.
    let text = is_note.then(|| std::fs::read_to_string(file).ok())??;
    let due = Due::read(&text);
    (!due.is_empty()).then_some(due)
}
