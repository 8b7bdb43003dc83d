//! `meshgen terraform`.

use std::io::{self, IsTerminal, Read};

use super::{USAGE, UnknownCluster, complain, find_cluster, print};
use crate::compile::plan::{Purpose, Request};
use crate::diagnostics::{Report, line};
use crate::emit::terraform::{AnswerError, Query, QueryError, answer};
use crate::finding::{self, Severity};
use crate::input::Unreadable;
use crate::model::{Cluster, Mesh};
use crate::pipeline::{Loaded, check, load};

/// Why there is no answer. Terraform shows the text to the person who planned.
#[derive(Debug, thiserror::Error)]
enum TerraformFailure {
    #[error("cannot read the query: {0}")]
    Stdin(#[from] io::Error),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    MeshFile(#[from] Unreadable),
    #[error("{0}")]
    Findings(String),
    #[error(transparent)]
    Cluster(#[from] UnknownCluster),
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

pub(super) fn run() -> u8 {
    match reply() {
        Ok(text) => print(&text),
        Err(failure) => {
            complain(&failure.to_string());
            match failure {
                TerraformFailure::MeshFile(_) => USAGE,
                _ => 1,
            }
        }
    }
}

fn reply() -> Result<String, TerraformFailure> {
    let query = Query::parse(&stdin()?)?;
    // Without the clock: what a plan says must not depend on the day.
    let Loaded {
        input,
        mesh,
        findings,
    } = load(&query.mesh)?;
    let Some(mesh) = mesh else {
        return Err(refusal(&Report::new(&findings, &input.sources)));
    };
    let checked = check(&input, &mesh, findings, &request(&mesh, &query), None);
    let report = Report::new(&checked.findings, &input.sources);
    if finding::has_errors(&checked.findings) {
        return Err(refusal(&report));
    }
    let name = query.cluster.as_deref();
    let cluster = name.map(|name| find_cluster(&mesh, name)).transpose()?;
    let warnings = line::lines(&report, Severity::Warning);
    let answer = answer(&checked.plan, cluster, query.secrets, warnings)?;
    let text = serde_json::to_string(&answer).map_err(AnswerError::from)?;
    Ok(text + "\n")
}

/// Everything on standard input. A person who typed the command would wait for ever.
fn stdin() -> Result<String, TerraformFailure> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(QueryError::Empty.into());
    }
    let mut bytes = Vec::new();
    stdin.lock().read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn request(mesh: &Mesh, query: &Query) -> Request {
    let named = |cluster: &&Cluster| query.cluster.as_deref() == Some(cluster.name());
    let clusters = mesh.clusters.iter().filter(named);
    Request {
        phase: query.phase,
        clusters: query
            .cluster
            .as_ref()
            .map(|_| clusters.map(|cluster| cluster.index).collect()),
        purpose: match query.phase {
            None => Purpose::Show,
            Some(_) => Purpose::Apply,
        },
        ..Request::default()
    }
}

/// All that was found, the worst first.
fn refusal(report: &Report<'_>) -> TerraformFailure {
    let worst_first = [Severity::Error, Severity::Warning, Severity::Note];
    let all = worst_first.map(|severity| line::lines(report, severity));
    TerraformFailure::Findings(all.concat().join("\n"))
}
