//! Every file of an output folder, made and written aside.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::{Args, Failure};
use crate::compile::artifacts;
use crate::compile::firewall as members;
use crate::compile::index::{ClusterIndex, Index, MeshFile};
use crate::compile::peers::PeerEntries;
use crate::compile::plan::{ClusterPlan, Plan};
use crate::compile::steps_page::{Beside, steps_page};
use crate::emit::{Sealed, Staging};
use crate::firewall::dialect::{self, Firewall, Options};
use crate::firewall::lines::Sides;
use crate::firewall::rules::Plan as Rules;
use crate::firewall::{DIALECTS, list};
use crate::model::Mesh;

/// Writes everything aside and gives the index of it.
pub(super) fn stage(
    plan: &Plan<'_>,
    args: &Args,
    earlier: Option<&Index>,
    staging: &Staging,
) -> Result<Index, Failure> {
    let mesh = plan.mesh;
    let mut index = Index {
        version: 1,
        mesh: mesh.name.clone(),
        clusters: clusters(plan, args, earlier, staging)?,
        files: firewall(mesh, args, staging)?,
    };
    if staging.has_folder() {
        let before = earlier.iter().flat_map(|index| &index.files);
        let kept = before.filter(|file| dialect_of(file).is_some_and(|name| args.keeps(name)));
        index.files.extend(kept.cloned());
        let steps = steps_page(&index, &beside(mesh, &args.file))?;
        let sha256 = staging.add("STEPS.md", false, |out| out.write_all(steps.as_bytes()))?;
        index.files.push(mesh_file("STEPS.md", "steps", sha256));
    }
    Ok(index)
}

/// What STEPS.md says beside the index.
fn beside<'m>(mesh: &'m Mesh, file: &'m Path) -> Beside<'m> {
    let unread = mesh.clusters.iter();
    let unread = unread.filter(|cluster| !cluster.reads_dump_folder);
    Beside {
        first: mesh.ca_cluster().map(|cluster| cluster.name()),
        mesh_file: file
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("mesh.yaml"),
        unnamed_folders: unread
            .map(|cluster| (cluster.name(), cluster.dump_folder.as_str()))
            .collect(),
        firewall_gaps: members::gaps(mesh),
    }
}

/// The clusters' own files; entries of clusters that were not asked for stay as they were.
fn clusters(
    plan: &Plan<'_>,
    args: &Args,
    earlier: Option<&Index>,
    staging: &Staging,
) -> Result<Vec<ClusterIndex>, Failure> {
    let entries = PeerEntries::new(plan.mesh.clusters.len());
    let mut kept: Vec<&ClusterIndex> = earlier.iter().flat_map(|index| &index.clusters).collect();
    kept.retain(|entry| args.keeps(&entry.name));
    let made = staging.each(&plan.clusters, |planned| {
        let is_asked = !args.keeps(planned.cluster.name());
        is_asked.then(|| cluster(plan, planned, args, &entries, staging))
    });
    let mut clusters: Vec<ClusterIndex> = Vec::new();
    for (planned, made) in plan.clusters.iter().zip(made) {
        match made {
            Some(made) => clusters.push(made?),
            None => {
                let name = planned.cluster.name();
                let at = kept.iter().position(|entry| entry.name == name);
                clusters.extend(at.map(|at| kept.remove(at).clone()));
            }
        }
    }
    clusters.extend(kept.into_iter().cloned());
    Ok(clusters)
}

fn cluster(
    plan: &Plan<'_>,
    planned: &ClusterPlan<'_>,
    args: &Args,
    entries: &PeerEntries,
    staging: &Staging,
) -> Result<ClusterIndex, Failure> {
    let mut files = Vec::new();
    for artifact in artifacts::of_cluster(plan, planned, entries, args.form)? {
        // Patches and Secrets are private, whatever is in them today.
        let private = artifact.kind != "services";
        let sha256 = staging.add(&artifact.path, private, |out| artifact.text.write(out))?;
        files.push(artifact.entry(sha256));
    }
    Ok(artifacts::index_entry(plan, planned, files))
}

