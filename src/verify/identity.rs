//! Pods that still carry the identity of another cluster name or ID.

use super::asked::Asked;
use super::cause::Cause;
use super::evidence::Evidence;
use super::faults::PairFault;
use super::next;
use super::outputs::Endpoint;
use crate::model::Cluster;

/// Identities below are Cilium's own, the same in every cluster.
const RESERVED: u64 = 256;
/// From here on identities are local to a node.
const LOCAL: u64 = 1 << 24;
/// How many pods are named.
const NAMED: usize = 5;

/// The fault of all pairs of a cluster, if it has such pods.
pub(super) fn fault(
    asked: &Asked<'_>,
    from: &Cluster,
    evidence: &Evidence<'_>,
) -> Option<PairFault> {
    let bits = if asked.mesh.highest_id() > 255 {
        15
    } else {
        16
    };
    let own_id = from.id.as_ref().and_then(|id| u64::try_from(id.value).ok());
    let is_stale = |endpoint: &&Endpoint| {
        let number = endpoint
            .identity
            .filter(|id| (RESERVED..LOCAL).contains(id));
        let other_id = number
            .zip(own_id)
            .is_some_and(|(id, own)| id >> bits != own);
        let other_name = endpoint
            .cluster
            .as_deref()
            .is_some_and(|name| name != from.name());
        other_id || other_name
    };
    let mut stale = Vec::new();
    let mut seen = Vec::new();
    for (file, endpoints) in &evidence.endpoints {
        for endpoint in endpoints.iter().filter(is_stale) {
            if seen.len() < NAMED {
                seen.push(format!("{file}:{}", endpoint.line));
            }
            stale.push(endpoint);
        }
    }
    let first = stale.first()?;
    let names: Vec<&str> = stale
        .iter()
        .take(NAMED)
        .map(|endpoint| endpoint.pod.as_str())
        .collect();
    let more = stale.len() - names.len();
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Some(PairFault {
        cause: Cause::Identity,
        why: format!(
            "pods of `{}` were not restarted since it got its name and ID, so the others take them for pods of no or another cluster: {}{rest}",
            from.name(),
            names.join(", ")
        ),
        next: next::restart(from, &first.namespace),
        seen,
    })
}
