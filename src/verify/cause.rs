//! The causes that a pair can fail by, and the error texts that show each.

/// Why a pair fails; where several apply, the first is the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cause {
    /// Another name or ID answers.
    WrongCluster,
    /// TLS fails.
    Certificate,
    /// There is no answer at the peer's address.
    Address,
    /// Not configured, or configuration, heartbeat or synchronisation is missing.
    NotConnected,
    /// A node is unknown.
    MissingNode,
    /// HTTP to a node's own address fails.
    FirewallHealth,
    /// Only ICMP to a node's own address fails.
    Icmp,
    /// The node answers, its health endpoint does not.
    FirewallTunnel,
    /// Pods carry the identity of another name or ID.
    Identity,
    /// None of these.
    Unknown,
}

impl Cause {
    /// The word in the answer.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::WrongCluster => "wrong-cluster",
            Self::Certificate => "certificate",
            Self::Address => "address",
            Self::NotConnected => "not-connected",
            Self::MissingNode => "missing-node",
            Self::FirewallHealth => "firewall-health",
            Self::Icmp => "icmp",
            Self::FirewallTunnel => "firewall-tunnel",
            Self::Identity => "identity",
            Self::Unknown => "unknown",
        }
    }
}

/// What Go's TLS says, in any of its places.
const TLS: [&str; 5] = [
    "x509:",
    "tls:",
    "authentication handshake failed",
    "certificate signed by unknown authority",
    "certificate has expired",
];

/// Error texts without an answer from the peer (Cilium's kvstore client, Go's network).
const NO_ANSWER: [&str; 11] = [
    "waiting for initial connection to be established",
    "timed out while waiting for etcd session",
    "timed out while starting the heartbeat watcher",
    "ensure that etcd is running",
    "not able to connect to any etcd endpoints",
    "connection refused",
    "no route to host",
    "network is unreachable",
    "i/o timeout",
    "no such host",
    "context deadline exceeded",
];

/// Whether a text names a TLS error.
pub(super) fn names_tls(text: &str) -> bool {
    TLS.iter().any(|word| text.contains(word))
}

/// Whether a text says that the heartbeat of the peer is missing.
pub(super) fn names_heartbeat(text: &str) -> bool {
    text.contains("since last heartbeat")
}

/// The cause that an error text about the connection to a peer shows.
pub(super) fn of_connection(text: &str) -> Cause {
    if text.contains("clusterID ")
        && [
            "already used",
            "assigned to the local cluster",
            "is reserved",
        ]
        .iter()
        .any(|word| text.contains(word))
    {
        return Cause::WrongCluster;
    }
    if names_tls(text) {
        return Cause::Certificate;
    }
    let lower = text.to_lowercase();
    let no_answer = lower.contains("etcd: 0/") || NO_ANSWER.iter().any(|word| lower.contains(word));
    if no_answer && !names_heartbeat(text) {
        Cause::Address
    } else {
        Cause::NotConnected
    }
}

/// What a TLS error means, for people.
pub(super) fn tls_meaning(text: &str, from: &str, to: &str) -> String {
    if text.contains("expired") {
        return format!("a certificate of `{to}` has expired or is not valid yet");
    }
    if text.contains("remote error") || text.contains("bad certificate") {
        return format!(
            "`{to}` refuses the client certificate that `{from}` shows: it is not signed by the CA that `{to}` trusts"
        );
    }
    if text.contains("unknown authority") {
        return format!(
            "`{from}` does not trust the CA that signed the server certificate of `{to}`"
        );
    }
    if text.contains("valid for") || text.contains("SANs") || text.contains("not contain") {
        return format!(
            "the server certificate of `{to}` does not carry the name that `{from}` dials"
        );
    }
    format!("TLS between `{from}` and `{to}` fails; compare the CA of both")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_text_shows_one_cause() {
        let cases = [
            ("clusterID 2 is already used", Cause::WrongCluster),
            (
                "clusterID 1 is assigned to the local cluster",
                Cause::WrongCluster,
            ),
            ("remote error: tls: bad certificate", Cause::Certificate),
            (
                "Waiting for initial connection to be established",
                Cause::Address,
            ),
            ("etcd: 0/1 connected, has-quorum=true", Cause::Address),
            (
                "dial tcp 192.0.2.1:2379: connect: connection refused",
                Cause::Address,
            ),
            (
                "remote cluster configuration required but not found",
                Cause::NotConnected,
            ),
            (
                "quorum check failed 60 times in a row: 28m9s since last heartbeat update has been received",
                Cause::NotConnected,
            ),
            ("", Cause::NotConnected),
        ];
        for (text, cause) in cases {
            assert_eq!(of_connection(text), cause, "{text}");
        }
    }
}
