//! The values of a cluster as they are wanted, beside those of today.

use serde_json::Value;

use super::compiled::Compiled;
use super::patch::{PatchError, merged};
use super::paths::{CA_LABEL, LABELS, PEERS};
use super::peers;
use super::values::{PeerList, peer_list};
use crate::model::at_path;

/// The values of a cluster as they are wanted.
pub(crate) struct WantedValues<'c> {
    /// What is set and removed, the peers included; `null` removes.
    pub patch: Value,
    /// The current values, where they are known.
    pub before: Option<&'c Value>,
    /// The current values with the patch merged in.
    pub merged: Value,
}

impl<'c> WantedValues<'c> {
    /// Merges what is wanted into the current values.
    ///
    /// # Errors
    /// If a value would change that meshgen does not own.
    pub(crate) fn new(compiled: &Compiled<'_, 'c>) -> Result<Self, PatchError> {
        let mut patch = compiled.owned.patch.clone();
        if let Some(list) = peer_list(compiled.plan, compiled.cluster, compiled.owned.peers) {
            patch["clustermesh"]["config"]["clusters"] = list;
        }
        Self::of(compiled, patch)
    }

    /// The same with the peers of today: a mesh of hundreds of clusters has many, and not every question is about them.
    ///
    /// # Errors
    /// If a value would change that meshgen does not own.
    fn without_peers(compiled: &Compiled<'_, 'c>) -> Result<Self, PatchError> {
        Self::of(compiled, compiled.owned.patch.clone())
    }

    fn of(compiled: &Compiled<'_, 'c>, patch: Value) -> Result<Self, PatchError> {
        let current = compiled.cluster.cluster.current.as_ref();
        let before = current.map(|current| current.values());
        Ok(Self {
            merged: merged(compiled.cluster, before, &patch)?,
            patch,
            before,
        })
    }

    /// What Helm restarts, since the patch changes a pod template: each workload, and why.
    pub(crate) fn restarts(
        &self,
        compiled: &Compiled<'_, '_>,
    ) -> Vec<(&'static str, &'static str)> {
        let Some(before) = self.before else {
            return Vec::new();
        };
        let mut restarts = Vec::new();
        let is_on =
            |values| at_path(values, "clustermesh.useAPIServer") == Some(&Value::Bool(true));
        let ran = is_on(before) && is_on(&self.merged);
        if let Some(why) = self.restarts_agents(compiled) {
            restarts.push((AGENTS, why));
        }
        if let Some(why) = self.restarts_apiserver(compiled, before).filter(|_| ran) {
            restarts.push((APISERVER, why));
        }
        let has_relay = at_path(before, "hubble.relay.enabled") == Some(&Value::Bool(true));
        if self.switches_bundle() && has_relay {
            restarts.push(("deployment/hubble-relay", BUNDLE));
        }
        restarts
    }

