//! Matrices of clusters: which peers each one will have, and which of them are healthy.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::HealthMatrix;
use crate::compile::plan::{Phase, Plan};

/// More clusters than fit on paper.
const PAPER: usize = 24;

/// A table of clusters by clusters.
#[derive(Serialize)]
pub(super) struct Matrix {
    names: Vec<String>,
    rows: Vec<MatrixRow>,
    /// Pairs that are not well, in words.
    remarks: Vec<String>,
    more_remarks: usize,
    /// Whether it is too wide for paper.
    is_wide: bool,
}

#[derive(Serialize)]
struct MatrixRow {
    name: String,
    cells: Vec<Cell>,
}

/// What a cell says: a class for its colour, a sign, and a word for who cannot see either.
#[derive(Clone, Copy, Serialize)]
struct Cell {
    class: &'static str,
    sign: &'static str,
    word: &'static str,
}

const OWN: Cell = Cell {
    class: "own",
    sign: "–",
    word: "itself",
};

/// How many remarks are listed.
const REMARKS: usize = 30;

/// Which peers each cluster has today, will have, and lacks.
pub(super) fn planned(plan: &Plan<'_>) -> Matrix {
    let names: Vec<&str> = plan
        .mesh
        .clusters
        .iter()
        .map(|cluster| cluster.name())
        .collect();
    let by_index: BTreeMap<usize, &crate::compile::plan::ClusterPlan<'_>> = plan
        .clusters
        .iter()
        .map(|planned| (planned.cluster.index, planned))
        .collect();
    let mut remarks = Vec::new();
    let rows = plan.mesh.clusters.iter().map(|from| {
        let current = from.current.iter().flat_map(|current| current.peers());
        let today: BTreeSet<&str> = current.map(|peer| peer.name).collect();
        let planned = by_index.get(&from.index);
        let wanted: BTreeSet<&str> = planned
            .iter()
            .flat_map(|planned| planned.peers.iter().map(|peer| peer.cluster.name()))
            .collect();
        let is_none = planned.is_none_or(|planned| planned.phase == Phase::None);
        let cells = names.iter().map(|to| {
            if *to == from.name() {
                return OWN;
            }
            let cell = match (today.contains(to), wanted.contains(to)) {
                (true, _) => ("yes", "●", "connected in the current values"),
                (false, true) => ("soon", "○", "connected by the next patch"),
                (false, false) if is_none => ("no", "?", "nothing can be made yet"),
                (false, false) => ("no", "×", "not yet: a fact is missing"),
            };
            if cell.0 == "no" {
                remarks.push(format!("{} → {to}: {}", from.name(), cell.2));
            }
            Cell {
                class: cell.0,
                sign: cell.1,
                word: cell.2,
            }
        });
        MatrixRow {
            name: from.name().to_owned(),
            cells: cells.collect(),
        }
    });
    let rows = rows.collect();
    matrix(rows, &names, remarks)
}

/// What saved outputs say of every pair.
pub(super) fn health(health: &HealthMatrix) -> Matrix {
    let names: Vec<&str> = health.clusters.iter().map(String::as_str).collect();
    let pairs: BTreeMap<(&str, &str), &super::HealthPair> = health
        .pairs
        .iter()
        .map(|pair| ((pair.from.as_str(), pair.to.as_str()), pair))
        .collect();
    let rows = names.iter().map(|from| {
        let cells = names.iter().map(|to| {
            if from == to {
                return OWN;
            }
            match pairs.get(&(*from, *to)).map(|pair| pair.state) {
                Some("healthy") => Cell {
                    class: "yes",
                    sign: "✓",
                    word: "healthy",
                },
                Some("failing") => Cell {
                    class: "bad",
                    sign: "×",
                    word: "failing",
                },
                _ => Cell {
                    class: "no",
                    sign: "?",
                    word: "not seen",
                },
            }
        });
        MatrixRow {
            name: (*from).to_owned(),
            cells: cells.collect(),
        }
    });
    let unwell = health.pairs.iter().filter(|pair| pair.state != "healthy");
    let remarks: Vec<String> = unwell
        .map(|pair| {
            let word = pair.cause.unwrap_or("not seen");
            format!("{} → {}: {word}: {}", pair.from, pair.to, pair.why)
        })
        .collect();
    matrix(rows.collect(), &names, remarks)
}

fn matrix(rows: Vec<MatrixRow>, names: &[&str], mut remarks: Vec<String>) -> Matrix {
    let more_remarks = remarks.len().saturating_sub(REMARKS);
    remarks.truncate(REMARKS);
    Matrix {
        is_wide: names.len() > PAPER,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        rows,
        remarks,
        more_remarks,
    }
}
