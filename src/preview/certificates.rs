//! Certificates as a reviewer reads them: by fingerprint and end.

use serde::Serialize;

use crate::compile::compiled::Compiled;
use crate::model::Fact;
use crate::pki::Certificate;

/// When a certificate ends.
#[derive(Serialize)]
pub(crate) struct Ends {
    /// Which one it is.
    pub(super) what: &'static str,
    /// The day, such as `2027-01-31`.
    pub(super) on: String,
}

/// The soonest end of what is known of a cluster's certificates.
pub(super) fn soonest(compiled: &Compiled<'_, '_>) -> Option<Ends> {
    let cluster = compiled.cluster.cluster;
    let mesh_ca = &compiled.plan.mesh.ca.pair.cert;
    let all: [(&'static str, &Option<Fact<Certificate>>); 4] = [
        ("mesh CA", mesh_ca),
        ("cilium-ca", &cluster.ca.cert),
        ("remote certificate", &cluster.remote.cert),
        ("server certificate", &cluster.server_cert),
    ];
    let known = all
        .into_iter()
        .filter_map(|(what, cert)| Some((what, cert.as_ref()?.value.facts().not_after)));
    let (what, end) = known.min_by_key(|(_, end)| *end)?;
    Some(Ends { what, on: day(end) })
}

/// `sha256:1a2b3c4d until 2027-01-31`, if a text is a certificate.
pub(super) fn described(text: &str) -> Option<String> {
    let certificate = Certificate::parse(text).ok()?;
    let facts = certificate.facts();
    Some(format!(
        "sha256:{} until {}",
        &facts.fingerprint[..8],
        day(facts.not_after)
    ))
}

fn day(unix: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(unix)
        .map_or_else(|_| "no day".to_owned(), |time| time.date().to_string())
}
