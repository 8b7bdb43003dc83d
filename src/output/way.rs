//! The way from the output folder to the folder of mesh.yaml, which scripts and printed commands go.

use std::path::{Component, Path, PathBuf};

/// The folder of a mesh file as seen from a folder that is there; `..` where that cannot be told.
pub(crate) fn way_to_mesh(folder: &Path, mesh_file: &Path) -> String {
    let way = || {
        let from = folder.canonicalize().ok()?;
        let parent = mesh_file
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let to = parent.unwrap_or(Path::new(".")).canonicalize().ok()?;
        relative(&from, &to).to_str().map(str::to_owned)
    };
    way().unwrap_or_else(|| "..".to_owned())
}

fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to): (Vec<Component<'_>>, Vec<_>) =
        (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to[common..].iter().copied()).collect();
    match way.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => way,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_leads_up_and_then_down() {
        let way = |from: &str, to: &str| {
            relative(Path::new(from), Path::new(to))
                .display()
                .to_string()
        };
        assert_eq!(way("/a/b/out", "/a/b"), "..");
        assert_eq!(way("/a/out/b", "/a/mesh"), "../../mesh");
        assert_eq!(way("/a", "/a/mesh"), "mesh");
        assert_eq!(way("/a", "/a"), ".");
    }
}
