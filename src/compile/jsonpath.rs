//! What kubectl prints of values where a jsonpath asks for them.

use serde_json::Value;

use crate::model::at_path;

/// The fields of a peer that kubectl is asked for, before its addresses.
pub(super) const PEER_FIELDS: [&str; 6] = [
    "name",
    "address",
    "port",
    "tls.cert",
    "tls.key",
    "tls.caCert",
];

/// What kubectl prints of one entry of the peer list.
pub(super) fn peer_line(peer: &Value) -> String {
    let mut line = String::new();
    for field in PEER_FIELDS {
        line.push_str(&printed(at_path(peer, field)));
        line.push('|');
    }
    line.push_str(&printed(peer.get("ips")));
    line.push('\n');
    line
}

/// A value as kubectl's jsonpath prints it; of a list, its items.
pub(super) fn printed(value: Option<&Value>) -> String {
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
