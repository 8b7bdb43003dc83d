//! TLS errors in logs, and in what `troubleshoot clustermesh` prints.

use super::super::cause;
use super::super::outputs::TlsFault;

/// `Cluster "cluster-2":`, which heads a part of what `troubleshoot` prints.
pub(super) fn troubleshoot_head(text: &str) -> Option<&str> {
    text.strip_prefix("Cluster \"")?.strip_suffix("\":")
}

/// An error of the part about a cluster: `❌ Cannot establish TLS connection to ...`.
pub(super) fn troubleshoot(cluster: &str, text: &str, line: usize) -> Option<TlsFault> {
    let is_error = text.starts_with('❌') && cause::names_tls(text);
    is_error.then(|| TlsFault {
        cluster: Some(cluster.to_owned()),
        said: text.trim_start_matches('❌').trim().to_owned(),
        is_current: true,
        line,
    })
}

/// An error in a line of a log.
pub(in super::super) fn log(text: &str, line: usize) -> Option<TlsFault> {
    // What the cluster's own etcd refuses comes from a peer whose name it does not know.
    let counts = cause::names_tls(text) && is_log(text) && !text.contains("rejected connection");
    counts.then(|| TlsFault {
        cluster: cluster(text).map(str::to_owned),
        said: said(text),
        is_current: false,
        line,
    })
}

fn is_log(text: &str) -> bool {
    ["level=", "\"level\":", "msg=", "\"msg\":"]
        .iter()
        .any(|word| text.contains(word))
        || is_klog(text)
}

/// `W1120 08:12:41.220114`.
fn is_klog(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 5
        && b"IWEF".contains(&bytes[0])
        && bytes[1..5].iter().all(u8::is_ascii_digit)
        && bytes[5] == b' '
}

/// The remote cluster that a line names.
fn cluster(text: &str) -> Option<&str> {
    let named = ["clusterName=", "\"clusterName\":\""]
        .iter()
        .find_map(|key| text.split_once(key))
        .map(|(_, rest)| rest.trim_start_matches('"'));
    if let Some(rest) = named {
        return rest.split([' ', '"', ',', '}']).next();
    }
    let (before, _) = text.split_once(".mesh.cilium.io")?;
    before.rsplit(['/', ' ', '"', '[', '=']).next()
}

/// The part that names the error.
fn said(text: &str) -> String {
    let begins = ["authentication handshake failed", "tls:", "x509:"];
    let at = begins
        .iter()
        .find_map(|begin| text.find(begin))
        .unwrap_or(0);
    let end = text[at..]
        .find(['"', '\\'])
        .map_or(text.len(), |end| at + end);
    text[at..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_names_its_cluster() {
        let etcd = r#"{"level":"warn","target":"etcd-endpoints://0xc0/cluster-2.mesh.cilium.io:2379","error":"desc = \"transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate has expired\""}"#;
        let found = log(etcd, 2).unwrap();
        assert_eq!(found.cluster.as_deref(), Some("cluster-2"));
        assert!(
            found.said.ends_with("x509: certificate has expired"),
            "{}",
            found.said
        );
        let agent = "time=2026 level=warn msg=\"x\" clusterName=b error=\"x509: certificate signed by unknown authority\"";
        assert_eq!(log(agent, 1).unwrap().cluster.as_deref(), Some("b"));
        assert!(log("my notes: x509: certificate has expired", 1).is_none());
    }

    #[test]
    fn troubleshoot_counts_only_errors_of_tls() {
        let text = "❌ Cannot establish TLS connection to b.mesh.cilium.io:2379: tls: failed to verify certificate";
        assert!(troubleshoot("b", text, 1).is_some());
        assert!(
            troubleshoot(
                "b",
                "❌ Failed to establish connection: context deadline exceeded",
                1
            )
            .is_none()
        );
        assert!(
            troubleshoot(
                "b",
                "⚠️ Cannot verify: x509: certificate signed by unknown authority",
                1
            )
            .is_none()
        );
    }
}
