//! How steps.sh sees that a cluster has the values of a patch already: a jsonpath that prints them, and the sum of what it
//! must print.

use serde_json::{Map, Value};

use crate::compile::cksum::{Cksum, cksum};
use crate::compile::compiled::Compiled;
use crate::compile::paths::PEERS;
use crate::compile::values;
use crate::profile::releases::ValuesField;
use crate::yaml;

/// What kubectl is asked for, and the sum of the right answer; both empty where nothing tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Probe {
    /// The jsonpath, in braces.
    pub path: String,
    /// As `cksum` prints it.
    pub sum: String,
}

impl Probe {
    /// The probe of a cluster's patch.
    pub(crate) fn new(compiled: &Compiled<'_, '_>) -> Self {
        let cluster = compiled.cluster;
        let patch = &compiled.owned.patch;
        let peers = values::peer_list(compiled.plan, cluster, compiled.owned.peers);
        match cluster.form {
            ValuesField::Block => {
                let current = cluster.cluster.current.as_ref();
                let Some(current) = current else {
                    return Self::default();
                };
                let mut merged = current.values().clone();
                json_patch::merge(&mut merged, patch);
                if let Some(peers) = peers {
                    merged["clustermesh"]["config"]["clusters"] = peers;
                }
                Self {
                    path: "{.spec.valuesBlock}".to_owned(),
                    sum: cksum(&yaml::write(&merged)),
                }
            }
            ValuesField::Values => of_values(patch, peers.as_ref()),
        }
    }
}

/// Every value that a merge patch sets or removes, a line each.
fn of_values(patch: &Value, peers: Option<&Value>) -> Probe {
    let mut path = String::new();
    let mut text = Cksum::default();
    if let Value::Object(patch) = patch {
        leaves(patch, "{.spec.values", &mut path, &mut text);
    }
    if let Some(peers) = peers.and_then(Value::as_array) {
        const FIELDS: [&str; 6] = [
            "name",
            "address",
            "port",
            "tls.cert",
            "tls.key",
            "tls.caCert",
        ];
        path.push_str(&format!("{{range .spec.values.{PEERS}[*]}}"));
        path.push_str(&FIELDS.map(|field| format!("{{.{field}}}|")).concat());
        path.push_str("{.ips[*]}{\"\\n\"}{end}");
        for peer in peers {
            for field in FIELDS {
                let value = crate::model::at_path(peer, field);
                text.add(&format!("{}|", printed(value)));
            }
            text.add(&printed(peer.get("ips")));
            text.add("\n");
        }
    }
    Probe {
        path,
        sum: text.finish(),
    }
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

/// A value as kubectl's jsonpath prints it; of a list, its items.
fn printed(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| printed(Some(item))).collect();
            items.join(" ")
        }
        Some(other) => other.to_string(),
    }
}
