//! How large the objects of a mesh grow with each peer, and how large they may become.
//!
//! Measured with `helm upgrade`, history 1, on 1.13.14, 1.14.16, 1.16.9, 1.19.4 and 1.20.0 with 16 to
//! 255 clusters: straight lines, good to a few per cent. Peers have one address each; certificates
//! are P-256 as certgen makes them, or RSA-2048.

use super::Cilium;
use super::charts::SharedCa;
use crate::model::Trust;

/// What a Secret may hold, Helm's release included: 1 MiB of data (`MaxSecretSize` in
/// `pkg/apis/core/types.go` of `kubernetes/kubernetes`).
pub(crate) const SECRET: u64 = 1_048_576;
/// What etcd takes in one request: 1.5 MiB (`DefaultMaxRequestBytes` in `etcd-io/etcd`).
pub(crate) const OBJECT: u64 = 1_572_864;
/// What an API server reads of one request: 3 MiB (`MaxRequestBodyBytes` in
/// `k8s.io/apiserver/pkg/server/config.go`).
pub(crate) const REQUEST: u64 = 3_145_728;

/// Bytes that one peer adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PerPeer {
    /// To the Helm values.
    pub values: u64,
    /// To the Secret that holds the peers.
    pub secret: u64,
    /// To the Secret of the Helm release.
    pub release: u64,
}

const fn bytes(values: u64, secret: u64, release: u64) -> PerPeer {
    PerPeer {
        values,
        secret,
        release,
    }
}

/// What a peer costs on a chart, in a trust mode, with RSA certificates or with small ones.
pub(crate) fn per_peer(chart: &Cilium, trust: Trust, rsa: bool) -> PerPeer {
    let old = chart.shared_ca == SharedCa::InValues;
    match (trust, rsa) {
        (Trust::SharedCa | Trust::Inline, false) if old => bytes(1_468, 2_090, 1_070),
        (Trust::SharedCa | Trust::Inline, true) if old => bytes(3_920, 3_928, 6_140),
        (Trust::SharedCa, _) => bytes(90, 332, 60),
        (Trust::Inline, false) => bytes(2_078, 1_790, 1_850),
        (Trust::Inline, true) => bytes(5_450, 4_236, 8_150),
        (Trust::Bundle, false) => bytes(765, 332, 625),
        // Not measured: the certificate alone is 560 bytes longer, and does not compress.
        (Trust::Bundle, true) => bytes(1_325, 332, 2_100),
    }
}
