//! `meshgen verify`: is the mesh healthy, and where it is not, why?
//!
//! Nothing here asks a cluster. What people saved from their clusters goes through these stages:
//!
//! | stage | module | from | to |
//! |---|---|---|---|
//! | read | `folder`, `text` | a folder per cluster | texts without terminal codes |
//! | recognise | `recognise`, `parse` | a text | `outputs::SavedOutput`s |
//! | expect | `expected` | mesh.yaml, dumps, saved Node lists | the nodes that each cluster must see |
//! | judge | `evidence`, `faults`, `judge` | all outputs of one cluster | a `answer::Pair` for each other cluster |
//! | show | `show` | the answer | text, JSON, workflow commands |

pub(crate) mod answer;
mod asked;
pub(crate) mod cause;
mod evidence;
mod expected;
mod faults;
mod folder;
mod identity;
mod judge;
mod next;
mod not_yet;
mod outputs;
mod parse;
mod recognise;
pub(crate) mod show;
mod text;

use std::path::Path;

use rayon::prelude::*;

use crate::datapath::MeshDatapath;
use crate::input::Input;
use crate::model::{Cluster, Mesh};
use answer::{Remark, Verification};
use expected::Expected;
use outputs::Saved;

/// Judges a mesh by what was saved below a folder.
///
/// # Errors
/// If the folder itself cannot be read.
pub(crate) fn verify(input: &Input, mesh: &Mesh, folder: &Path) -> std::io::Result<Verification> {
    let staying: Vec<&Cluster> = mesh
        .clusters
        .iter()
        .filter(|cluster| !leaves(input, cluster))
        .collect();
    let names: Vec<&str> = staying.iter().map(|cluster| cluster.name()).collect();
    let mut remarks = folder::strangers(folder, mesh)?;
    let read: Vec<(Vec<Saved>, Vec<Remark>)> =
        names.par_iter().map(|name| saved(folder, name)).collect();
    let (mut outputs, said): (Vec<Vec<Saved>>, Vec<Vec<Remark>>) = read.into_iter().unzip();
    remarks.extend(said.into_iter().flatten());
    for (name, outputs) in names.iter().zip(&mut outputs) {
        remarks.append(&mut evidence::put_aside_foreign(name, &names, outputs));
    }
    let expected: Vec<Expected> = staying
        .iter()
        .zip(&outputs)
        .map(|(cluster, saved)| Expected::of(input, cluster, saved))
        .collect();
    let asked = asked::Asked {
        mesh,
        clusters: &staying,
        expected: &expected,
        names: mesh.clusters.iter().map(Cluster::name).collect(),
        datapath: MeshDatapath::of(mesh),
        with_endpoint: evidence::nodes_with_endpoint(&outputs),
        mesh_file: &input.path,
        folder,
    };
    let pairs = (0..staying.len())
        .into_par_iter()
        .flat_map_iter(|at| judge::pairs_from(&asked, at, &outputs[at]))
        .collect();
    Ok(Verification::new(&staying, pairs, remarks))
}

/// Whether a cluster is on its way out of the mesh: nothing is expected of it.
fn leaves(input: &Input, cluster: &Cluster) -> bool {
    let node = input.sources.node(&cluster.place.key("leaves"));
    node.and_then(crate::yaml::Node::as_bool).unwrap_or(false)
}

/// All that was saved for one cluster.
fn saved(folder: &Path, cluster: &str) -> (Vec<Saved>, Vec<Remark>) {
    let (files, mut remarks) = folder::files(folder, cluster);
    let mut saved = Vec::new();
    for file in files {
        match folder::read(&file) {
            Ok(bytes) => {
                let text = text::decoded(&bytes);
                let (outputs, remark) = recognise::outputs(&text);
                remarks.extend(remark.map(|why| Remark::unread(&why, &file.name, cluster)));
                saved.push(Saved {
                    file: file.name.into(),
                    outputs,
                });
            }
            Err(why) => remarks.push(Remark::unreadable(&file.name, cluster, &why)),
        }
    }
    (saved, remarks)
}

/// How many outputs are recognised in any bytes; what the fuzz target of the parsers calls.
#[doc(hidden)]
pub fn recognised(bytes: &[u8]) -> usize {
    recognise::outputs(&text::decoded(bytes)).0.len()
}
