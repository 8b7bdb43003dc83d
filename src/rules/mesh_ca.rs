//! What the rules about CAs share.

use super::Context;
use crate::model::{Cluster, Fact, KeyPair, Trust};
use crate::pki::{CaFault, Certificate, PrivateKey, Validity};

/// How to give the CA of one Secret.
pub(super) const HELP: &str =
    "give ca.crt and ca.key of one Secret: `kubectl -n kube-system get secret cilium-ca -o yaml`";

/// A CA that peers will be told to trust.
pub(super) struct Ca<'m> {
    /// The cluster whose own it is; `None` for the mesh's.
    pub(super) of: Option<&'m Cluster>,
    /// Its certificate.
    pub(super) cert: &'m Fact<Certificate>,
    /// Its key, where known.
    pub(super) key: Option<&'m Fact<PrivateKey>>,
    /// What is wrong with it, apart from its dates.
    pub(super) faults: &'m [CaFault],
}

impl Ca<'_> {
    /// What messages call it.
    pub(super) fn name(&self) -> String {
        match self.of {
            None => "the mesh's CA".to_owned(),
            Some(cluster) => format!("the CA of {}", cluster.name()),
        }
    }

    /// Whether it can be relied on at a time (Unix seconds).
    pub(super) fn is_good(&self, now: i64) -> bool {
        self.faults.is_empty() && self.cert.value.valid_at(now) == Validity::Ok
    }
}

/// Every CA that the rendered values or Secrets will carry: the mesh's, or with `inline` and `bundle`
/// that of each cluster.
pub(super) fn all<'m>(context: &Context<'m>) -> Vec<Ca<'m>> {
    let (mesh, trust) = (context.mesh, context.trust);
    if mesh.trust.value == Trust::SharedCa {
        let shared = ca(&mesh.ca.pair, None, &trust.ca_faults);
        let next = ca(&mesh.ca.next, None, &trust.next_ca_faults);
        let is_another = |next: &Ca<'_>| {
            let now = shared.as_ref().map(|now| &now.cert.place);
            now != Some(&next.cert.place)
        };
        let next = next.filter(is_another);
        return shared.into_iter().chain(next).collect();
    }
    let each = mesh.clusters.iter().zip(&trust.own_ca_faults);
    each.filter_map(|(cluster, faults)| own(cluster, faults))
        .collect()
}

fn own<'m>(cluster: &'m Cluster, faults: &'m [CaFault]) -> Option<Ca<'m>> {
    ca(&cluster.ca, Some(cluster), faults).or_else(|| {
        let cert = cluster.remote.ca_cert.as_ref()?;
        Some(Ca {
            of: Some(cluster),
            cert,
            key: None,
            faults,
        })
    })
}

fn ca<'m>(pair: &'m KeyPair, of: Option<&'m Cluster>, faults: &'m [CaFault]) -> Option<Ca<'m>> {
    Some(Ca {
        of,
        cert: pair.cert.as_ref()?,
        key: pair.key.as_ref(),
        faults,
    })
}

/// The certificate of the mesh's CA, where the mesh shares one.
pub(super) fn shared<'m>(context: &Context<'m>) -> Option<&'m Fact<Certificate>> {
    let mesh = context.mesh;
    let shares = mesh.trust.value == Trust::SharedCa;
    mesh.ca.pair.cert.as_ref().filter(|_| shares)
}

/// What is wrong with it, apart from its dates.
pub(super) fn faults<'c>(context: &'c Context<'_>) -> impl Iterator<Item = &'c CaFault> {
    context.trust.ca_faults.iter()
}
