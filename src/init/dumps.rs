//! Clusters from dumps: a folder for each, or one folder of files that the objects in them tell apart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{InitError, NewCluster, Proposable, legal_name, relative};
use crate::input::dumps::Object;
use crate::model::Cluster;
use crate::pipeline::{Loaded, load_text};
use crate::resolve::selection::Role;
use crate::source::Place;
use crate::yaml::Node;

/// The dumps of one cluster, before anything in them was read.
struct ClusterDumps {
    /// The name of the folder or file.
    label: String,
    paths: Vec<String>,
    is_folder: bool,
}

/// Reads the clusters whose dumps are in `dumps`; paths are relative to `folder`.
pub(super) fn read(dumps: &Path, folder: &Path) -> Result<Vec<NewCluster>, InitError> {
    let found = find(dumps, folder)?;
    if found.is_empty() {
        return Err(InitError::Empty(format!(
            "{} holds no dumps: neither folders with files nor an ApplicationInstallation `cilium`",
            dumps.display()
        )));
    }
    let loaded = draft(&found, folder);
    let Some(mesh) = &loaded.mesh else {
        return Ok(Vec::new());
    };
    let entries = found.into_iter().zip(&mesh.clusters);
    Ok(entries
        .map(|(dumped, cluster)| entry(dumped, cluster, &loaded))
        .collect())
}

fn find(dumps: &Path, folder: &Path) -> Result<Vec<ClusterDumps>, InitError> {
    let mut folders: Vec<PathBuf> = Vec::new();
    let entries = std::fs::read_dir(dumps).map_err(InitError::io(dumps))?;
    for entry in entries {
        let path = entry.map_err(InitError::io(dumps))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "before" {
            folders.push(path);
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Ok(by_uid(dumps, folder));
    }
    let dumped = folders.iter().map(|path| ClusterDumps {
        label: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        paths: vec![relative(folder, path)],
        is_folder: true,
    });
    Ok(dumped.collect())
}

/// The files of one folder, a cluster for each uid of an ApplicationInstallation. Every other file goes to the cluster
/// whose installation's file has the longest common beginning with it.
fn by_uid(dumps: &Path, folder: &Path) -> Vec<ClusterDumps> {
    let all = ClusterDumps {
        label: String::new(),
        paths: vec![relative(folder, dumps)],
        is_folder: true,
    };
    let loaded = draft(&[all], folder);
    let objects = loaded.input.dumps.first();
    let objects = objects.map(Vec::as_slice).unwrap_or_default();
    let file = |object: &Object| loaded.input.sources.file(object.place.file).name.clone();
    let mut clusters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let is_installation = |object: &&Object| Role::of(object) == Some(Role::Installation);
    for object in objects.iter().filter(is_installation) {
        let uid = text(&loaded, &object.place.dotted("metadata.uid"));
        let files = clusters
            .entry(uid.unwrap_or_else(|| file(object)))
            .or_default();
        if !files.contains(&file(object)) {
            files.push(file(object));
        }
    }
    let mut found: Vec<ClusterDumps> = clusters
        .into_values()
        .map(|paths| ClusterDumps {
            label: Path::new(&paths[0])
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .split('.')
                .next()
                .unwrap_or_default()
                .to_owned(),
            paths,
            is_folder: false,
        })
        .collect();
    found.sort_by(|a, b| a.paths.cmp(&b.paths));
    for object in objects {
        let name = file(object);
        if found.iter().any(|dumped| dumped.paths.contains(&name)) {
            continue;
        }
        let common = |dumped: &&mut ClusterDumps| {
            let own = dumped.paths[0].chars().zip(name.chars());
            own.take_while(|(a, b)| a == b).count()
        };
        if let Some(nearest) = found.iter_mut().max_by_key(common) {
            nearest.paths.push(name);
        }
    }
    found
}

/// What the pipeline reads from dumps that a mesh file without any other fact names.
fn draft(found: &[ClusterDumps], folder: &Path) -> Loaded {
    let clusters: Vec<serde_json::Value> = found
        .iter()
        .enumerate()
        .map(|(at, dumped)| serde_json::json!({"name": format!("c{at}"), "dumps": dumped.paths}))
        .collect();
    let text = serde_json::json!({"apiVersion": "meshgen/v1", "clusters": clusters});
    load_text(&folder.join("mesh.yaml"), text.to_string().into_bytes())
}

fn entry(dumped: ClusterDumps, cluster: &Cluster, loaded: &Loaded) -> NewCluster {
    let id = cluster.current_value("cluster.id");
    let id = id.and_then(serde_json::Value::as_i64).filter(|id| *id > 0);
    let cilium = cluster.cilium_version();
    NewCluster {
        name: name(&dumped, cluster, loaded),
        id: id.map(Proposable::found),
        kkp: None,
        form: cluster.current.as_ref().and_then(|current| current.form),
        cilium: cilium.map(|version| Proposable::found(version.to_string())),
        pod_cidrs: ranges(&cluster.pod_cidrs).map(Proposable::found).collect(),
        service_cidrs: ranges(&cluster.service_cidrs).collect(),
        service_type: cluster
            .apiserver
            .service_type_place
            .as_ref()
            .map(|_| cluster.apiserver.service_type.as_str()),
        dumps: dumped.paths,
        is_folder: dumped.is_folder,
        kubeconfig: None,
        context: None,
    }
}

fn ranges<'c>(
    facts: &'c [crate::model::Fact<ipnet::IpNet>],
) -> impl Iterator<Item = ipnet::IpNet> + 'c {
    facts.iter().map(|fact| fact.value)
}

/// The name in the values unless that is `default`, else the name for people, else the folder's.
fn name(dumped: &ClusterDumps, cluster: &Cluster, loaded: &Loaded) -> String {
    let current = cluster.current_value("cluster.name");
    let current = current.and_then(serde_json::Value::as_str);
    let objects = loaded.input.dumps.get(cluster.index);
    let mut objects = objects.map(Vec::as_slice).unwrap_or_default().iter();
    let kkp = objects.find(|object| object.kind == "Cluster");
    let shown = kkp.and_then(|object| text(loaded, &object.place.dotted("spec.humanReadableName")));
    current
        .filter(|name| *name != "default")
        .and_then(legal_name)
        .or_else(|| shown.as_deref().and_then(legal_name))
        .or_else(|| legal_name(&dumped.label))
        .unwrap_or_else(|| "cluster".to_owned())
}

fn text(loaded: &Loaded, place: &Place) -> Option<String> {
    let node = loaded.input.sources.node(place)?;
    Node::as_str(node).map(str::to_owned)
}
