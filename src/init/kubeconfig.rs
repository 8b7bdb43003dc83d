//! Clusters from kubeconfigs: KKP hands out one for each cluster.

use std::path::{Path, PathBuf};

use super::{InitError, NewCluster, legal_name, relative};
use crate::yaml::{Node, ScalarRules, parse};

/// One cluster for each file, named by the file.
pub(super) fn read(files: &[PathBuf], folder: &Path) -> Result<Vec<NewCluster>, InitError> {
    files.iter().map(|file| cluster(file, folder)).collect()
}

fn cluster(file: &Path, folder: &Path) -> Result<NewCluster, InitError> {
    let bytes = crate::input::file::read(file).map_err(InitError::io(file))?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    let stream = parse(&text, ScalarRules::Go).ok();
    let document = stream
        .as_ref()
        .and_then(|stream| stream.documents.first())
        .filter(|document| document.get("kind").and_then(Node::as_str) == Some("Config"));
    let Some(document) = document else {
        return Err(InitError::Empty(format!(
            "{} is no kubeconfig: it has no `kind: Config`",
            file.display()
        )));
    };
    let name = stem(file);
    let name = legal_name(&name).ok_or_else(|| {
        InitError::Empty(format!(
            "{} gives no name for a cluster; give the file another name",
            file.display()
        ))
    })?;
    Ok(NewCluster {
        name,
        kubeconfig: Some(relative(folder, file)),
        context: context(document),
        ..NewCluster::default()
    })
}

/// The name of a file without what only says that it is a kubeconfig.
fn stem(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_start_matches('.');
    let name = [".yaml", ".yml", ".kubeconfig", ".conf", ".config"]
        .iter()
        .fold(name, |name, end| name.strip_suffix(end).unwrap_or(name));
    let name = ["kubeconfig-admin-", "kubeconfig-"]
        .iter()
        .fold(name, |name, start| name.strip_prefix(start).unwrap_or(name));
    name.strip_suffix("-kubeconfig").unwrap_or(name).to_owned()
}

/// The only context, where the file has no current one.
fn context(document: &Node) -> Option<String> {
    let current = document.get("current-context").and_then(Node::as_str);
    if current.is_some_and(|context| !context.is_empty()) {
        return None;
    }
    match document.get("contexts").and_then(Node::items)? {
        [only] => only.get("name")?.as_str().map(str::to_owned),
        _ => None,
    }
}
