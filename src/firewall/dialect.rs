//! What the dialects have in common: one page per cluster, for the firewall of each of its nodes.
//!
//! A page holds the rules to the cluster and the rules from it, so that hosts with a restrictive output path work as well
//! as those with a restrictive input path. Both directions share one list of lines, since every line names source and
//! destination; where two clusters use the same ranges, both directions are the same line, and it stands once.
//! Replies are left to the host's own stateful rules: a line permits what opens a conversation, as in `rules.json`.

use serde::Serialize;

use super::cidr::Family;
use super::drops::{self, Overlap, Peers};
use super::lines::{self, Line};
use super::model::{Protocol, Rule};
use crate::render::{self, Template, TemplateError};

/// A language of packet filters.
///
/// A dialect is one file: what distinguishes it is what it declares here, and the text of its template.
pub trait Dialect: Sync {
    /// The name, as users type it.
    fn name(&self) -> &'static str;

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

    /// The name of a cluster's file.
    fn file_name(&self, cluster: &str) -> String {
        format!("{cluster}.{}", self.file_extension())
    }

    /// The template; its context is a [`Page`].
    fn template(&self) -> Template;

    /// The file for a cluster. `rules` may hold rules of other clusters; they are ignored.
    fn render(&self, cluster: &str, rules: &[Rule], options: &Options) -> Result<String, Error> {
        let own = touching(cluster, rules);
        refuse_inexpressible(self.name(), self.families(), &own, |protocol| {
            self.expresses(protocol)
        })?;
        let mut page = Page {
            cluster,
            dialect: self.name(),
            file: self.file_name(cluster),
            hosts: own.iter().filter_map(|rule| host(rule)).collect(),
            lines: lines::collect(&own, self.families(), self.longest_list()),
            peers: Vec::new(),
        };
        if options.drop {
            page.peers = drops::peers(cluster, &own, self.families(), self.longest_list())?;
        }
        Ok(render::fill(self.template(), page)?)
    }
}

/// What a user may choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether to end with rules that drop everything else that comes from other clusters' nodes.
    pub drop: bool,
}

/// The context of a dialect's template.
#[derive(Clone, Debug, Serialize)]
pub struct Page<'a> {
    /// The cluster on whose nodes the file is loaded.
    pub cluster: &'a str,
    /// The dialect's name.
    pub dialect: &'static str,
    /// The name of the file that is made.
    pub file: String,
    /// Rules whose destination is known by host name only, one comment each: an address filter cannot hold them.
    pub hosts: Vec<String>,
    /// What is accepted, inbound first; no two are equal.
    pub lines: Vec<Line>,
    /// Other clusters' node ranges, from which the rest is dropped; empty unless that is asked for.
    pub peers: Vec<Peers>,
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

/// The rules to the cluster, then those from it.
fn touching<'a>(cluster: &str, rules: &'a [Rule]) -> Vec<&'a Rule> {
    let inbound = rules.iter().filter(|rule| rule.to == cluster);
    let outbound = rules.iter().filter(|rule| rule.from == cluster);
    inbound.chain(outbound).collect()
}

/// Gathers over all rules, so that one answer names everything.
fn refuse_inexpressible(
    dialect: &'static str,
    families: &[Family],
    rules: &[&Rule],
    expresses: impl Fn(Protocol) -> bool,
) -> Result<(), Error> {
    let concerned = |rule: &&&Rule| {
        families
            .iter()
            .any(|family| rule.protocol.exists_in(*family))
    };
    let missing = rules.iter().filter(concerned).map(|rule| rule.protocol);
    let mut protocols: Vec<Protocol> = missing.filter(|protocol| !expresses(*protocol)).collect();
    protocols.sort_unstable();
    protocols.dedup();
    if protocols.is_empty() {
        Ok(())
    } else {
        Err(Error::Inexpressible { dialect, protocols })
    }
}

fn host(rule: &Rule) -> Option<String> {
    let host = rule.to_host.as_deref()?;
    let port = rule.port.map(|port| format!(" {port}")).unwrap_or_default();
    Some(format!(
        "{} to {}, {}{port} to the host {host}",
        rule.from, rule.to, rule.protocol
    ))
}
