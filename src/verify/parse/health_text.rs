//! Lines of `cilium-health status`: the tree (to 1.16, later `--verbose`), the table in words (to 1.16, `--succinct`) and in
//! numbers (from 1.17). Indentation is not looked at: people paste.

use std::net::IpAddr;

use super::super::outputs::{Address, Column, HealthProbes, NodeHealth, ProbeResult};
use super::ratio;

/// What stands behind the own node's name.
const LOCAL: &str = "(localhost)";

/// A headline: `3/4 reachable (time)`, or why there are no probes.
pub(super) fn headline(rest: &str) -> HealthProbes {
    let reachable = rest
        .split_whitespace()
        .next()
        .and_then(ratio)
        .filter(|_| rest.contains("reachable"));
    HealthProbes {
        reachable,
        off: reachable.is_none().then(|| rest.trim().to_owned()),
        ..HealthProbes::default()
    }
}

/// The head of a node in the tree: `cluster/node (localhost):`.
pub(super) fn node(text: &str, line: usize) -> Option<NodeHealth> {
    let head = text.strip_suffix(':')?;
    let (name, is_local) = match head.strip_suffix(LOCAL) {
        Some(name) => (name.trim_end(), true),
        None => (head, false),
    };
    let is_name = !name.is_empty() && !name.contains([' ', '\t', ':', '"', '=']);
    (is_name && name != "Nodes").then(|| NodeHealth {
        name: name.to_owned(),
        is_local,
        line,
        ..NodeHealth::default()
    })
}

/// Which addresses a head such as `Endpoint connectivity to 172.20.0.53:` is about; a bare `Secondary` follows the one before.
pub(super) fn address(text: &str) -> Option<(Option<bool>, Address)> {
    let (kind, ip) = text.split_once(" connectivity to ")?;
    let is_endpoint = match kind.trim_start_matches("Secondary").trim() {
        "Host" => Some(false),
        "Endpoint" => Some(true),
        "" => None,
        _ => return None,
    };
    let ip = ip.trim_end_matches(':').to_owned();
    let address = Address {
        ip,
        ..Address::default()
    };
    Some((is_endpoint, address))
}

/// A probe of an address: whether it is ICMP, and what came of it.
pub(super) fn probe(text: &str, line: usize) -> Option<(bool, ProbeResult)> {
    let (is_icmp, value) = match text.strip_prefix("ICMP to stack:") {
        Some(value) => (true, value),
        None => (false, text.strip_prefix("HTTP to agent:")?),
    };
    let value = value
        .split("(Last probed")
        .next()
        .unwrap_or_default()
        .trim();
    Some((is_icmp, result(value, line)))
}

fn result(value: &str, line: usize) -> ProbeResult {
    // A duration ends with its unit: what does not was cut off.
    let is_good = value == "OK" || (value.starts_with("OK, RTT=") && value.ends_with('s'));
    match value {
        _ if is_good => ProbeResult::Good,
        _ if value.starts_with("OK") || "OK, RTT=".starts_with(value) => ProbeResult::Unmade,
        _ => ProbeResult::Bad(value.to_owned(), line),
    }
}

/// A row of a table: name, addresses, node, endpoints.
pub(super) fn row(text: &str, line: usize) -> Option<NodeHealth> {
    let mut words = text.split_whitespace().peekable();
    let name = words.next()?;
    let is_local = words.next_if_eq(&LOCAL).is_some();
    let ips: Vec<String> = words.next()?.split(',').map(str::to_owned).collect();
    let is_address = |word: &String| word == "Unavailable" || word.parse::<IpAddr>().is_ok();
    if !ips.iter().all(is_address) {
        return None;
    }
    let mut node = NodeHealth {
        name: name.to_owned(),
        is_local,
        host: Column::default(),
        endpoint: None,
        line,
    };
    let (good, unknown, all) = cell(&mut words)?;
    node.host = Column::Sum {
        ips,
        good,
        unknown,
        all,
    };
    match cell(&mut words) {
        Some((_, _, 0)) => {}
        Some((good, unknown, all)) => {
            node.endpoint = Some(Column::Sum {
                ips: Vec::new(),
                good,
                unknown,
                all,
            });
        }
        // The row was cut off.
        None => node.endpoint = Some(Column::default()),
    }
    Some(node)
}

