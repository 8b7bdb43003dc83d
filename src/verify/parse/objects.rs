//! Kubernetes objects: CiliumEndpoints and Nodes, single or in lists, from YAML or JSON.

use serde_json::Value;

use super::super::outputs::{Endpoint, NodeAddresses, SavedOutput};

/// The objects of a document, where they are of use. `line_of` gives the line of the item at a position; it is asked in order.
pub(in super::super) fn outputs(
    document: &Value,
    line_of: &dyn Fn(usize) -> usize,
) -> Vec<SavedOutput> {
    let (mut endpoints, mut nodes, mut others) = (Vec::new(), Vec::new(), false);
    let list_kind = document["kind"].as_str().unwrap_or_default();
    let item_kind = list_kind.strip_suffix("List").unwrap_or(list_kind);
    let items: Vec<&Value> = match document["items"].as_array() {
        Some(items) => items.iter().collect(),
        None => vec![document],
    };
    for (at, item) in items.into_iter().enumerate() {
        match item["kind"].as_str().unwrap_or(item_kind) {
            "CiliumEndpoint" => endpoints.push(endpoint(item, line_of(at))),
            "Node" => nodes.extend(node(item)),
            _ => others = true,
        }
    }
    let mut outputs = Vec::new();
    if !endpoints.is_empty() || (item_kind == "CiliumEndpoint" && !others) {
        outputs.push(SavedOutput::Endpoints(endpoints));
    }
    if !nodes.is_empty() {
        outputs.push(SavedOutput::Nodes(nodes));
    }
    outputs
}

fn endpoint(item: &Value, line: usize) -> Endpoint {
    let identity = &item["status"]["identity"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let namespace = text(&item["metadata"]["namespace"]);
    let name = text(&item["metadata"]["name"]);
    Endpoint {
        pod: format!("{namespace}/{name}"),
        namespace,
        identity: identity["id"].as_u64(),
        cluster: cluster(identity),
        line,
    }
}

/// The cluster in the security labels: `k8s:io.cilium.k8s.policy.cluster=cluster-1`.
fn cluster(identity: &Value) -> Option<String> {
    let labels = identity["labels"].as_array()?;
    labels.iter().find_map(|label| {
        let (key, value) = label.as_str()?.split_once('=')?;
        (key.strip_prefix("k8s:").unwrap_or(key) == "io.cilium.k8s.policy.cluster")
            .then(|| value.to_owned())
    })
}

/// A Node with its InternalIPs.
pub(in super::super) fn node(item: &Value) -> Option<NodeAddresses> {
    let addresses = item["status"]["addresses"].as_array();
    let internal = addresses
        .into_iter()
        .flatten()
        .filter(|address| address["type"] == "InternalIP");
    let ips = internal
        .filter_map(|address| address["address"].as_str()?.parse().ok())
        .collect();
    Some(NodeAddresses {
        name: item["metadata"]["name"].as_str()?.to_owned(),
        ips,
    })
}