    /// Why Helm restarts a clustermesh-apiserver that runs, if it does.
    fn restarts_apiserver(
        &self,
        compiled: &Compiled<'_, '_>,
        before: &Value,
    ) -> Option<&'static str> {
        let has_aliases = compiled.cluster.cluster.runs_kvstoremesh();
        let label = |values| at_path(values, LABELS)?.get(CA_LABEL).cloned();
        let image = |values| at_path(values, "clustermesh.apiserver.image").cloned();
        if has_aliases && self.changes_host_aliases(compiled) {
            Some("the addresses of the peers are host aliases of its pods")
        } else if self.switches_bundle() {
            Some(BUNDLE)
        } else if label(before) != label(&self.merged) {
            Some("a label of its pods changes with the CA")
        } else if image(before) != image(&self.merged) {
            Some("its image changes")
        } else {
            None
        }
    }

    /// Why Helm restarts the agents with the patch, if it does: Helm writes their name and ID first, so that they start with the new
    /// ones.
    pub(crate) fn restarts_agents(&self, compiled: &Compiled<'_, '_>) -> Option<&'static str> {
        if !compiled.cluster.cluster.runs_kvstoremesh() && self.changes_host_aliases(compiled) {
            return Some("the addresses of the peers are host aliases of the agents");
        }
        self.switches_bundle().then_some(BUNDLE)
    }

    /// Whether pods begin or cease to mount a bundle of CAs. The chart mounts it into the agents, clustermesh-apiserver and
    /// hubble-relay (seen in the rendered charts 1.14 to 1.20; a change of the content alone restarts nothing).
    pub(crate) fn switches_bundle(&self) -> bool {
        let is_on = |values| at_path(values, "tls.caBundle.enabled") == Some(&Value::Bool(true));
        self.before
            .is_some_and(|before| is_on(before) != is_on(&self.merged))
    }

    /// Whether host aliases of pods change. The chart makes them of the peers' addresses: in the Deployment
    /// clustermesh-apiserver where KVStoreMesh runs, else in the DaemonSet of the agents (seen in the rendered charts 1.14
    /// to 1.20, with it on and off).
    pub(crate) fn changes_host_aliases(&self, compiled: &Compiled<'_, '_>) -> bool {
        let chart = compiled.cluster.chart;
        let in_order = |mut aliases: Vec<PeerAddresses>| {
            if chart.orders_peers {
                aliases.sort_by(|(one, _), (other, _)| one.cmp(other));
            }
            aliases
        };
        let differs =
            |before| in_order(addresses(before)) != in_order(planned_addresses(compiled, before));
        chart.host_aliases && self.before.is_some_and(differs)
    }
}

/// The agents, as `kubectl rollout` names them.
pub(crate) const AGENTS: &str = "daemonset/cilium";

/// clustermesh-apiserver, as `kubectl rollout` names it.
pub(crate) const APISERVER: &str = "deployment/clustermesh-apiserver";

/// What the patch itself makes Helm restart, and why.
pub(super) fn restarts(compiled: &Compiled<'_, '_>) -> Vec<(&'static str, &'static str)> {
    WantedValues::without_peers(compiled)
        .map(|wanted| wanted.restarts(compiled))
        .unwrap_or_default()
}

/// Whether the patch itself makes Helm restart the agents.
pub(crate) fn restarts_agents(compiled: &Compiled<'_, '_>) -> bool {
    WantedValues::without_peers(compiled)
        .is_ok_and(|wanted| wanted.restarts_agents(compiled).is_some())
}

/// Why pods restart where the bundle is switched on or off.
const BUNDLE: &str = "its pods mount the bundle of CA certificates, or do so no longer";

/// The name of a peer, and its addresses.
type PeerAddresses = (String, Vec<String>);

/// The addresses of all peers that have any, with their names, in the order of the values.
fn addresses(values: &Value) -> Vec<PeerAddresses> {
    match at_path(values, PEERS) {
        Some(Value::Array(entries)) => addresses_of(entries),
        Some(Value::Object(entries)) => {
            let named = entries.iter();
            with_addresses(named.map(|(name, entry)| (name.clone(), ips(entry))))
        }
        _ => Vec::new(),
    }
}

/// The same as the patch leaves them.
fn planned_addresses(compiled: &Compiled<'_, '_>, before: &Value) -> Vec<PeerAddresses> {
    match compiled.owned.peers {
        PeerList::Untouched => addresses(before),
        PeerList::Planned => {
            let planned = compiled.cluster.peers.iter();
            with_addresses(planned.map(|peer| peers::addresses(peer)))
        }
        PeerList::CurrentWithoutUnknown => {
            let list = compiled.current_known_peers();
            addresses_of(list.as_array().map_or(&[], Vec::as_slice))
        }
    }
}

fn addresses_of(entries: &[Value]) -> Vec<PeerAddresses> {
    with_addresses(entries.iter().map(|entry| {
        let name = entry["name"].as_str().unwrap_or_default();
        (name.to_owned(), ips(entry))
    }))
}

/// The addresses of an entry, each as JSON.
fn ips(entry: &Value) -> Vec<String> {
    let ips = entry["ips"].as_array().into_iter().flatten();
    ips.map(Value::to_string).collect()
}

fn with_addresses(all: impl Iterator<Item = PeerAddresses>) -> Vec<PeerAddresses> {
    all.filter(|(_, ips)| !ips.is_empty()).collect()
}
