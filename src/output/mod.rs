//! Output: every file that is made of a mesh, in order, each made when its turn comes.
//!
//! A [`Sink`] takes the files: a folder, standard output, or memory. `meshgen render`, Terraform's answer, the property tests and
//! the fuzz targets all go through here.

mod clusters;
mod error;
mod firewall;
mod sink;
mod way;

use std::path::Path;

use crate::compile::artifacts;
use crate::compile::firewall as members;
use crate::compile::forms::{Form, default_form};
use crate::compile::index::{self, FileKind, Index, MeshWideFile};
use crate::compile::kubectl::RunIn;
use crate::compile::missing_facts::MissingFacts;
use crate::compile::peers::PeerEntries;
use crate::compile::plan::Plan;
use crate::compile::scripts::{self, ScriptCluster, Standing};
use crate::compile::steps_page::{Beside, steps_page};
use crate::datapath;
use crate::model::{Cluster, EncryptionKind, Mesh};

pub(crate) use error::stray;
pub(crate) use error::{InTheWay, OutputError};
pub use sink::Memory;
pub(crate) use sink::{Access, Sink, Write};
pub(crate) use way::way_to_mesh;

/// What is made.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// What each cluster's values are written as.
    pub form: &'static dyn Form,
    /// The clusters asked for, by name; empty for all. What an earlier run made for the others stays.
    pub clusters: &'o [String],
    /// The page about the mesh, where it was asked for.
    pub page: Option<&'o str>,
    /// Whether packet filters end with rules that drop what the other clusters' nodes may not send.
    pub drop: bool,
    /// Whether the lists of all pairs of clusters are written: `rules.json` and `rules.csv`, which grow with their square.
    pub pairs: bool,
    /// The mesh file, whose name STEPS.md and the scripts show.
    pub mesh_file: &'o Path,
    /// The folder of the mesh file as seen from the output folder.
    pub mesh_folder: &'o str,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            form: default_form(),
            clusters: &[],
            page: None,
            drop: false,
            pairs: true,
            mesh_file: Path::new("mesh.yaml"),
            mesh_folder: "..",
        }
    }
}

/// All files of a mesh.
pub struct Output<'p, 'm> {
    plan: &'p Plan<'m>,
    options: Options<'p>,
    peers: PeerEntries,
    missing: MissingFacts,
}

impl<'p, 'm> Output<'p, 'm> {
    /// The output of a plan.
    pub fn new(plan: &'p Plan<'m>, options: Options<'p>) -> Self {
        Self {
            plan,
            options,
            peers: PeerEntries::new(plan.mesh.clusters.len()),
            missing: MissingFacts::new(plan.mesh.clusters.len()),
        }
    }

    /// Makes every file and gives the index of them. `earlier` is the index of the run before, for the clusters that were not
    /// asked for.
    ///
    /// # Errors
    /// If a file cannot be made, or the sink fails.
    pub fn write(&self, sink: &impl Sink, earlier: Option<&Index>) -> Result<Index, OutputError> {
        let mesh = self.plan.mesh;
        let (clusters, scripts) = self.clusters(sink, earlier)?;
        let mut index = Index {
            version: index::VERSION,
            mesh: mesh.name.clone(),
            clusters,
            files: self.firewall(sink)?,
        };
        if sink.takes_pages() {
            let before = earlier.iter().flat_map(|index| &index.files);
            let kept = before
                .filter(|file| firewall::cluster_of(file).is_some_and(|name| self.keeps(name)));
            index.files.extend(kept.cloned());
            let steps = self.steps_page(&index, sink)?;
            index.files.push(steps);
            index.files.extend(self.overview(sink)?);
            index.files.extend(self.scripts(scripts, sink)?);
        }
        Ok(index)
    }

    /// dump.sh, and steps.sh where the form is one that a script can apply.
    fn scripts(
        &self,
        clusters: Vec<ScriptCluster>,
        sink: &impl Sink,
    ) -> Result<Vec<MeshWideFile>, OutputError> {
        let mesh = self.plan.mesh;
        let clusters = scripts::in_order(mesh, clusters);
        let standing = Standing {
            mesh_folder: self.options.mesh_folder,
            mesh_file: self.mesh_file(),
            render_options: &self.render_options(),
        };
        let mut texts = vec![("dump.sh", scripts::dump_sh(mesh, &clusters, standing)?)];
        if self.options.form.is_applied() {
            texts.push(("steps.sh", scripts::steps_sh(mesh, &clusters, standing)?));
        }
        let files = texts.into_iter().map(|(path, text)| {
            mesh_wide(sink, path, FileKind::Script, &mut |out| {
                Ok(out.write_all(text.as_bytes())?)
            })
        });
        files.collect()
    }

    /// The options that the next run must be given to make the same files.
    fn render_options(&self) -> String {
        let options = &self.options;
        let form = options.form.name();
        let mut words = String::new();
        if form != default_form().name() {
            words = format!(" --as {form}");
        }
        if options.drop {
            words.push_str(" --drop");
        }
        if !options.pairs {
            words.push_str(" --no-pairs");
        }
        words
    }

