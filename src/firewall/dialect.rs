//! What every form of the rules has in common: a name for `--format`, and how it is written.

use std::io;

use super::drops::{self, Overlap};
use super::groups::{Groups, Scope};
use super::lines::Sides;
use super::model::Protocol;
use super::page::{Firewall, PacketFilter};
use super::rules::{Permit, Plan};
use crate::render::TemplateError;

/// A form of the rules that some firewall, tool or reader takes.
///
/// A dialect is one file and one line in the registry `DIALECTS`. `--format` and its help find it there; docs/architecture.md
/// has what else it needs.
pub trait Dialect: Sync {
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
    fn write(&self, request: &Request<'_>, out: &mut dyn io::Write) -> Result<(), WriteError>;

    /// What the user must know beside the text: rules that the target cannot hold, or will refuse.
    fn remarks(&self, _request: &Request<'_>) -> Vec<String> {
        Vec::new()
    }
}

/// What is asked for.
pub struct Request<'p> {
    /// The rules of the mesh.
    pub plan: &'p Plan<'p>,
    /// The member asked for, by its index.
    pub cluster: Option<usize>,
    /// What the user chose.
    pub options: Options,
}

impl<'p> Request<'p> {
    /// The rules to and from the cluster asked for, or every rule.
    pub fn permits(&self) -> Box<dyn Iterator<Item = Permit> + '_> {
        match self.cluster {
            Some(member) => Box::new(self.plan.permits_of(member)),
            None => Box::new(self.plan.permits()),
        }
    }

    /// The same in groups.
    pub fn groups(&self) -> Groups {
        Groups::new(self.plan, self.cluster.map_or(Scope::Mesh, Scope::Cluster))
    }

    /// The name of the cluster asked for.
    pub fn cluster_name(&self) -> &'p str {
        let member = self
            .cluster
            .and_then(|member| self.plan.members.get(member));
        member.map_or("", |member| member.name.as_str())
    }
}

/// Writes the page of a packet filter for the cluster asked for.
pub(super) fn write_page(
    filter: &dyn PacketFilter,
    request: &Request<'_>,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let sides = Sides::new(request.plan);
    let firewall = Firewall::of(&sides, request.cluster.unwrap_or_default());
    let text = filter.render(&firewall, &request.options)?;
    Ok(out.write_all(text.as_bytes())?)
}

/// What a user may choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
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
    /// Dropping would hit the cluster's own nodes.
    #[error("drop rules for {cluster} are refused: {}", drops::sentence(.overlaps))]
    DropOverlap {
        /// The cluster.
        cluster: String,
        /// Every clash.
        overlaps: Vec<Overlap>,
    },
    /// Whether dropping would hit the cluster's own nodes cannot be told, and what they need would be dropped too.
    #[error("drop rules for {cluster} are refused: its own node ranges are not known")]
    DropUnknown {
        /// The cluster.
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
