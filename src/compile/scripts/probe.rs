//! How steps.sh sees that a cluster has the values of a patch already: a jsonpath that prints them, and the sum of what it
//! must print.

use serde_json::{Map, Value};

use crate::compile::cksum::{Cksum, cksum};
use crate::compile::compiled::Compiled;
use crate::compile::jsonpath::{PEER_FIELDS, peer_line, printed};
use crate::compile::patch::with_peers;
use crate::compile::paths::PEERS;
use crate::compile::peers::{Layout, PeerEntries};
use crate::compile::values::PeerList;
use crate::profile::releases::ValuesField;
use crate::render::TemplateError;

/// What kubectl is asked for, and the sum of the right answer; both empty where nothing tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Probe {
    /// The jsonpath, in braces.
    pub path: String,
    /// As `cksum` prints it.
    pub sum: String,
    /// The sum of what the dump has there; empty where the patch does not depend on it.
    pub dumped: String,
}

impl Probe {
    /// The probe of a cluster's patch.
    ///
    /// # Errors
    /// If the template of a peer refuses a value.
    pub(crate) fn new(
        compiled: &Compiled<'_, '_>,
        entries: &PeerEntries,
    ) -> Result<Self, TemplateError> {
        match compiled.cluster.form {
            ValuesField::Block => of_block(compiled, entries),
            ValuesField::Values => of_values(compiled, entries),
        }
    }
}

/// The whole block, as the patch writes it.
fn of_block(compiled: &Compiled<'_, '_>, entries: &PeerEntries) -> Result<Probe, TemplateError> {
    let Some(current) = compiled.cluster.cluster.current.as_ref() else {
        return Ok(Probe::default());
    };
    let mut merged = current.values().clone();
    json_patch::merge(&mut merged, &compiled.owned.patch);
    let block = with_peers(compiled, merged, entries, Layout::Block)?;
    let mut text = Cksum::default();
    text.add(&block.around[0]);
    block.items.iter().for_each(|item| text.add(item));
    text.add(&block.around[1]);
    Ok(Probe {
        path: "{.spec.valuesBlock}".to_owned(),
        sum: text.finish(),
        dumped: current.block.as_deref().map(cksum).unwrap_or_default(),
    })
}

/// Every value that a merge patch sets or removes, a line each.
fn of_values(compiled: &Compiled<'_, '_>, entries: &PeerEntries) -> Result<Probe, TemplateError> {
    let mut path = String::new();
    let mut text = Cksum::default();
    if let Value::Object(patch) = &compiled.owned.patch {
        leaves(patch, "{.spec.values", &mut path, &mut text);
    }
    if compiled.owned.peers != PeerList::Untouched {
        path.push_str(&format!("{{range .spec.values.{PEERS}[*]}}"));
        path.push_str(&PEER_FIELDS.map(|field| format!("{{.{field}}}|")).concat());
        path.push_str("{.ips[*]}{\"\\n\"}{end}");
    }
    match compiled.owned.peers {
        PeerList::Untouched => {}
        PeerList::Planned => {
            let lines = entries.texts(&compiled.cluster.peers, Layout::Probe)?;
            lines.iter().for_each(|line| text.add(line));
        }
        PeerList::CurrentWithoutUnknown => {
            let list = compiled.current_known_peers();
            let peers = list.as_array().into_iter().flatten();
            peers.for_each(|peer| text.add(&peer_line(peer)));
        }
    }
    Ok(Probe {
        path,
        sum: text.finish(),
        dumped: String::new(),
    })
}

fn leaves(tree: &Map<String, Value>, above: &str, path: &mut String, text: &mut Cksum) {
    for (key, value) in tree {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_/.".contains(c);
        if !key.chars().all(is_plain) {
            continue; // no jsonpath can name it
        }
        let here = format!("{above}.{}", key.replace('.', "\\."));
        match value {
            Value::Object(inner) => leaves(inner, &here, path, text),
            leaf => {
                let each = if leaf.is_array() { "[*]" } else { "" };
                path.push_str(&format!("{here}{each}}}{{\"\\n\"}}"));
                text.add(&printed(Some(leaf)));
                text.add("\n");
            }
        }
    }
}
