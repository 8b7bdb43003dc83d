//! `meshgen init`: a first mesh.yaml from cluster names, dumps or kubeconfigs.
//!
//! What dumps tell is read as every command reads it: a draft that only names the dumps goes through the pipeline. What is
//! not known is proposed, and marked `# proposed` in the file.

pub(crate) mod add;
mod dumps;
mod kubeconfig;
mod page;
mod propose;

use std::io;
use std::path::{Path, PathBuf};

use ipnet::IpNet;

use crate::profile::releases::ValuesField;

pub(crate) use page::page;
pub(crate) use propose::{Versions, fill_in};

/// A value of the new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposable<T> {
    /// The value.
    pub(crate) value: T,
    /// Whether meshgen proposes it, because nothing that was read has it.
    pub(crate) proposed: bool,
}

impl<T> Proposable<T> {
    fn found(value: T) -> Self {
        Self {
            value,
            proposed: false,
        }
    }

    fn proposed(value: T) -> Self {
        Self {
            value,
            proposed: true,
        }
    }
}

/// One cluster of the new file.
#[derive(Debug, Default)]
pub(crate) struct NewCluster {
    /// Its name, legal and unique.
    pub(crate) name: String,
    /// Its ID.
    pub(crate) id: Option<Proposable<i64>>,
    /// Its KKP version.
    pub(crate) kkp: Option<Proposable<String>>,
    /// Its Cilium version.
    pub(crate) cilium: Option<Proposable<String>>,
    /// Where the dumped object has its values.
    pub(crate) form: Option<ValuesField>,
    /// Its pod ranges.
    pub(crate) pod_cidrs: Vec<Proposable<IpNet>>,
    /// Its service ranges.
    pub(crate) service_cidrs: Vec<IpNet>,
    /// Type of the Service `clustermesh-apiserver`, where there is one.
    pub(crate) service_type: Option<&'static str>,
    /// Its dumps: a folder, or files.
    pub(crate) dumps: Vec<String>,
    /// Whether `dumps` is one folder.
    pub(crate) is_folder: bool,
    /// Its kubeconfig.
    pub(crate) kubeconfig: Option<String>,
    /// The context in it, where it has no current one.
    pub(crate) context: Option<String>,
}

/// Where the clusters are taken from.
pub(crate) enum Source<'s> {
    /// Names that were typed.
    Names(&'s [String]),
    /// A folder of dumps.
    Dumps(&'s Path),
    /// Kubeconfigs, one for each cluster.
    Kubeconfigs(&'s [PathBuf]),
}

/// Why there is no new file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    /// A file or folder cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What was given holds no cluster.
    #[error("{0}")]
    Empty(String),
    /// A mesh file to which no entry can be added.
    #[error("{}: {reason}", path.display())]
    CannotAdd {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl InitError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io {
            path: path.to_path_buf(),
            error,
        }
    }
}

/// Reads the clusters; `folder` is where mesh.yaml will be.
///
/// # Errors
/// If something that was named cannot be read, or holds no cluster.
pub(crate) fn read(source: &Source<'_>, folder: &Path) -> Result<Vec<NewCluster>, InitError> {
    let mut entries = match source {
        Source::Names(names) => names.iter().map(|name| named(name)).collect(),
        Source::Dumps(dumps) => dumps::read(dumps, folder)?,
        Source::Kubeconfigs(files) => kubeconfig::read(files, folder)?,
    };
    make_unique(&mut entries);
    Ok(entries)
}

fn named(name: &str) -> NewCluster {
    NewCluster {
        name: name.to_owned(),
        ..NewCluster::default()
    }
}

/// A name that Cilium takes, as near as possible to a text: at most 32 of a to z, 0 to 9 and hyphen.
fn legal_name(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let mapped: String = lower
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let mut name = mapped.trim_matches('-').to_owned();
    name.truncate(32);
    let name = name.trim_end_matches('-');
    (!name.is_empty() && name != "default").then(|| name.to_owned())
}

/// Of several clusters with one name the later ones get a number.
fn make_unique(entries: &mut [NewCluster]) {
    for at in 1..entries.len() {
        let (before, rest) = entries.split_at_mut(at);
        let is_taken = |name: &str| before.iter().any(|entry| entry.name == name);
        if !is_taken(&rest[0].name) {
            continue;
        }
        let base: String = rest[0].name.chars().take(28).collect();
        let mut numbered = (2..).map(|number| format!("{base}-{number}"));
        if let Some(free) = numbered.find(|name| !is_taken(name)) {
            rest[0].name = free;
        }
    }
}

/// A path as mesh.yaml names it: relative to its folder where both can be found.
fn relative(folder: &Path, path: &Path) -> String {
    let (Ok(folder), Ok(full)) = (folder.canonicalize(), path.canonicalize()) else {
        return path.display().to_string();
    };
    let shared = folder
        .components()
        .zip(full.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().skip(shared).map(|_| "..".into());
    let down = full.components().skip(shared);
    let down = down.map(|part| PathBuf::from(part.as_os_str()));
    let path: PathBuf = up.chain(down).collect();
    if path.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        path.display().to_string()
    }
}

/// The lines that .gitignore needs: dumps and kubeconfigs hold keys, and so does what is rendered.
pub(crate) fn ignored(entries: &[NewCluster]) -> Vec<String> {
    let mut lines = vec![
        "dumps/".to_owned(),
        "*.kubeconfig".to_owned(),
        "out/".to_owned(),
    ];
    let dumps = entries.iter().flat_map(|entry| &entry.dumps);
    let kubeconfigs = entries.iter().flat_map(|entry| &entry.kubeconfig);
    for path in dumps.chain(kubeconfigs) {
        let line = format!("/{path}");
        let is_inside = !path.starts_with("..") && !Path::new(path).is_absolute();
        let is_covered = path.starts_with("dumps/") || path.ends_with(".kubeconfig");
        if is_inside && !is_covered && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_legal_ones() {
        for (text, name) in [
            ("Production EU (1)", Some("production-eu--1")),
            ("default", None),
            ("--", None),
            ("ä", None),
            (
                "a-very-long-name-that-has-more-than-thirty-two",
                Some("a-very-long-name-that-has-more-t"),
            ),
        ] {
            assert_eq!(legal_name(text).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn equal_names_get_numbers() {
        let mut entries = ["a", "a", "a-2", "a"].map(named);
        make_unique(&mut entries);
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["a", "a-2", "a-2-2", "a-3"]);
    }
}
