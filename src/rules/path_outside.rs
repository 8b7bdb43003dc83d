//! Files of the machine that are not the mesh's.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::dumps::dumps_place;
use crate::input::mesh_file::{KeyPairFields, SecretValue};
use crate::input::tracked;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "path-outside", Note,
        what: "A path of dumps or keys in mesh.yaml leads out of the folder of mesh.yaml, and not to files that the same Git repository tracks.",
        why: "Whoever writes mesh.yaml decides which files of the machine are read. In CI that can be somebody who only proposes a change, so a reviewer should see it. Links are followed first. Files that Git tracks stand in the same change or an earlier one, so a reviewer has them. Lines of a file that holds no Kubernetes object are never shown, whatever its path.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(home) = Home::of(&context.input.path) else {
        return;
    };
    for (path, place) in paths(context) {
        if home.is_outside(path) {
            let message = format!("`{path}` is outside the folder of mesh.yaml");
            out.push(RULE.finding(place, message).label("leads out of it").help(
                "put the file below the folder of mesh.yaml, or make sure that this one is meant",
            ));
        }
    }
}

/// Where the files of a mesh may be.
struct Home {
    /// The folder of mesh.yaml.
    folder: PathBuf,
    /// The repository that it is in.
    top: Option<PathBuf>,
    /// What Git tracks there; read when a path leads out of the folder and not out of the repository.
    tracked: OnceCell<HashSet<Vec<u8>>>,
}

impl Home {
    fn of(mesh_file: &Path) -> Option<Self> {
        let folder = match mesh_file.parent()? {
            here if here == Path::new("") => Path::new("."),
            folder => folder,
        };
        let folder = folder.canonicalize().ok()?;
        Some(Self {
            top: tracked::repository(&folder).map(Path::to_path_buf),
            folder,
            tracked: OnceCell::new(),
        })
    }

    fn is_outside(&self, path: &str) -> bool {
        let written = self.folder.join(path);
        let found = written.canonicalize().unwrap_or_else(|_| plain(&written));
        !found.starts_with(&self.folder) && !self.is_tracked(&found)
    }

    /// Whether Git tracks a file, or every file in a folder.
    fn is_tracked(&self, found: &Path) -> bool {
        let Some(top) = &self.top else { return false };
        let Ok(below) = found.strip_prefix(top) else {
            return false;
        };
        let tracked = self.tracked.get_or_init(|| tracked::paths(top));
        let is_in = |path: &Path| {
            let name = tracked::slashed(path);
            name.is_some_and(|name| tracked.contains(name.as_bytes()))
        };
        match std::fs::read_dir(found) {
            Err(_) => is_in(below),
            Ok(entries) => {
                let mut names = entries.flatten().map(|entry| entry.file_name());
                names.all(|name| is_in(&below.join(name)))
            }
        }
    }
}

/// A path without `.` and `..`, for one that leads nowhere.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// The paths of dumps and keys, each where it is written.
fn paths<'m>(context: &'m Context<'_>) -> Vec<(&'m str, Place)> {
    let input = context.input;
    let Some(file) = &input.file else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut add = |value: Option<&'m SecretValue>, place: Place| {
        if let Some(SecretValue::File(file)) = value {
            found.push((file.file.as_str(), place.key("file")));
        }
    };
    let ca = file.ca.as_ref();
    let next = ca.and_then(|ca| ca.next.as_ref());
    let top = |path: &str| context.mesh.place.dotted(path);
    add(ca.and_then(|ca| ca.cert.as_ref()), top("ca.cert"));
    add(ca.and_then(|ca| ca.key.as_ref()), top("ca.key"));
    add(
        next.and_then(|next| next.cert.as_ref()),
        top("ca.next.cert"),
    );
    add(next.and_then(|next| next.key.as_ref()), top("ca.next.key"));
    for (index, cluster) in file.clusters.iter().flatten().enumerate() {
        for (name, pair) in [("ca", &cluster.ca), ("remoteCert", &cluster.remote_cert)] {
            let Some(KeyPairFields { cert, key }) = pair else {
                continue;
            };
            add(cert.as_ref(), input.field(index, &format!("{name}.cert")));
            add(key.as_ref(), input.field(index, &format!("{name}.key")));
        }
    }
    for (index, cluster) in file.clusters.iter().flatten().enumerate() {
        let dumps = cluster
            .dumps
            .iter()
            .flat_map(|dumps| dumps.paths())
            .enumerate();
        found.extend(dumps.map(|(at, path)| (path.as_str(), dumps_place(input, index, at))));
    }
    // `format-invalid` names an empty path and the root.
    found.retain(|(path, _)| !path.trim_end_matches('/').is_empty());
    found
}
