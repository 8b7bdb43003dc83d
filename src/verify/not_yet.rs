//! What cannot be connected yet: the dumps show how far each cluster has got.

use std::collections::HashSet;

use serde_json::Value;

use super::cause::Cause;
use crate::model::Cluster;

/// Why a pair need not be connected before the next patch, where a dump shows it.
pub(super) fn reason(
    from: &Cluster,
    peers: Option<&HashSet<&str>>,
    to: &Cluster,
) -> Option<String> {
    let (from, name) = (from.name(), to.name());
    let has_server = to.current_value("clustermesh.useAPIServer") == Some(&Value::Bool(true));
    if to.current.is_some() && !has_server {
        return Some(format!(
            "not expected yet: the dumped values of `{name}` have no clustermesh-apiserver, which its next patch switches on"
        ));
    }
    let is_named = peers.is_none_or(|peers| peers.contains(name));
    (!is_named).then(|| {
        format!(
            "not expected yet: the dumped values of `{from}` do not name `{name}` as a peer, which its next patch does"
        )
    })
}

/// Whether a cause is what one sees before the clusters are connected.
pub(super) fn explains(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::Address | Cause::NotConnected | Cause::MissingNode
    )
}

/// The peers in the dumped values of a cluster.
pub(super) fn peers(from: &Cluster) -> Option<HashSet<&str>> {
    let peers = from.current.as_ref()?.peers();
    Some(peers.into_iter().map(|peer| peer.name).collect())
}
