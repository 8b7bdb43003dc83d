//! Results of validating certificates: the state of the mesh's CA and of every remote certificate that some
//! cluster's values will carry. The rules speak about it, the plan decides by it.

use rayon::prelude::*;

use crate::model::{AuthMode, Cluster, Fact, KeyPair, Mesh, Trust};
use crate::pki::{
    CaFault, Certificate, Fit, PrivateKey, RemoteFault, Validity, ends_later_than_half_lifetime,
    prove_ca, prove_remote,
};
use crate::profile::charts::SharedCa;

/// The trust of a whole mesh.
pub struct TrustState<'m> {
    /// What is wrong with the mesh's CA, apart from its dates.
    pub ca_faults: Vec<CaFault>,
    /// The same of the CA that is to take its place.
    pub next_ca_faults: Vec<CaFault>,
    /// The same of each cluster's own CA, by position, where the mode makes peers trust that.
    pub own_ca_faults: Vec<Vec<CaFault>>,
    /// The mesh's CA, if both halves are known and right: what may be rendered, and what judges leaves.
    pub ca: Option<Authority<'m>>,
    /// The remote certificate of each cluster, by its position in mesh.yaml.
    pub remotes: Vec<Remote<'m>>,
}

/// A CA with its key.
#[derive(Clone, Copy)]
pub struct Authority<'m> {
    /// Its certificate.
    pub cert: &'m Fact<Certificate>,
    /// Its key.
    pub key: &'m Fact<PrivateKey>,
}

/// The state of a cluster's remote certificate.
pub enum Remote<'m> {
    /// No other cluster's values will carry it.
    NotNeeded,
    /// It, its key or the CA that judges it is not known.
    Unknown,
    /// It does not prove.
    Faulty(Vec<RemoteFault>),
    /// It proves.
    Proven(Proven<'m>),
}

/// A remote certificate that proves, with the CA that signed it.
#[derive(Clone, Copy)]
pub struct Proven<'m> {
    /// The certificate.
    pub cert: &'m Fact<Certificate>,
    /// Its key.
    pub key: &'m Fact<PrivateKey>,
    /// The CA that signed it.
    pub ca: &'m Certificate,
}

impl<'m> Authority<'m> {
    /// The CA of a pair, if both halves are known.
    pub fn of(pair: &'m KeyPair) -> Option<Self> {
        Some(Self {
            cert: pair.cert.as_ref()?,
            key: pair.key.as_ref()?,
        })
    }
}

impl<'m> TrustState<'m> {
    /// Looks at all certificates of a mesh. With `now` (Unix seconds), a CA out of date judges nothing.
    pub fn of(mesh: &'m Mesh, now: Option<i64>) -> Self {
        let pair = &mesh.ca.pair;
        let ca_faults = ca_faults(pair.cert.as_ref(), pair.key.as_ref());
        let next = &mesh.ca.next;
        let own_ca_faults = mesh
            .clusters
            .par_iter()
            .map(|cluster| own_ca_faults(mesh, cluster));
        let ca = Authority::of(pair).filter(|_| ca_faults.is_empty());
        let judge =
            ca.filter(|ca| now.is_none_or(|now| ca.cert.value.valid_at(now) == Validity::Ok));
        let remotes = mesh
            .clusters
            .par_iter()
            .map(|cluster| remote(mesh, cluster, judge, now))
            .collect();
        Self {
            ca_faults,
            next_ca_faults: self::ca_faults(next.cert.as_ref(), next.key.as_ref()),
            own_ca_faults: own_ca_faults.collect(),
            ca,
            remotes,
        }
    }
}

fn own_ca_faults(mesh: &Mesh, cluster: &Cluster) -> Vec<CaFault> {
    match (mesh.trust.value, &cluster.ca.cert) {
        (Trust::SharedCa, _) => Vec::new(),
        (_, Some(cert)) => ca_faults(Some(cert), cluster.ca.key.as_ref()),
        (_, None) => ca_faults(cluster.remote.ca_cert.as_ref(), None),
    }
}

fn ca_faults(cert: Option<&Fact<Certificate>>, key: Option<&Fact<PrivateKey>>) -> Vec<CaFault> {
    let Some(cert) = cert else {
        return Vec::new();
    };
    prove_ca(&cert.value, key.map(|key| &key.value))
}

fn remote<'m>(
    mesh: &'m Mesh,
    cluster: &'m Cluster,
    judge: Option<Authority<'m>>,
    now: Option<i64>,
) -> Remote<'m> {
    if !needs_remote_of(mesh, cluster) {
        return Remote::NotNeeded;
    }
    let (Some(cert), Some(key)) = (&cluster.remote.cert, &cluster.remote.key) else {
        return Remote::Unknown;
    };
    let Some(ca) = signing_ca(mesh, cluster, judge) else {
        return Remote::Unknown;
    };
    if now.is_some_and(|now| ca.valid_at(now) != Validity::Ok) || !prove_ca(ca, None).is_empty() {
        return Remote::Unknown;
    }
    let name = expected_name(mesh, cluster);
    let mut faults = prove_remote(&cert.value, &key.value, ca, &name, now);
    faults.retain(stops_a_handshake);
    if faults.is_empty() {
        Remote::Proven(Proven { cert, key, ca })
    } else {
        Remote::Faulty(faults)
    }
}

