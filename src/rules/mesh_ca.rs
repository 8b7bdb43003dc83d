//! What the rules about the mesh's CA share.

use super::Context;
use crate::model::{Fact, Trust};
use crate::pki::{CaFault, Certificate};

/// How to give the CA of one Secret.
pub(super) const HELP: &str =
    "give ca.crt and ca.key of one Secret: `kubectl -n kube-system get secret cilium-ca -o yaml`";

/// The certificate of the mesh's CA, where the mesh shares one.
pub(super) fn shared<'m>(context: &Context<'m>) -> Option<&'m Fact<Certificate>> {
    let mesh = context.mesh;
    mesh.ca
        .pair
        .cert
        .as_ref()
        .filter(|_| mesh.trust.value == Trust::SharedCa)
}

/// What is wrong with it, apart from its dates.
pub(super) fn faults<'c>(context: &'c Context<'_>) -> impl Iterator<Item = &'c CaFault> {
    context.trust.ca_faults.iter()
}
