//! Places as readers of a report need them.

use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use crate::source::{FileId, Place, Sources};

/// A range of a file: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The file, as given on the command line or relative to mesh.yaml.
    pub file: String,
    /// First line.
    #[schemars(range(min = 1))]
    pub line: usize,
    /// First column.
    #[schemars(range(min = 1))]
    pub column: usize,
    /// Last line.
    #[schemars(range(min = 1))]
    pub end_line: usize,
    /// Column after the last character.
    #[schemars(range(min = 1))]
    pub end_column: usize,
}

impl Location {
    /// Where a place is.
    pub(super) fn of(place: &Place, sources: &Sources) -> Self {
        let (start, end) = sources.positions(place);
        Self {
            file: sources.shown(&sources.file(place.file).name),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

/// Where a file is for a reader who stands where the command runs, such as the top of a repository.
pub(super) fn path_from_here(file: FileId, sources: &Sources) -> String {
    let path = sources.path(file);
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(here).unwrap_or(&path);
    sources.shown(&plain(path).display().to_string())
}

/// The path without `.` and, as far as that can be told from its text, `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            _ => plain.push(component),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_made_as_short_as_its_text_allows() {
        for (path, expected) in [
            ("./mesh.yaml", "mesh.yaml"),
            ("a/../b/./c", "b/c"),
            ("../x", "../x"),
            ("../../x", "../../x"),
            ("a/../../x", "../x"),
            ("/a/b", "/a/b"),
        ] {
            assert_eq!(plain(Path::new(path)), Path::new(expected));
        }
    }
}
