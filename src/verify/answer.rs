//! The answer: every pair, and remarks about the files.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cause::Cause;
use super::recognise::Unread;
use crate::model::Cluster;
use crate::source::{is_unseen, redacted};

/// How a pair is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PairState {
    /// Something about it fails.
    Failing,
    /// It is not known.
    Unseen,
    /// Probes say that it is.
    Healthy,
}

impl PairState {
    /// The word in the answer.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Unseen => "unseen",
            Self::Healthy => "healthy",
        }
    }
}

/// An ordered pair of clusters, or of nodes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PairHealth {
    /// Who sees.
    pub(crate) from: String,
    /// Whom.
    pub(crate) to: String,
    /// How it is.
    pub(crate) state: PairState,
    /// Why it fails.
    pub(crate) cause: Option<Cause>,
    /// The same as a sentence; why it is unseen, too.
    pub(crate) why: Option<String>,
    /// What to run next.
    pub(crate) next: Option<String>,
    /// Files under the checks folder, with lines.
    pub(crate) seen: Vec<String>,
    /// Whether the dumps show that it cannot be connected yet.
    #[serde(skip)]
    pub(crate) is_due_later: bool,
}

impl PairHealth {
    /// Whether this is a pair of nodes.
    pub(crate) fn is_of_nodes(&self) -> bool {
        self.from.contains('/') || self.to.contains('/')
    }
}

/// A remark about a file or folder.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Remark {
    /// What kind of remark it is.
    pub(crate) code: &'static str,
    /// `warning` or `note`.
    pub(crate) severity: &'static str,
    /// The sentence.
    pub(crate) message: String,
    /// The file under the checks folder.
    pub(crate) file: String,
    /// The clusters concerned.
    pub(crate) clusters: Vec<String>,
}

impl Remark {
    fn new(
        code: &'static str,
        severity: &'static str,
        file: &str,
        cluster: &str,
        about: &str,
    ) -> Self {
        let file = quoted(file);
        Self {
            code,
            severity,
            message: format!("{file}: {about}"),
            file,
            clusters: Some(cluster.to_owned())
                .into_iter()
                .filter(|name| !name.is_empty())
                .collect(),
        }
    }

    /// A file that cannot be read.
    pub(super) fn unreadable(file: &str, cluster: &str, why: &str) -> Self {
        Self::new(
            "output-unreadable",
            "warning",
            file,
            cluster,
            &format!("not read, {why}"),
        )
    }

    /// A folder or file that is no cluster's.
    pub(super) fn stranger(name: &str, is_folder: bool) -> Self {
        let about = if is_folder {
            "no cluster of mesh.yaml has this name, so nothing in it counts"
        } else {
            "outputs belong in a folder with the name of their cluster, so this file does not count"
        };
        Self::new("output-stray", "warning", name, "", about)
    }

    /// An output of another cluster's agent.
    pub(super) fn foreign(file: &str, cluster: &str, other: &str) -> Self {
        let about = format!(
            "this is what an agent of `{}` sees, so it does not count here",
            quoted(other)
        );
        Self::new("output-foreign", "warning", file, cluster, &about)
    }

    /// A file of which nothing was read.
    pub(super) fn unread(why: &Unread, file: &str, cluster: &str) -> Self {
        match why {
            Unread::Empty => Self::new(
                "output-empty",
                "warning",
                file,
                cluster,
                "empty, so it counts as not seen",
            ),
            Unread::Cut => {
                let about = "cut off in the middle, so what is missing counts as not seen";
                Self::new("output-cut", "warning", file, cluster, about)
            }
            Unread::Refused(said) => {
                let about = format!(
                    "no output, but what the command said instead: {}",
                    quoted(said)
                );
                Self::new("output-refused", "warning", file, cluster, &about)
            }
            Unread::Unknown => {
                let about = "no output that verify knows, so it counts as not seen";
                Self::new("output-unknown", "note", file, cluster, about)
            }
        }
    }
}

/// The whole answer.
#[derive(Debug, Serialize)]
pub(crate) struct Verification {
    version: u32,
    /// Whether all is seen and healthy.
    pub(crate) healthy: bool,
    /// All pairs: those of clusters first.
    pub(crate) pairs: Vec<PairHealth>,
    /// Remarks about files.
    pub(crate) findings: Vec<Remark>,
    /// The clusters, in their order.
    #[serde(skip)]
    pub(crate) clusters: Vec<String>,
}

/// Of pairs of nodes, more healthy ones than this are left out.
const MOST_NODE_PAIRS: usize = 10_000;

impl Verification {
    pub(super) fn new(
        clusters: &[&Cluster],
        mut pairs: Vec<PairHealth>,
        findings: Vec<Remark>,
    ) -> Self {
        let nodes = pairs.iter().filter(|pair| pair.is_of_nodes()).count();
        if nodes > MOST_NODE_PAIRS {
            pairs.retain(|pair| !pair.is_of_nodes() || pair.state != PairState::Healthy);
        }
        pairs.sort_by_key(PairHealth::is_of_nodes);
        Self {
            version: 1,
            healthy: pairs.iter().all(|pair| pair.state == PairState::Healthy),
            pairs,
            findings,
            clusters: clusters
                .iter()
                .map(|cluster| cluster.name().to_owned())
                .collect(),
        }
    }

    /// The pairs of clusters.
    pub(crate) fn of_clusters(&self) -> impl Iterator<Item = &PairHealth> {
        self.pairs.iter().filter(|pair| !pair.is_of_nodes())
    }

    /// The pairs of nodes that are not healthy, by their clusters.
    pub(crate) fn node_trouble(&self) -> BTreeMap<(&str, &str), Vec<&PairHealth>> {
        let cluster = |name: &'_ str| name.find('/').unwrap_or(name.len());
        let mut by_clusters: BTreeMap<(&str, &str), Vec<&PairHealth>> = BTreeMap::new();
        for pair in self.pairs.iter().filter(|pair| pair.is_of_nodes()) {
            if pair.state != PairState::Healthy {
                let key = (
                    &pair.from[..cluster(&pair.from)],
                    &pair.to[..cluster(&pair.to)],
                );
                by_clusters.entry(key).or_default().push(pair);
            }
        }
        by_clusters
    }
}

/// The longest piece of an input that is quoted.
const LONGEST: usize = 300;

/// A piece of an input as it may be shown: no key, no control character, not too long.
pub(super) fn quoted(text: &str) -> String {
    let shown: String = redacted(text)
        .chars()
        .map(|c| if is_unseen(c) { ' ' } else { c })
        .take(LONGEST)
        .collect();
    shown
}
