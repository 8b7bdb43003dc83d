//! What is worked out once for each cluster, and then read by everything that is made of it.

use serde_json::Value;

use super::plan::{ClusterPlan, Phase, Plan};
use super::shared_ca;
use super::values::{self, OwnedValues, PeerList};
use crate::pki::Certificate;
use crate::trust::Authority;

/// One cluster, compiled: its plan, the values that its patch owns, and the decisions about its CA.
pub struct Compiled<'p, 'm> {
    /// The mesh's plan.
    pub plan: &'p Plan<'m>,
    /// The cluster's plan.
    pub cluster: &'p ClusterPlan<'m>,
    /// What its patch sets and removes.
    pub owned: OwnedValues,
    /// The CA to apply as the Secret `cilium-ca` before the patch, if any.
    pub secret_ca: Option<Authority<'m>>,
    /// The CA that takes the place of the cluster's own, as a Secret or through Helm, if any.
    pub replacing_ca: Option<&'m Certificate>,
    /// Whether a leaf of the cluster may have been issued by another CA than the mesh's.
    pub had_other_leaves: bool,
    /// Whether the patch is there only to make KKP upgrade: nothing but the CA is new.
    pub forces_upgrade: bool,
    /// Whether the patch or the Secret would change anything; `None` where nothing tells.
    pub changed: Option<bool>,
}

impl<'p, 'm> Compiled<'p, 'm> {
    /// Compiles a cluster of a plan.
    pub fn new(plan: &'p Plan<'m>, cluster: &'p ClusterPlan<'m>) -> Self {
        let owned = values::owned(plan, cluster);
        let secret_ca = shared_ca::secret_to_apply(plan, cluster);
        Self {
            changed: changed(plan, cluster, &owned, secret_ca.is_some()),
            plan,
            cluster,
            secret_ca,
            replacing_ca: shared_ca::replacing_ca(plan, cluster),
            had_other_leaves: shared_ca::had_other_leaves(plan, cluster),
            forces_upgrade: values::forces_upgrade(cluster, &owned),
            owned,
        }
    }

    /// Whether the cluster is known to be as it is wanted.
    pub fn is_in_place(&self) -> bool {
        self.changed == Some(false)
    }

    /// Whether a patch of the owned values holds a private key, or may: what bootstrap keeps of the current peers may
    /// carry theirs.
    pub fn may_hold_keys(&self) -> bool {
        self.owned.holds_key
            || self.cluster.carries_peer_keys()
            || self.owned.peers == PeerList::CurrentWithoutUnknown
    }

    /// The entries of the current peer list that stay in bootstrap.
    pub(super) fn current_known_peers(&self) -> Value {
        values::current_known_peers(self.plan, self.cluster)
    }
}

/// Whether applying the Secret and the patch of a cluster would change anything.
fn changed(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    owned: &OwnedValues,
    gets_secret: bool,
) -> Option<bool> {
    if cluster.phase == Phase::None {
        return None;
    }
    let values = !values::is_in_place(plan, cluster, &owned.patch, owned.peers)?;
    let has_other_ca = gets_secret && cluster.cluster.ca.cert.is_some();
    match (values || has_other_ca, gets_secret) {
        (true, _) => Some(true),
        (false, true) => None, // whether it has the CA already, no dump tells
        (false, false) => Some(false),
    }
}
