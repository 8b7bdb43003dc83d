//! What every form of the rules has in common: a name for `--format`, and how it is written.

use std::io;

use super::cidr::Family;
use super::drops;
use super::groups::{Groups, Scope};
use super::model::Protocol;
use super::rules::{Permit, Reachability};
use crate::render::{Template, TemplateError};

/// A form of the rules that some firewall, tool or reader takes.
///
/// A dialect is one file and one line in the registry `DIALECTS`. `--format` and its help find it there; docs/architecture.md
/// has what else it needs.
pub(crate) trait Dialect: Sync {
    /// The name, as users type it.
    fn name(&self) -> &'static str;

    /// What it is, in a few words for `--help`.
    fn help(&self) -> &'static str;

    /// Whether it is about the nodes of one cluster, which must then be named.
    fn is_of_one_cluster(&self) -> bool {
        true
    }

    /// The same as a packet filter, of which `render` writes a file for every cluster.
    fn packet_filter(&self) -> Option<&dyn PacketFilter> {
        None
    }

    /// Writes it.
    ///
    /// # Errors
    /// If the dialect lacks the words for a rule, drops are refused, or `out` fails.
    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError>;

    /// What the user must know beside the text: rules that the target cannot hold, or will refuse.
    fn remarks(&self, _request: &DialectRequest<'_>) -> Vec<String> {
        Vec::new()
    }
}

/// What is asked for.
pub(crate) struct DialectRequest<'p> {
    /// The rules of the mesh.
    pub plan: &'p Reachability<'p>,
    /// The member asked for, by its index.
    pub cluster: Option<usize>,
    /// What the user chose.
    pub options: DialectOptions,
}

impl<'p> DialectRequest<'p> {
    /// The rules to and from the cluster asked for, or every rule.
    pub(crate) fn permits(&self) -> Box<dyn Iterator<Item = Permit> + '_> {
        match self.cluster {
            Some(member) => Box::new(self.plan.permits_of(member)),
            None => Box::new(self.plan.permits()),
        }
    }

    /// The same in groups.
    pub(crate) fn groups(&self) -> Groups {
        Groups::new(self.plan, self.cluster.map_or(Scope::Mesh, Scope::Cluster))
    }

    /// The name of the cluster asked for.
    pub(crate) fn cluster_name(&self) -> &'p str {
        let member = self
            .cluster
            .and_then(|member| self.plan.members.get(member));
        member.map_or("", |member| member.name.as_str())
    }
}

/// A dialect that is loaded on each node of a cluster: what distinguishes it is what it declares here, and the text of its template.
pub(crate) trait PacketFilter: Dialect {
    /// The extension of its files.
    fn file_extension(&self) -> &'static str;

    /// The address families that one of its files holds; rules of the other belong to another dialect's file.
    fn families(&self) -> &[Family];

    /// Whether it can permit a protocol. Rules that it cannot express are refused, never left out.
    fn expresses(&self, protocol: Protocol) -> bool;

    /// How many ranges fit into one list of a line; longer lists become several lines.
    fn longest_list(&self) -> usize {
        usize::MAX
    }

    /// What stands between two ranges of a list.
    fn separator(&self) -> &'static str;

    /// Whether a list can have a name, so that it stands in a file once.
    fn names_lists(&self) -> bool {
        false
    }

    /// A list of ranges in pieces that are short enough.
    fn pieces(&self, ranges: &[&str]) -> Vec<String> {
        let pieces = ranges.chunks(self.longest_list());
        pieces.map(|piece| piece.join(self.separator())).collect()
    }

    /// The name of a cluster's file.
    fn file_name(&self, cluster: &str) -> String {
        format!("{cluster}.{}", self.file_extension())
    }

    /// The template; its context is a page.
    fn template(&self) -> &'static Template;
}

/// What a user may choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DialectOptions {
    /// Whether to end with rules that drop everything else that comes from other clusters' nodes.
    pub drop: bool,
}

/// Why a dialect cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The dialect refuses.
    #[error(transparent)]
    Dialect(#[from] Error),
    /// What is written into fails.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Why a file cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Drops are refused.
    #[error(transparent)]
    Drop(#[from] drops::Refused),
    /// There is no rule, and what the dialect makes of none is refused or closes more than it opens.
    #[error("{dialect}: no rule concerns {cluster}, so there is nothing to open")]
    Nothing {
        /// The dialect.
        dialect: &'static str,
        /// The cluster, or the mesh.
        cluster: String,
    },
    /// Rules that the dialect has no words for.
    #[error("{dialect} cannot express {protocols:?}")]
    Inexpressible {
        /// The dialect.
        dialect: &'static str,
        /// The protocols.
        protocols: Vec<Protocol>,
    },
    /// A fault of a template.
    #[error(transparent)]
    Template(#[from] TemplateError),
}
