//! The values of a cluster as they are wanted, beside those of today.

use serde_json::Value;

use super::compiled::Compiled;
use super::patch::{PatchError, merged};
use super::paths::PEERS;
use super::values::peer_list;
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
        let current = compiled.cluster.cluster.current.as_ref();
        let before = current.map(|current| current.values());
        Ok(Self {
            merged: merged(compiled.cluster, before, &patch)?,
            patch,
            before,
        })
    }

    /// Why Helm restarts the agents with the patch, if it does: Helm writes their name and ID first, so that they start with the new
    /// ones.
    pub(crate) fn restarts_agents(&self, compiled: &Compiled<'_, '_>) -> Option<&'static str> {
        if self.changes_host_aliases(compiled) && !compiled.cluster.cluster.runs_kvstoremesh() {
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
        let aliases = |values| {
            let mut found = addresses(values);
            if chart.orders_peers {
                found.sort_by(|(one, _), (other, _)| one.cmp(other));
            }
            found
        };
        chart.host_aliases
            && self
                .before
                .is_some_and(|before| aliases(before) != aliases(&self.merged))
    }
}

/// Whether the patch itself makes Helm restart the agents.
pub(crate) fn restarts_agents(compiled: &Compiled<'_, '_>) -> bool {
    WantedValues::new(compiled).is_ok_and(|wanted| wanted.restarts_agents(compiled).is_some())
}

/// Why pods restart where the bundle is switched on or off.
pub(crate) const BUNDLE: &str = "its pods mount the bundle of CA certificates, or do so no longer";

/// The addresses of all peers, with their names, in the order of the values.
fn addresses(values: &Value) -> Vec<(String, Value)> {
    let of = |name: &str, entry: &Value| (name.to_owned(), entry["ips"].clone());
    let mut found: Vec<(String, Value)> = match at_path(values, PEERS) {
        Some(Value::Array(entries)) => entries
            .iter()
            .map(|entry| of(entry["name"].as_str().unwrap_or_default(), entry))
            .collect(),
        Some(Value::Object(entries)) => entries
            .iter()
            .map(|(name, entry)| of(name, entry))
            .collect(),
        _ => Vec::new(),
    };
    found.retain(|(_, ips)| ips.as_array().is_some_and(|ips| !ips.is_empty()));
    found
}