/// A cell as numbers of good, unknown and all addresses: `1/2 (1 unknown)`, or a word for one address.
fn cell<'t>(
    words: &mut std::iter::Peekable<impl Iterator<Item = &'t str>>,
) -> Option<(usize, usize, usize)> {
    let numbers = match words.next()? {
        "reachable" | "true" => return Some((1, 0, 1)),
        "unreachable" | "false" => return Some((0, 0, 1)),
        "unknown" => return Some((0, 1, 1)),
        word => ratio(word)?,
    };
    let unknown = words
        .next_if(|word| word.starts_with('('))
        .and_then(|word| word[1..].parse().ok());
    if unknown.is_some() {
        words.next();
    }
    Some((numbers.0, unknown.unwrap_or(0), numbers.1))
}

/// Marks what the end of an output leaves open. `is_torn`: the text ends inside a line that cannot be read.
pub(super) fn close(health: &mut HealthProbes, lists_all: bool, is_torn: bool) {
    let listed = health.nodes.len();
    let others = &health.nodes[..listed.saturating_sub(1)];
    let others_have_endpoints =
        !others.is_empty() && others.iter().all(|node| node.endpoint.is_some());
    let mut ends_early = false;
    if let Some(last) = health.nodes.last_mut() {
        let is_half = |column: &Column| match column {
            Column::Each(addresses) => {
                addresses.is_empty()
                    || addresses
                        .iter()
                        .any(|address| address.http == ProbeResult::Unmade)
            }
            Column::Sum { .. } => false,
        };
        ends_early = is_half(&last.host) || last.endpoint.as_ref().is_some_and(is_half);
        let is_tree = matches!(last.host, Column::Each(_));
        if is_tree && others_have_endpoints && last.endpoint.is_none() && health.reachable.is_none()
        {
            last.endpoint = Some(Column::default());
            ends_early = true;
        }
    }
    // An agent lists at least its own node.
    let has_none = lists_all && listed == 0 && health.off.is_none();
    let too_few = lists_all && health.reachable.is_some_and(|(_, all)| all > listed);
    health.is_cut |= has_none || too_few || ends_early || is_torn;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(column: &Column) -> (usize, usize, usize) {
        match column {
            Column::Sum {
                good, unknown, all, ..
            } => (*good, *unknown, *all),
            Column::Each(_) => panic!("not a cell"),
        }
    }

    #[test]
    fn rows_of_all_versions_are_read() {
        let read = row(
            "a/n1 (localhost)   10.0.0.1,fd00::1   1/2 (1 unknown)   0/0",
            3,
        )
        .unwrap();
        assert!(read.is_local && read.endpoint.is_none());
        assert_eq!(sum(&read.host), (1, 1, 2));
        assert_eq!(read.host.ips().collect::<Vec<_>>(), ["10.0.0.1", "fd00::1"]);
        let read = row("a/n2 10.0.0.2 reachable unreachable", 1).unwrap();
        assert_eq!(sum(read.endpoint.as_ref().unwrap()), (0, 0, 1));
        let read = row("a/n2\t10.0.0.2\ttrue\tfalse", 1).unwrap();
        assert_eq!(sum(&read.host), (1, 0, 1));
        let read = row("n3 Unavailable 0/0 0/0", 1).unwrap();
        assert_eq!(sum(&read.host), (0, 0, 0));
        assert!(row("Name  IP  Node  Endpoints", 1).is_none());
        assert!(row("a/n 10.0.0.1", 1).is_none());
    }

    #[test]
    fn a_probe_is_good_only_with_its_whole_time() {
        assert_eq!(
            probe("ICMP to stack:   OK, RTT=1.2ms", 1),
            Some((true, ProbeResult::Good))
        );
        assert_eq!(
            probe("HTTP to agent:   OK, RTT=1µs   (Last probed: 2026", 1),
            Some((false, ProbeResult::Good))
        );
        for cut in ["OK, RTT=1.2", "OK, R", "O", ""] {
            assert_eq!(
                probe(&format!("ICMP to stack: {cut}"), 1),
                Some((true, ProbeResult::Unmade))
            );
        }
        let bad = ProbeResult::Bad("Connection timed out".to_owned(), 7);
        assert_eq!(
            probe("ICMP to stack:  Connection timed out", 7),
            Some((true, bad))
        );
    }

    #[test]
    fn heads_are_told_from_other_lines() {
        assert!(node("cluster-1/n (localhost):", 1).unwrap().is_local);
        for other in ["Nodes:", "https://x:", "Digital certificates:", "x"] {
            assert!(node(other, 1).is_none(), "{other}");
        }
        assert_eq!(
            address("Secondary connectivity to fd00::1:").unwrap().0,
            None
        );
        assert_eq!(
            address("Secondary Endpoint connectivity to fd00::1:")
                .unwrap()
                .0,
            Some(true)
        );
        assert_eq!(
            address("Host connectivity to fd00::1:").unwrap().1.ip,
            "fd00::1"
        );
    }
}