/// Files of the firewall that are made in one go.
enum FirewallPart<'n> {
    Json,
    Csv,
    /// Every dialect, for the cluster with this index and name.
    Dialects(usize, &'n str),
}

/// The rule lists, and into a folder the dialects. What a dialect refuses is said of all clusters at once.
fn firewall(mesh: &Mesh, args: &Args, staging: &Staging) -> Result<Vec<MeshFile>, Failure> {
    let members = members::members(mesh);
    let rules = Rules::new(&members, members::datapath(mesh));
    let sides = Sides::new(&rules);
    let mut parts = vec![FirewallPart::Json];
    if staging.has_folder() {
        parts.push(FirewallPart::Csv);
        let asked = rules.names().enumerate();
        let asked = asked.filter(|(_, name)| !args.keeps(name));
        parts.extend(asked.map(|(member, name)| FirewallPart::Dialects(member, name)));
    }
    let made = staging.each(&parts, |part| match *part {
        FirewallPart::Json => rule_list("firewall/rules.json", staging, |out| {
            list::write_json(&rules, rules.permits(), out)
        }),
        FirewallPart::Csv => rule_list("firewall/rules.csv", staging, |out| {
            list::write_csv(&rules, rules.permits(), out)
        }),
        FirewallPart::Dialects(member, name) => {
            let options = Options { drop: args.drop };
            dialects(&Firewall::of(&sides, member), name, &options, staging)
        }
    });
    let mut files = Vec::new();
    let mut refused = Vec::new();
    for part in made {
        match part {
            Ok(part) => files.extend(part),
            Err(Failure::Dialects(errors)) => {
                for error in errors {
                    if !refused.contains(&error) {
                        refused.push(error);
                    }
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    if refused.is_empty() {
        Ok(files)
    } else {
        Err(Failure::Dialects(refused))
    }
}

fn rule_list(
    path: &str,
    staging: &Staging,
    write: impl FnOnce(&mut Sealed<'_>) -> io::Result<()>,
) -> Result<Vec<MeshFile>, Failure> {
    let sha256 = staging.add(path, false, write)?;
    Ok(vec![mesh_file(path, "rules", sha256)])
}

/// The firewall of a cluster's nodes, in every dialect.
fn dialects(
    firewall: &Firewall<'_>,
    cluster: &str,
    options: &Options,
    staging: &Staging,
) -> Result<Vec<MeshFile>, Failure> {
    let mut files = Vec::new();
    let mut refused: Vec<dialect::Error> = Vec::new();
    for dialect in DIALECTS {
        match dialect.render(firewall, options) {
            Ok(text) => {
                let path = format!("firewall/{}", dialect.file_name(cluster));
                let sha256 = staging.add(&path, false, |out| out.write_all(text.as_bytes()))?;
                files.push(mesh_file(&path, "dialect", sha256));
            }
            Err(error) => refused.push(error),
        }
    }
    if refused.is_empty() {
        Ok(files)
    } else {
        Err(Failure::Dialects(refused))
    }
}

fn mesh_file(path: &str, kind: &str, sha256: String) -> MeshFile {
    MeshFile {
        path: path.to_owned(),
        kind: kind.to_owned(),
        sha256,
    }
}

/// The cluster whose dialect's file this is; names hold no dot.
fn dialect_of(file: &MeshFile) -> Option<&str> {
    let name = file.path.strip_prefix("firewall/")?;
    let (cluster, _) = name.rsplit_once('.')?;
    (file.kind == "dialect").then_some(cluster)
}

/// The files of an earlier run that may go, with their digests.
pub(super) fn digests(earlier: Option<&Index>, args: &Args) -> BTreeMap<String, String> {
    let Some(index) = earlier else {
        return BTreeMap::new();
    };
    let clusters = index.clusters.iter();
    let files = clusters
        .filter(|cluster| !args.keeps(&cluster.name))
        .flat_map(|cluster| &cluster.files)
        .map(|file| (file.path.clone(), file.sha256.clone()));
    let own = index.files.iter();
    let own = own
        .filter(|file| !dialect_of(file).is_some_and(|name| args.keeps(name)))
        .map(|file| (file.path.clone(), file.sha256.clone()));
    files.chain(own).collect()
}
