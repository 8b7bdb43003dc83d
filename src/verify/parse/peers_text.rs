//! Lines about remote clusters, as `cilium status` and `kvstoremesh-dbg status` print them.

use super::super::outputs::{PeerStatus, PeerStatuses};
use super::ratio;

/// `1/2 remote clusters ready, 4 global-services`.
pub(super) fn headline(rest: &str, line: usize) -> PeerStatuses {
    PeerStatuses {
        ready: rest.split_whitespace().next().and_then(ratio),
        line,
        ..PeerStatuses::default()
    }
}

/// `cluster-2: not-ready, 1 nodes, ...`.
pub(super) fn peer(text: &str, line: usize) -> Option<PeerStatus> {
    let (name, rest) = text.split_once(": ")?;
    let mut items = rest.split(", ");
    let is_ready = match items.next()? {
        "ready" => true,
        "not-ready" => false,
        _ => return None,
    };
    let nodes = items.find_map(|item| item.strip_suffix(" nodes")?.parse().ok());
    Some(PeerStatus {
        name: name.to_owned(),
        is_ready,
        nodes,
        line,
        ..PeerStatus::default()
    })
}

/// A line below a peer: its status, configuration or synchronisation. Whether it was one.
pub(super) fn detail(peer: &mut PeerStatus, text: &str, line: usize) -> bool {
    let bare = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if let Some(config) = bare.strip_prefix("remote configuration:") {
        configuration(peer, config);
    } else if let Some(synced) = bare.strip_prefix("synchronization status:") {
        let missing = members(synced).filter(|(_, value)| *value == "false");
        peer.unsynced = missing.map(|(key, _)| key.to_owned()).collect();
    } else if text.starts_with(['└', char::REPLACEMENT_CHARACTER]) || is_status(bare) {
        peer.said.push((line, bare.to_owned()));
    } else {
        return false;
    }
    true
}

fn is_status(bare: &str) -> bool {
    ["etcd: ", "Err: ", "Waiting for initial"]
        .iter()
        .any(|begin| bare.starts_with(begin))
}

fn configuration(peer: &mut PeerStatus, text: &str) {
    let mut expected = false;
    for (key, value) in members(text) {
        match key {
            "expected" => expected = value == "true",
            "retrieved" => peer.lacks_config = expected && value == "false",
            "cluster-id" => peer.id = value.parse().ok(),
            "kvstoremesh" => peer.through_kvstoremesh = value == "true",
            _ => {}
        }
    }
}

fn members(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(',')
        .filter_map(|item| item.trim().split_once('='))
}

/// A failing row of the controllers' table: the peer and the message.
pub(super) fn controller(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text
        .strip_prefix("remote-etcd-")?
        .split_once(char::is_whitespace)?;
    let message = rest.trim().rsplit("  ").next()?.trim();
    (message != "no error").then_some((name, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_of_all_versions_are_read() {
        let old = "cluster-2: ready, 3 nodes, 9 identities, 3 services, 0 failures (last: never)";
        let read = peer(old, 4).unwrap();
        assert!(read.is_ready && read.nodes == Some(3) && read.line == 4);
        assert!(
            !peer("b: not-ready, 0 nodes, 0 endpoints", 1)
                .unwrap()
                .is_ready
        );
        assert!(peer("Routing: Network: Tunnel", 1).is_none());
    }

    #[test]
    fn details_say_what_is_missing() {
        let mut read = PeerStatus::default();
        assert!(detail(
            &mut read,
            "└  remote configuration: expected=true, retrieved=false",
            1
        ));
        assert!(read.lacks_config);
        assert!(detail(
            &mut read,
            "└  remote configuration: expected=true, retrieved=true, cluster-id=22, kvstoremesh=true",
            1
        ));
        assert!(!read.lacks_config && read.id == Some(22) && read.through_kvstoremesh);
        assert!(detail(
            &mut read,
            "└  synchronization status: nodes=true, services=false",
            1
        ));
        assert_eq!(read.unsynced, ["services"]);
        assert!(detail(
            &mut read,
            "└  Waiting for initial connection to be established",
            9
        ));
        assert_eq!(read.said[0].0, 9);
        assert!(!detail(&mut read, "BandwidthManager:   Disabled", 1));
    }

    #[test]
    fn a_failing_controller_names_its_peer() {
        let row = "remote-etcd-b   never   5s ago   9   timed out while waiting for etcd session.";
        assert_eq!(
            controller(row),
            Some(("b", "timed out while waiting for etcd session."))
        );
        assert_eq!(
            controller("remote-etcd-b   2s ago   never   0   no error"),
            None
        );
    }
}
