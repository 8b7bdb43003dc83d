//! An axis of addresses on which every range can be seen: each stretch between two borders is drawn as wide as it is long, or by
//! its logarithm where a /8 stands beside a /26.

use ipnet::IpNet;
use std::net::IpAddr;

/// Width of a drawing in its own units.
pub(super) const WIDTH: f64 = 1000.0;
/// Ranges whose sizes differ by more than so many bits are drawn by logarithm.
const LINEAR_BITS: u32 = 10;
/// The part of the width that all free stretches share at most; they are cut short beyond it.
const FREE_SHARE: f64 = 0.3;

/// An axis.
pub(super) struct Scale {
    /// Borders in order, each with its place on the axis.
    borders: Vec<(u128, f64)>,
    /// Whether stretches are drawn by the logarithm of their length.
    pub(super) is_log: bool,
    /// Stretches that no range covers, between the first border and the last.
    pub(super) free: Vec<(u128, u128)>,
}

/// The first address of a range, and the one behind its last.
pub(super) fn ends(net: &IpNet) -> (u128, u128) {
    let number = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    };
    let first = number(net.network());
    (first, number(net.broadcast()).saturating_add(1))
}

impl Scale {
    /// An axis for these ranges, of one family.
    pub(super) fn new(ranges: &[IpNet]) -> Self {
        let spans: Vec<(u128, u128)> = ranges.iter().map(ends).collect();
        let mut at: Vec<u128> = spans
            .iter()
            .flat_map(|(first, end)| [*first, *end])
            .collect();
        at.sort_unstable();
        at.dedup();
        let bits = |net: &IpNet| u32::from(net.max_prefix_len() - net.prefix_len());
        let (least, most) = (ranges.iter().map(bits).min(), ranges.iter().map(bits).max());
        let is_log = most.unwrap_or(0) - least.unwrap_or(0) > LINEAR_BITS;
        let covered = covered(&spans);
        let stretches: Vec<(u128, u128)> = at.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let is_free = |stretch: &(u128, u128)| {
            !covered
                .iter()
                .any(|(first, end)| *first <= stretch.0 && stretch.1 <= *end)
        };
        let length = |stretch: &(u128, u128)| {
            let length = (stretch.1 - stretch.0) as f64;
            if is_log { 1.0 + length.log2() } else { length }
        };
        let used: f64 = stretches
            .iter()
            .filter(|one| !is_free(one))
            .map(length)
            .sum();
        let free: Vec<(u128, u128)> = stretches.iter().copied().filter(is_free).collect();
        let cap = used * FREE_SHARE / (1.0 - FREE_SHARE) / free.len().max(1) as f64;
        let drawn = |stretch: &(u128, u128)| {
            if is_free(stretch) {
                length(stretch).min(cap)
            } else {
                length(stretch)
            }
        };
        let total: f64 = stretches.iter().map(drawn).sum();
        let mut place = 0.0;
        let mut borders = vec![(at.first().copied().unwrap_or(0), 0.0)];
        for stretch in &stretches {
            place += drawn(stretch) / total.max(f64::MIN_POSITIVE) * WIDTH;
            borders.push((stretch.1, place));
        }
        Self {
            borders,
            is_log,
            free,
        }
    }

    /// The place of a border on the axis.
    pub(super) fn place(&self, address: u128) -> f64 {
        let found = self
            .borders
            .binary_search_by_key(&address, |(border, _)| *border);
        found.map_or(0.0, |at| self.borders[at].1)
    }
}

/// What ranges cover together, as few stretches as possible.
fn covered(spans: &[(u128, u128)]) -> Vec<(u128, u128)> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let mut all: Vec<(u128, u128)> = Vec::new();
    for (first, end) in sorted {
        match all.last_mut() {
            Some(last) if first <= last.1 => last.1 = last.1.max(end),
            _ => all.push((first, end)),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts
            .iter()
            .map(|text| text.parse().expect("a range"))
            .collect()
    }

    #[test]
    fn equal_ranges_are_equally_wide_and_gaps_are_seen() {
        let ranges = nets(&["10.0.0.0/16", "10.1.0.0/16", "172.25.0.0/16"]);
        let scale = Scale::new(&ranges);
        assert!(!scale.is_log);
        let width = |net: &IpNet| {
            let (first, end) = ends(net);
            scale.place(end) - scale.place(first)
        };
        let widths: Vec<f64> = ranges.iter().map(width).collect();
        assert!((widths[0] - widths[1]).abs() < 1e-6 && (widths[0] - widths[2]).abs() < 1e-6);
        assert_eq!(scale.free.len(), 1);
        assert!((scale.place(ends(&ranges[2]).1) - WIDTH).abs() < 1e-6);
    }

    #[test]
    fn a_small_range_beside_a_large_one_can_be_seen() {
        let ranges = nets(&["10.0.0.0/8", "192.0.2.0/26"]);
        let scale = Scale::new(&ranges);
        let (first, end) = ends(&ranges[1]);
        assert!(scale.is_log);
        assert!(scale.place(end) - scale.place(first) > 50.0);
    }

    #[test]
    fn every_address_of_ipv6_has_a_place() {
        let ranges = nets(&["::/0", "fd00::/48"]);
        let scale = Scale::new(&ranges);
        assert!(scale.place(ends(&ranges[1]).0) > 0.0);
    }
}
