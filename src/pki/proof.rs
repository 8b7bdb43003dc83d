//! What must hold for a mesh's certificates, apart from their dates: only `validate` looks at the clock.

use std::net::{IpAddr, Ipv4Addr};

use super::certificate::Certificate;
use super::chain::Refusal;
use super::facts::Facts;
use super::fit::Fit;
use super::key::PrivateKey;
use super::public_key::{Curve, KeyKind};
use super::signature::Weakness;

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
    /// TLS, as Go speaks it, has no use for this kind of key, of the certificate or of one behind it.
    UnusableKey(KeyKind),
    /// Peers refuse it, or its chain, for another reason.
    Refused(Refusal),
}

/// Proves a remote certificate: signed by the mesh CA, with its own key, for a client, under the expected name.
///
/// A CA's certificate in its place is that one fault: everything else would follow from it. `now` (Unix seconds) is for the
/// CAs of its chain; its own dates are checked separately.
pub fn prove_remote(
    cert: &Certificate,
    key: &PrivateKey,
    ca: &Certificate,
    expected_cn: &str,
    now: Option<i64>,
) -> Vec<RemoteFault> {
    if cert.facts().says_ca == Some(true) {
        return vec![RemoteFault::IsCa];
    }
    let weak_key = cert
        .weakness()
        .filter(|weakness| matches!(weakness, Weakness::Key(_)));
    let chain = cert.verify(ca, now).err();
    let is_for_clients = cert.facts().usage.allows_client() && chain != Some(Refusal::Usage);
    [
        chain.and_then(refused),
        (key.fits(cert) == Fit::No).then_some(RemoteFault::KeyMismatch),
        (!is_for_clients).then_some(RemoteFault::NotClientUsage),
        unusable_key(cert).map(RemoteFault::UnusableKey),
        misnamed(cert, expected_cn),
        weak_key.map(RemoteFault::Weak),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn refused(refusal: Refusal) -> Option<RemoteFault> {
    Some(match refusal {
        Refusal::NoSigner => RemoteFault::WrongCa,
        Refusal::CannotTell => RemoteFault::CaCannotTell,
        Refusal::WeakHash(hash) => RemoteFault::Weak(Weakness::Hash(hash)),
        Refusal::Usage => return None,
        other => RemoteFault::Refused(other),
    })
}

/// The largest RSA key, in bits, that Go's TLS takes from a peer.
const LARGEST_RSA: usize = 8192;

/// Go signs as a TLS client with RSA, P-256, P-384, P-521 and Ed25519, and refuses a large RSA key anywhere in a chain.
fn unusable_key(cert: &Certificate) -> Option<KeyKind> {
    let is_large = |kind: &KeyKind| matches!(kind, KeyKind::Rsa { bits } if *bits > LARGEST_RSA);
    let own = cert.facts().public_key.kind();
    let has_no_use = matches!(own, KeyKind::Ec(Curve::P224) | KeyKind::Other) || is_large(&own);
    let behind = || {
        let kinds = cert.others().iter().map(|facts| facts.public_key.kind());
        kinds.into_iter().find(is_large)
    };
    Some(own).filter(|_| has_no_use).or_else(behind)
}

fn misnamed(cert: &Certificate, expected: &str) -> Option<RemoteFault> {
    let found = cert.common_name();
    (found != Some(expected)).then(|| RemoteFault::WrongCommonName {
        found: found.map(str::to_owned),
        expected: expected.to_owned(),
    })
}

/// What is wrong with a CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaFault {
    /// Its basic constraints do not say that it is a CA.
    NotACa,
    /// Someone else signed it, and the mesh has no way to hand that one on.
    Intermediate,
    /// More than one certificate was given as the CA: how many.
    Several(usize),
    /// It stands under PEM headers.
    Headers,
    /// The key is another certificate's.
    KeyMismatch,
    /// Its key usage does not allow to sign certificates.
    NoCertSign,
    /// Its extended key usages leave out clients, or servers: what is left out.
    Usage(&'static str),
    /// It has a critical extension that Go does not know.
    CriticalExtension(String),
    /// Its name constraints do not allow a name that every server certificate of Cilium has.
    Name(String),
    /// Its key is too weak: Go refuses it, or the certificate Job signs over SHA-1 with it.
    WeakKey(Weakness),
}

/// Proves a CA, with its key where that is known.
///
/// A certificate that is no CA is that one fault: everything else would follow from it.
pub fn prove_ca(cert: &Certificate, key: Option<&PrivateKey>) -> Vec<CaFault> {
    let facts = cert.facts();
    if !facts.is_ca {
        return vec![CaFault::NotACa];
    }
    let mismatch = key.is_some_and(|key| key.fits(cert) == Fit::No);
    let behind = cert.others().len();
    let unknown = facts.unknown_critical.clone();
    [
        cert.is_intermediate().then_some(CaFault::Intermediate),
        (behind > 0).then_some(CaFault::Several(behind + 1)),
        cert.keeps_headers().then_some(CaFault::Headers),
        mismatch.then_some(CaFault::KeyMismatch),
        (facts.cert_sign == Some(false)).then_some(CaFault::NoCertSign),
        usage_left_out(facts).map(CaFault::Usage),
        unknown.map(CaFault::CriticalExtension),
        name_not_allowed(facts).map(CaFault::Name),
        weak_signer(facts).map(CaFault::WeakKey),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Go applies the extended key usages of a CA to all that it signs.
fn usage_left_out(ca: &Facts) -> Option<&'static str> {
    match (ca.usage.allows_client(), ca.usage.allows_server()) {
        (true, true) => None,
        (false, true) => Some("clients"),
        (true, false) => Some("servers"),
        (false, false) => Some("clients and servers"),
    }
}

/// Server certificates have these two names on every chart, and peers refuse them if the CA does not allow both.
fn name_not_allowed(ca: &Facts) -> Option<String> {
    const NAME: &str = "*.mesh.cilium.io";
    let constraints = ca.constraints.as_ref()?;
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if !constraints.allows_dns(NAME) {
        return Some(NAME.to_owned());
    }
    (!constraints.allows_ip(address)).then(|| address.to_string())
}

/// With an RSA key below 2048 bits, or one on P-224, the certificate Job signs over SHA-1, which Go refuses.
fn weak_signer(ca: &Facts) -> Option<Weakness> {
    let kind = ca.public_key.kind();
    let is_weak = match kind {
        KeyKind::Rsa { bits } => bits < 2048,
        KeyKind::Ec(curve) => curve == Curve::P224,
        KeyKind::Ed25519 | KeyKind::Other => false,
    };
    is_weak.then_some(Weakness::Key(kind))
}

/// Whether the dumped certificate `new` ends later than `kept`, which the values hold inline, by more than half of
/// `kept`'s lifetime: then it takes its place.
pub(crate) fn ends_later_than_half_lifetime(kept: &Certificate, new: &Certificate) -> bool {
    let (kept, new) = (kept.facts(), new.facts());
    let lifetime = i128::from(kept.not_after) - i128::from(kept.not_before);
    let gained = i128::from(new.not_after) - i128::from(kept.not_after);
    2 * gained > lifetime
}
