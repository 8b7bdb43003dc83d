//! What must hold for a mesh's certificates, apart from their dates: only `validate` looks at the clock.

use super::certificate::Certificate;
use super::fit::Fit;
use super::key::PrivateKey;
use super::signature::{Signature, Weakness};

/// What is wrong with a remote certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteFault {
    /// The mesh CA did not sign it.
    WrongCa,
    /// The mesh CA may have signed it, but meshgen cannot compute that kind of signature.
    CaCannotTell,
    /// The key is another certificate's.
    KeyMismatch,
    /// Its extended key usage does not allow TLS client authentication.
    NotClientUsage,
    /// The server would take it for another user.
    WrongCommonName {
        /// What it says; `None` if it has no common name.
        found: Option<String>,
        /// What the authentication mode asks for.
        expected: String,
    },
    /// It is a CA's certificate.
    IsCa,
    /// Peers refuse it, or should.
    Weak(Weakness),
}

/// Proves a remote certificate: signed by the mesh CA, with its own key, for a client, under the expected name.
///
/// A CA's certificate in its place is that one fault: everything else would follow from it.
pub fn prove_remote(
    cert: &Certificate,
    key: &PrivateKey,
    ca: &Certificate,
    expected_cn: &str,
) -> Vec<RemoteFault> {
    if cert.facts().is_ca {
        return vec![RemoteFault::IsCa];
    }
    [
        foreign(cert, ca),
        (key.fits(cert) == Fit::No).then_some(RemoteFault::KeyMismatch),
        (!cert.facts().usage.allows_client()).then_some(RemoteFault::NotClientUsage),
        misnamed(cert, expected_cn),
        cert.weakness().map(RemoteFault::Weak),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn foreign(cert: &Certificate, ca: &Certificate) -> Option<RemoteFault> {
    match cert.signature_by(ca) {
        Signature::Valid => None,
        Signature::Invalid => Some(RemoteFault::WrongCa),
        Signature::Unsupported => Some(RemoteFault::CaCannotTell),
    }
}

fn misnamed(cert: &Certificate, expected: &str) -> Option<RemoteFault> {
    let found = cert.common_name();
    (found != Some(expected)).then(|| RemoteFault::WrongCommonName {
        found: found.map(str::to_owned),
        expected: expected.to_owned(),
    })
}

/// What is wrong with a CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaFault {
    /// Its basic constraints do not say that it is a CA.
    NotACa,
    /// Someone else signed it, and the mesh has no way to hand that one on.
    Intermediate,
    /// The key is another certificate's.
    KeyMismatch,
    /// Its key usage does not allow to sign certificates.
    NoCertSign,
    /// Its key, or the signature on it, is too weak.
    WeakKey(Weakness),
}

/// Proves a CA, with its key where that is known.
///
/// A certificate that is no CA is that one fault: everything else would follow from it.
pub fn prove_ca(cert: &Certificate, key: Option<&PrivateKey>) -> Vec<CaFault> {
    if !cert.facts().is_ca {
        return vec![CaFault::NotACa];
    }
    let mismatch = key.is_some_and(|key| key.fits(cert) == Fit::No);
    [
        cert.is_intermediate().then_some(CaFault::Intermediate),
        mismatch.then_some(CaFault::KeyMismatch),
        (cert.facts().cert_sign == Some(false)).then_some(CaFault::NoCertSign),
        cert.weakness().map(CaFault::WeakKey),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether the dumped certificate `new` ends later than `kept`, which the values hold inline, by more than half of
/// `kept`'s lifetime: then it takes its place.
pub fn ends_later_than_half_lifetime(kept: &Certificate, new: &Certificate) -> bool {
    let (kept, new) = (kept.facts(), new.facts());
    let lifetime = i128::from(kept.not_after) - i128::from(kept.not_before);
    let gained = i128::from(new.not_after) - i128::from(kept.not_after);
    2 * gained > lifetime
}