/// A key that is weak but works is worth a warning, and a signature that meshgen cannot compute proves nothing:
/// neither is a reason to leave a peer out.
fn stops_a_handshake(fault: &RemoteFault) -> bool {
    match fault {
        RemoteFault::CaCannotTell => false,
        RemoteFault::Weak(weakness) => weakness.is_refused(),
        _ => true,
    }
}

/// The common name that servers expect of a cluster's remote certificate.
pub(crate) fn expected_name(mesh: &Mesh, cluster: &Cluster) -> String {
    if auth_mode(mesh, cluster).is_by_name() {
        format!("remote-{}", cluster.name())
    } else {
        "remote".to_owned()
    }
}

/// How a cluster will match clients to users: mesh.yaml, else the current values, else the chart's default.
pub(crate) fn auth_mode(mesh: &Mesh, cluster: &Cluster) -> AuthMode {
    let Some(chart) = cluster.chart().filter(|chart| chart.auth_mode) else {
        return AuthMode::Legacy;
    };
    let typed = mesh.auth_mode.as_ref().map(|mode| mode.value);
    let kept = || {
        let written = cluster.current_value("clustermesh.apiserver.tls.authMode")?;
        serde_json::from_value(written.clone()).ok()
    };
    typed.or_else(kept).unwrap_or(chart.default_auth_mode)
}

/// Whether cert-manager issues a cluster's leaves, which takes no notice of the Secret `cilium-ca`.
pub(crate) fn leaves_by_cert_manager(cluster: &Cluster) -> bool {
    let method = cluster.current_value("clustermesh.apiserver.tls.auto.method");
    method.and_then(serde_json::Value::as_str) == Some("certmanager")
}

/// Whether a cluster's dumped remote certificate shows that its leaves are signed by the mesh's CA.
pub(crate) fn leaves_prove_shared_ca(mesh: &Mesh, cluster: &Cluster) -> bool {
    let (Some(cert), Some(key), Some(ca)) = (
        &cluster.remote.cert,
        &cluster.remote.key,
        &mesh.ca.pair.cert,
    ) else {
        return false;
    };
    let name = expected_name(mesh, cluster);
    let faults = prove_remote(&cert.value, &key.value, &ca.value, &name, None);
    !faults.iter().any(stops_a_handshake)
}

/// The CA that must have signed a cluster's leaves: the mesh's, or with `inline` the cluster's own.
fn signing_ca<'m>(
    mesh: &'m Mesh,
    cluster: &'m Cluster,
    judge: Option<Authority<'m>>,
) -> Option<&'m Certificate> {
    match mesh.trust.value {
        Trust::SharedCa => judge.map(|ca| &ca.cert.value),
        Trust::Inline | Trust::Bundle => own_ca(cluster),
    }
}

/// The certificate of a cluster's own CA: `cilium-ca`, else what stands beside its remote certificate.
pub(crate) fn own_ca(cluster: &Cluster) -> Option<&Certificate> {
    own_ca_fact(cluster).map(|fact| &fact.value)
}

/// The same, with its place.
pub(crate) fn own_ca_fact(cluster: &Cluster) -> Option<&Fact<Certificate>> {
    let known = cluster.ca.cert.as_ref().or(cluster.remote.ca_cert.as_ref());
    known.filter(|_| !cluster.is_unusable("ca"))
}

/// Whether any other cluster's values will carry a cluster's remote certificate.
fn needs_remote_of(mesh: &Mesh, cluster: &Cluster) -> bool {
    if cluster.is_leaving() {
        return false;
    }
    let others = mesh
        .clusters
        .iter()
        .filter(|other| other.index != cluster.index && !other.is_leaving());
    others
        .into_iter()
        .any(|other| carries_peer_certs(mesh.trust.value, other))
}

/// Whether a cluster's values carry the remote certificates of its peers.
pub(crate) fn carries_peer_certs(trust: Trust, cluster: &Cluster) -> bool {
    match trust {
        Trust::Inline => true,
        Trust::Bundle => false,
        Trust::SharedCa => cluster
            .chart()
            .is_some_and(|chart| chart.shared_ca == SharedCa::InValues),
    }
}

/// A peer's certificate and key as the current values hold them.
pub(crate) fn inline_texts(entry: &serde_json::Value) -> Option<(&str, &str)> {
    let tls = entry.get("tls")?;
    Some((tls.get("cert")?.as_str()?, tls.get("key")?.as_str()?))
}

/// Whether they still prove under `ca` and the dumped one, if any, does not last much longer: then
/// they stay. Up to KKP 2.25 leaves are re-issued at every reconcile, and a re-render would otherwise
/// never come to rest.
pub(crate) fn may_stay(
    (cert, key): (&str, &str),
    ca: &Certificate,
    expected_name: &str,
    dumped: Option<&Certificate>,
) -> bool {
    let (Ok(cert), Ok(key)) = (Certificate::parse(cert), PrivateKey::parse(key)) else {
        return false;
    };
    let faults = prove_remote(&cert, &key, ca, expected_name, None);
    let proves = !faults.iter().any(stops_a_handshake) && key.fits(&cert) == Fit::Yes;
    proves && !dumped.is_some_and(|dumped| ends_later_than_half_lifetime(&cert, dumped))
}