    /// The name of the mesh file.
    fn mesh_file(&self) -> &str {
        let name = self.options.mesh_file.file_name();
        name.and_then(|name| name.to_str()).unwrap_or("mesh.yaml")
    }

    /// Where the printed commands are run.
    fn run_in(&self) -> RunIn<'_> {
        RunIn::Output(self.options.mesh_folder)
    }

    /// Whether a cluster was not asked for, so that its files and entries stay as they are.
    fn keeps(&self, name: &str) -> bool {
        let asked = self.options.clusters;
        !asked.is_empty() && !asked.iter().any(|asked| asked == name)
    }

    fn overview(&self, sink: &impl Sink) -> Result<Option<MeshWideFile>, OutputError> {
        let Some(page) = self.options.page else {
            return Ok(None);
        };
        let file = mesh_wide(sink, "report.html", FileKind::Report, &mut |out| {
            Ok(out.write_all(page.as_bytes())?)
        })?;
        Ok(Some(file))
    }

    fn steps_page(&self, index: &Index, sink: &impl Sink) -> Result<MeshWideFile, OutputError> {
        let mesh = self.plan.mesh;
        let mut unread: Vec<&Cluster> = mesh.clusters.iter().collect();
        unread.retain(|cluster| !cluster.reads_dump_folder);
        unread.sort_by_key(|cluster| cluster.id.as_ref().map(|id| id.value));
        let beside = Beside {
            first: mesh.ca_cluster().map(|cluster| cluster.name()),
            mesh_file: self.mesh_file(),
            at: self.run_in(),
            clusters: self.options.clusters,
            has_script: self.options.form.is_applied(),
            unread_folders: unread
                .into_iter()
                .map(|cluster| (cluster.name(), cluster.dump_folder.as_str()))
                .collect(),
            firewall_gaps: members::gaps(mesh),
            ipsec_keys: ipsec_keys(mesh, self.run_in()),
            rotation: mesh.ca.rotation.as_ref(),
        };
        let text = steps_page(index, &beside)?;
        mesh_wide(sink, "STEPS.md", FileKind::Steps, &mut |out| {
            Ok(out.write_all(text.as_bytes())?)
        })
    }
}

/// Commands that print a digest of the IPsec key of each cluster whose nodes encrypt by IPsec: nodes of two clusters with different
/// keys drop each other's packets.
fn ipsec_keys(mesh: &Mesh, at: RunIn<'_>) -> Vec<String> {
    let is_wanted = mesh
        .encryption
        .as_ref()
        .is_some_and(|wanted| wanted.value == EncryptionKind::Ipsec);
    let mut clusters: Vec<&Cluster> = mesh.members().collect();
    clusters.retain(|cluster| {
        is_wanted || datapath::encryption(cluster).value == EncryptionKind::Ipsec
    });
    clusters.sort_by_key(|cluster| cluster.id.as_ref().map(|id| id.value));
    clusters
        .into_iter()
        .map(|cluster| at.ipsec_key(cluster))
        .collect()
}

/// The files of an earlier run that a new one replaces or removes, each with its digest: not those of clusters that were
/// not asked for.
pub(crate) fn replaceable<'i>(
    earlier: &'i Index,
    asked: &'i [String],
) -> impl Iterator<Item = (&'i str, &'i str)> {
    let keeps = move |name: &str| !asked.is_empty() && !asked.iter().any(|asked| asked == name);
    let clusters = earlier.clusters.iter();
    let files = clusters
        .filter(move |cluster| !keeps(&cluster.name))
        .flat_map(|cluster| &cluster.files)
        .map(|file| (file.path.as_str(), file.sha256.as_str()));
    let own = earlier.files.iter();
    let own = own
        .filter(move |file| !firewall::cluster_of(file).is_some_and(keeps))
        .map(|file| (file.path.as_str(), file.sha256.as_str()));
    files.chain(own)
}

/// Adds a file that belongs to no single cluster, and gives its entry.
fn mesh_wide(
    sink: &impl Sink,
    path: &str,
    kind: FileKind,
    write: sink::Write<'_>,
) -> Result<MeshWideFile, OutputError> {
    let access = match kind {
        FileKind::Script => Access::Script,
        _ => Access::Public,
    };
    Ok(MeshWideFile {
        sha256: sink.add(path, access, write)?,
        path: path.to_owned(),
        kind,
    })
}

/// The entries of all clusters of a plan, without files and steps.
pub(crate) fn facts(plan: &Plan<'_>) -> Vec<crate::compile::index::ClusterIndex> {
    let missing = MissingFacts::new(plan.mesh.clusters.len());
    let all = plan.clusters.iter();
    all.map(|planned| artifacts::facts(plan, planned, &missing, RunIn::OUTPUT))
        .collect()
}
