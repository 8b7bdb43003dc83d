//! Tables of kubectl and of the agent that are recognised by their heads.

use super::super::outputs::NodeAddresses;

/// Whether a line heads a list of services, with or without an ID column.
pub(super) fn is_service_head(text: &str) -> bool {
    let text = text.strip_prefix("ID").unwrap_or(text).trim_start();
    text.starts_with("Frontend") && text.contains("Service Type") && text.contains("Backend")
}

/// Where `kubectl get nodes -o wide` puts the InternalIP: the place of its column in the head.
pub(super) fn node_head(raw: &str) -> Option<usize> {
    let is_head = raw.trim_start().starts_with("NAME") && raw.contains("STATUS");
    is_head.then(|| raw.find("INTERNAL-IP")).flatten()
}

/// A row below that head.
pub(super) fn node_row(raw: &str, column: usize) -> Option<NodeAddresses> {
    let name = raw.split_whitespace().next()?;
    let ip = raw.get(column..)?.split_whitespace().next()?;
    Some(NodeAddresses {
        name: name.to_owned(),
        ips: vec![ip.parse().ok()?],
    })
}
