//! `meshgen report`: one HTML page about a whole mesh, for people who look rather than read.
//!
//! Each part of the page is a file here that turns the plan into numbers and words; `templates/report.html.j2` draws them. No
//! key and no body of a certificate gets into any of them.

mod addresses;
mod certificates;
mod findings;
mod firewall;
mod matrix;
mod scale;
mod versions;

use serde::Serialize;

use crate::compile::plan::{Phase, Plan};
use crate::finding::{Finding, Severity};
use crate::render::{self, TemplateError};
use crate::source::Sources;
use crate::verify::answer::{PairHealth, Verification};
use crate::verify::cause::Cause;

/// What the page is made of.
pub(crate) struct ReportInput<'i> {
    /// The plan of the mesh.
    pub(crate) plan: &'i Plan<'i>,
    /// What was found.
    pub(crate) findings: &'i [Finding],
    /// Where the findings are.
    pub(crate) sources: &'i Sources,
    /// Today, as Unix seconds, where the page may say what has expired.
    pub(crate) now: Option<i64>,
    /// What saved outputs say of each pair, where they were read.
    pub(crate) health: Option<HealthMatrix>,
}

/// The health of the mesh, as saved outputs show it.
#[derive(Serialize)]
pub(crate) struct HealthMatrix {
    /// Whether every pair is healthy.
    pub(crate) healthy: bool,
    /// Every ordered pair of clusters.
    pub(crate) pairs: Vec<HealthPair>,
    /// The clusters of which something is expected, in their order.
    pub(crate) clusters: Vec<String>,
}

impl HealthMatrix {
    /// Of what `verify` answers; the worst pairs come first.
    pub(crate) fn of(answer: &Verification) -> Self {
        let mut pairs: Vec<&PairHealth> = answer.of_clusters().collect();
        pairs.sort_by_key(|pair| (pair.state, pair.cause));
        Self {
            healthy: answer.healthy,
            pairs: pairs.into_iter().map(HealthPair::of).collect(),
            clusters: answer.clusters.clone(),
        }
    }
}

impl HealthPair {
    fn of(pair: &PairHealth) -> Self {
        Self {
            from: pair.from.clone(),
            to: pair.to.clone(),
            state: pair.state.as_str(),
            cause: pair.cause.map(Cause::as_str),
            why: pair.why.clone().unwrap_or_default(),
        }
    }
}

/// The health of one ordered pair.
#[derive(Serialize)]
pub(crate) struct HealthPair {
    /// The cluster that looks.
    pub(crate) from: String,
    /// The cluster that is looked at.
    pub(crate) to: String,
    /// `healthy`, `failing` or `unseen`.
    pub(crate) state: &'static str,
    /// The kind of cause of one that fails.
    pub(crate) cause: Option<&'static str>,
    /// Why, in a sentence.
    pub(crate) why: String,
}

/// Context of `templates/report.html.j2`.
#[derive(Serialize)]
struct ReportPage<'p> {
    mesh: &'p str,
    trust: &'static str,
    ca_from: Option<&'p str>,
    today: Option<String>,
    errors: usize,
    warnings: usize,
    clusters: Vec<ClusterRow<'p>>,
    complete: bool,
    matrix: matrix::Matrix,
    health: Option<matrix::Matrix>,
    healthy: Option<bool>,
    maps: Vec<addresses::AddressMap>,
    certificates: Option<certificates::Axis>,
    versions: Vec<versions::VersionRow>,
    findings: Vec<findings::FindingRow>,
    more_findings: usize,
    firewall: Vec<firewall::FirewallRow>,
    firewall_gaps: Vec<String>,
}

#[derive(Serialize)]
struct ClusterRow<'p> {
    name: &'p str,
    id: i64,
    kkp: String,
    cilium: String,
    phase: &'static str,
    missing: Vec<String>,
}

/// Writes the page.
///
/// # Errors
/// If the template fails.
pub(crate) fn page(input: &ReportInput<'_>) -> Result<String, TemplateError> {
    let (plan, mesh) = (input.plan, input.plan.mesh);
    let count = |severity| {
        input
            .findings
            .iter()
            .filter(|one| one.severity == severity)
            .count()
    };
    let (shown, more_findings) = findings::rows(input);
    let page = ReportPage {
        mesh: &mesh.name,
        trust: mesh.trust.value.as_str(),
        ca_from: mesh.ca_cluster().map(|cluster| cluster.name()),
        today: input.now.map(certificates::day),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        complete: plan
            .clusters
            .iter()
            .all(|cluster| cluster.phase == Phase::Mesh),
        clusters: plan
            .clusters
            .iter()
            .map(|planned| cluster(plan, planned))
            .collect(),
        matrix: matrix::planned(plan),
        health: input.health.as_ref().map(matrix::health),
        healthy: input.health.as_ref().map(|health| health.healthy),
        maps: addresses::maps(mesh),
        certificates: certificates::axis(plan, input.now),
        versions: versions::rows(plan),
        findings: shown,
        more_findings,
        firewall: firewall::rows(mesh),
        firewall_gaps: crate::compile::firewall::gaps(mesh)
            .into_iter()
            .take(20)
            .collect(),
    };
    // A mesh with errors has a page too, so anything can stand in its names.
    render::REPORT.fill(input.sources.shown_value(serde_json::json!(page)))
}

fn cluster<'p>(
    plan: &Plan<'p>,
    planned: &'p crate::compile::plan::ClusterPlan<'p>,
) -> ClusterRow<'p> {
    let target = planned.cluster;
    let missing = planned.missing.iter().map(|missing| {
        format!(
            "{} of {}",
            missing.fact.in_words(),
            plan.mesh.clusters[missing.of].name()
        )
    });
    let version = |text: Option<String>| text.unwrap_or_default();
    ClusterRow {
        name: target.name(),
        id: planned.id,
        kkp: version(target.kkp.as_ref().map(|kkp| kkp.value.version.to_string())),
        cilium: version(target.cilium_version().map(|version| version.to_string())),
        phase: planned.phase.as_str(),
        missing: missing.take(6).collect(),
    }
}
