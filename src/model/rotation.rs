//! The replacement of the mesh's CA, as far as it has come.

use super::{Cluster, Fact, at_path};
use crate::pki::Certificate;
use crate::profile::charts::{Bundle, SharedCa};

/// How far a rotation is. Every render is one stage of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Clusters trust both CAs; certificates are still signed by the old one.
    Both,
    /// Clusters get the new CA, and certificates by it.
    Leaves,
    /// Every certificate is by the new CA: trust in the old one goes.
    Drop,
    /// The old CA is trusted nowhere.
    Done,
}

/// A rotation of the CA that the mesh shares.
#[derive(Debug)]
pub struct Rotation {
    /// How far it is.
    pub stage: Stage,
    /// The CA that is replaced, as long as any cluster or mesh.yaml has it.
    pub old: Option<Certificate>,
    /// The CA that takes its place.
    pub next: Fact<Certificate>,
    /// Whether there is but one stage: no cluster has to trust two CAs meanwhile, or none can.
    pub is_single: bool,
}

/// Path of the certificates that a cluster trusts beside, or in place of, its own CA.
const BUNDLE: &str = "tls.caBundle.content";

impl Rotation {
    /// Which of the stages this is.
    pub fn ordinal(&self) -> &'static str {
        match self.stage {
            Stage::Leaves if self.is_single => "the only stage",
            Stage::Both => "stage 1 of 3",
            Stage::Leaves => "stage 2 of 3",
            Stage::Drop => "stage 3 of 3",
            Stage::Done => "after the last stage",
        }
    }

    /// Whether both CAs have one name and key, so that certificates of one are right under the other.
    pub fn keeps_key(&self) -> bool {
        let key = |cert: &Certificate| cert.facts().public_key.clone();
        let old = self.old.as_ref();
        old.is_some_and(|old| key(old) == key(&self.next.value))
    }

    /// Whether two clusters lose each other while one has new certificates and the other has not.
    pub fn cuts(&self, one: &Cluster, other: &Cluster) -> bool {
        self.stage < Stage::Drop
            && !self.keeps_key()
            && !(trusts_bundles(one) && trusts_bundles(other))
    }

    /// The certificates that a cluster's bundle holds in this stage; empty where it needs none.
    pub fn bundle(&self, cluster: &Cluster) -> Vec<String> {
        let mut certs = bundle_of(cluster);
        let next = block(&self.next.value);
        let old = self.old.as_ref().map(block);
        if self.stage < Stage::Drop {
            for cert in old.into_iter().chain([next]) {
                if !certs.contains(&cert) {
                    certs.push(cert);
                }
            }
        } else {
            // Where neither mesh.yaml nor a cluster has the old CA any more, it is the other one of two in the bundle.
            let is_pair = old.is_none() && certs.len() <= 2;
            certs.retain(|cert| !is_pair && *cert != next && Some(cert) != old.as_ref());
            if !certs.is_empty() {
                certs.push(next);
            }
        }
        certs
    }
}

/// Whether the chart can make a cluster trust two CAs at once.
pub(crate) fn trusts_bundles(cluster: &Cluster) -> bool {
    let Some(chart) = cluster.chart() else {
        return false;
    };
    let by_all = match chart.bundle {
        Bundle::Absent => false,
        Bundle::NotForKvStoreMesh => !cluster.runs_kvstoremesh(),
        Bundle::Works => true,
    };
    by_all && chart.shared_ca == SharedCa::AsSecret
}

/// Whether a cluster's current bundle holds all of some certificates.
pub(crate) fn trusts_all(cluster: &Cluster, certs: &[&Certificate]) -> bool {
    let held = bundle_of(cluster);
    certs.iter().all(|cert| held.contains(&block(cert)))
}

/// Whether the current values of a cluster have a bundle.
pub(crate) fn has_bundle(cluster: &Cluster) -> bool {
    let values = cluster.current.as_ref().map(|current| current.values());
    values.is_some_and(|values| at_path(values, BUNDLE).is_some())
}

/// The certificates of a cluster's current bundle, as text.
fn bundle_of(cluster: &Cluster) -> Vec<String> {
    const END: &str = "-----END CERTIFICATE-----";
    let content = cluster.current_value(BUNDLE).and_then(|text| text.as_str());
    let blocks = content.unwrap_or_default().split_inclusive(END);
    blocks
        .map(|block| block.trim().to_owned())
        .filter(|block| block.ends_with(END))
        .collect()
}

fn block(cert: &Certificate) -> String {
    cert.to_pem().trim().to_owned()
}
