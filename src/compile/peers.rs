//! Peer entries of `clustermesh.config.clusters`, each made once and written into many clusters.
//!
//! A mesh of N clusters has N(N-1) entries, of only N kinds: an entry depends on the cluster that
//! patches only by whether it carries a certificate, and by how deep it is indented.

use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde_json::{Value, json};

use super::jsonpath;
use super::plan::{Peer, PeerCerts, PeerTls};
use crate::render::{self, TemplateError, json_body};

/// How an entry is written into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// YAML, indented for `spec.values` of a merge patch.
    MergePatch,
    /// YAML, indented for the values.
    Block,
    /// The same as the body of a JSON string.
    JsonPatch,
    /// A line of what steps.sh asks kubectl for.
    Probe,
}

impl Layout {
    /// Columns before the dash of an entry: KKP writes lists without extra indentation.
    fn indent(self) -> usize {
        match self {
            Self::MergePatch => 8,
            Self::Block | Self::JsonPatch => 4,
            Self::Probe => 0,
        }
    }
}

/// How many layouts there are.
const LAYOUTS: usize = 4;

/// Context of `templates/peer.yaml.j2`.
#[derive(Serialize)]
struct PeerEntry<'a> {
    /// DNS name to dial; empty where there are addresses, as in the guide.
    address: &'a str,
    /// Addresses to dial.
    ips: Vec<String>,
    /// Name of the peer.
    name: &'a str,
    /// Port to dial. Always written: without one the endpoint ends in `<no value>`.
    port: u16,
    /// Inline certificate, if any.
    tls: Option<PeerCerts<'a>>,
}

/// The entries made so far. Clusters whose files are made side by side share them.
pub struct PeerEntries {
    /// By the cluster's index, then by [`PeerShape`] and [`Layout`].
    made: Vec<[PeerText; 3 * LAYOUTS]>,
}

type PeerText = OnceLock<Result<Arc<str>, TemplateError>>;

/// What about an entry depends on the cluster that it is written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeerShape {
    Bare,
    WithCert,
    WithCertAndCa,
}

impl PeerEntries {
    /// None yet, for a mesh of so many clusters.
    pub fn new(clusters: usize) -> Self {
        let made = std::iter::repeat_with(Default::default);
        Self {
            made: made.take(clusters).collect(),
        }
    }

    /// The texts of a list of entries.
    ///
    /// # Errors
    /// If the template refuses a value.
    pub(super) fn texts(
        &self,
        peers: &[Arc<Peer<'_>>],
        layout: Layout,
    ) -> Result<Vec<Arc<str>>, TemplateError> {
        peers.iter().map(|peer| self.text(peer, layout)).collect()
    }

    /// The text of an entry.
    ///
    /// # Errors
    /// If the template refuses a value.
    pub fn text(&self, peer: &Peer<'_>, layout: Layout) -> Result<Arc<str>, TemplateError> {
        let Some(shape) = shape(peer) else {
            return make(peer, layout);
        };
        let kind = shape as usize * LAYOUTS + layout as usize;
        let entry = &self.made[peer.cluster.index][kind];
        entry.get_or_init(|| make(peer, layout)).clone()
    }
}

fn make(peer: &Peer<'_>, layout: Layout) -> Result<Arc<str>, TemplateError> {
    let yaml = || -> Result<String, TemplateError> {
        Ok(indented(&render::PEER.fill(entry(peer))?, layout.indent()))
    };
    Ok(match layout {
        Layout::MergePatch | Layout::Block => yaml()?.into(),
        Layout::JsonPatch => json_body(&yaml()?).into(),
        Layout::Probe => jsonpath::peer_line(&data(peer)).into(),
    })
}

/// `None` for an entry that only one cluster has, because it keeps a certificate of its current values.
fn shape(peer: &Peer<'_>) -> Option<PeerShape> {
    match peer.tls {
        PeerTls::None => Some(PeerShape::Bare),
        PeerTls::Dumped { with_ca: false, .. } => Some(PeerShape::WithCert),
        PeerTls::Dumped { with_ca: true, .. } => Some(PeerShape::WithCertAndCa),
        PeerTls::Kept(_) => None,
    }
}

fn entry<'a>(peer: &Peer<'a>) -> PeerEntry<'a> {
    let apiserver = &peer.cluster.apiserver;
    let host = apiserver
        .host
        .as_ref()
        .map_or("", |host| host.value.as_str());
    PeerEntry {
        address: if apiserver.addresses.is_empty() {
            host
        } else {
            ""
        },
        ips: apiserver
            .addresses
            .iter()
            .map(|ip| ip.value.to_string())
            .collect(),
        name: peer.cluster.name(),
        port: apiserver.port,
        tls: peer.tls.certs(),
    }
}

/// The name of a peer and its addresses, each as JSON.
pub(super) fn addresses(peer: &Peer<'_>) -> (String, Vec<String>) {
    let entry = entry(peer);
    let ips = entry
        .ips
        .iter()
        .map(|ip| Value::from(ip.as_str()).to_string());
    (entry.name.to_owned(), ips.collect())
}

/// The entry as data.
pub(super) fn data(peer: &Peer<'_>) -> Value {
    let entry = entry(peer);
    let mut data = json!({"address": entry.address, "name": entry.name, "port": entry.port});
    if !entry.ips.is_empty() {
        data["ips"] = json!(entry.ips);
    }
    if let Some(PeerCerts { ca, cert, key }) = entry.tls {
        data["tls"] = json!({"cert": cert, "key": key});
        if let Some(ca) = ca {
            data["tls"]["caCert"] = ca.into();
        }
    }
    data
}

fn indented(text: &str, columns: usize) -> String {
    let indent = " ".repeat(columns);
    text.lines()
        .map(|line| format!("{indent}{line}\n"))
        .collect()
}
