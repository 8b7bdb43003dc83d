//! The way from a file to a plan, which every command that reads a mesh takes: load, then check.
//!
//! `load` reads mesh.yaml and all that it points at; `check` plans what will be made of it and runs every rule. What is made
//! then is [`crate::output`]'s.

use std::num::NonZero;
use std::path::Path;

use crate::compile::plan::{Plan, Request, plan};
use crate::finding::{self, Finding};
use crate::ignore;
use crate::input::{self, Input, Unreadable};
use crate::model::Mesh;
use crate::resolve::{Resolution, resolve};
use crate::rules;
use crate::trust::TrustState;

/// A mesh that was read.
pub struct Loaded {
    /// The texts, with the places of all values.
    pub input: Input,
    /// What is true of the mesh; `None` where mesh.yaml cannot be read as a mapping.
    pub mesh: Option<Mesh>,
    /// What was found on reading it.
    pub findings: Vec<Finding>,
}

/// A mesh that was planned and checked.
pub struct Checked<'m> {
    /// What can be made of it.
    pub plan: Plan<'m>,
    /// Everything that was found, in the order of the text, without what `ignore` accepts.
    pub findings: Vec<Finding>,
}

/// Reads a mesh file and all that it points at.
///
/// # Errors
/// If the mesh file itself cannot be read.
pub fn load(file: &Path) -> Result<Loaded, Unreadable> {
    limit_threads();
    Ok(resolved(input::load(file)?))
}

/// The same of a mesh file in memory, as if it stood at `path`.
pub(crate) fn load_text(path: &Path, bytes: Vec<u8>) -> Loaded {
    resolved(input::from_text(path, bytes))
}

fn resolved(mut input: Input) -> Loaded {
    let mut findings = std::mem::take(&mut input.findings);
    let Resolution {
        mesh,
        findings: mut resolved,
        keys,
    } = resolve(&input);
    findings.append(&mut resolved);
    input.sources.keep_secret(keys);
    if mesh.is_none() {
        // No rule can run, so these are all findings.
        findings = finding::settle(findings, &input.sources);
    }
    Loaded {
        input,
        mesh,
        findings,
    }
}

/// Plans a mesh and runs every rule. `found` is what was found on reading it. With `now` (Unix seconds) the findings include
/// those that depend on the date; commands that make files pass `None`, so that they make the same on every day.
pub fn check<'m>(
    input: &Input,
    mesh: &'m Mesh,
    mut found: Vec<Finding>,
    request: &Request,
    now: Option<i64>,
) -> Checked<'m> {
    let (plan, mut planned) = plan(mesh, TrustState::of(mesh, now), request);
    found.append(&mut planned);
    found.append(&mut rules::check(&rules::Context {
        input,
        mesh,
        trust: &plan.trust,
        plan: &plan,
        request,
        now,
    }));
    let kept = ignore::apply(found, &mesh.ignores, &input.sources, now.is_some());
    let findings = finding::settle(kept, &input.sources);
    Checked { plan, findings }
}

/// Each thread holds the files of one cluster, and more of them do not make a disk faster.
const THREADS: usize = 4;

/// Bounds the threads that work side by side, of which the caller is one.
fn limit_threads() {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(cores.min(THREADS));
    // Where a program that uses this library has made its threads already, those serve as well.
    let _ = threads.use_current_thread().build_global();
}
