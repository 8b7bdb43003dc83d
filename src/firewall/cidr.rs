//! Arithmetic on address ranges: exact aggregation, and which ranges overlap.

use ipnet::IpNet;
use serde::Serialize;

/// An address family, serialized as packet filters spell it. A packet is of one family, and so is a line of a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Family {
    /// IPv4.
    #[serde(rename = "ip")]
    V4,
    /// IPv6.
    #[serde(rename = "ip6")]
    V6,
}

impl Family {
    /// Both families, in the order of every output.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The family of a range.
    pub fn of(net: &IpNet) -> Self {
        match net {
            IpNet::V4(_) => Self::V4,
            IpNet::V6(_) => Self::V6,
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }

    /// Those of `nets` that are of this family.
    pub fn only(self, nets: &[IpNet]) -> Vec<IpNet> {
        let same = |net: &&IpNet| Self::of(net) == self;
        nets.iter().filter(same).copied().collect()
    }
}

/// A set of families.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Families(usize);

impl Families {
    /// Every set.
    pub(crate) const ALL_SETS: [Self; 4] = [Self(0), Self(1), Self(2), Self(3)];

    fn one(family: Family) -> Self {
        Self(match family {
            Family::V4 => 1,
            Family::V6 => 2,
        })
    }

    /// The families that are in both.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether a family is in it.
    pub(crate) fn has(self, family: Family) -> bool {
        !self.and(Self::one(family)).is_empty()
    }

    /// Whether no family is in it.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// A number from 0 to 3, to keep something for each set.
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

/// Ranges, and at hand those of them that are of each set of families.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranges {
    families: Families,
    of: [Vec<IpNet>; 4],
}

impl Ranges {
    /// Ranges in their order.
    pub(crate) fn new(nets: &[IpNet]) -> Self {
        let mut ranges = Self::default();
        for net in nets {
            let family = Family::of(net);
            ranges.families.0 |= Families::one(family).0;
            for set in Families::ALL_SETS.iter().filter(|set| set.has(family)) {
                ranges.of[set.index()].push(*net);
            }
        }
        ranges
    }

    /// The families that have a range.
    pub(crate) fn families(&self) -> Families {
        self.families
    }

    /// Those of some families.
    pub(crate) fn of(&self, families: Families) -> &[IpNet] {
        &self.of[families.index()]
    }

    /// Those of one family.
    pub(crate) fn of_family(&self, family: Family) -> &[IpNet] {
        self.of(Families::one(family))
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[IpNet] {
        &self.of[3]
    }
}

/// The smallest list of ranges that covers exactly the addresses of `nets` and nothing more.
///
/// Host bits are ignored (`10.0.0.1/8` covers what `10.0.0.0/8` does). IPv4 stands before IPv6, each sorted by address.
pub(crate) fn aggregate(nets: &[IpNet]) -> Vec<IpNet> {
    IpNet::aggregate(&nets.to_vec())
}

/// The ranges of `nets` that lie in no other one, sorted: the same addresses in ranges that the reader knows.
pub(crate) fn outermost(nets: &[IpNet]) -> Vec<IpNet> {
    let mut sorted: Vec<IpNet> = nets.iter().map(IpNet::trunc).collect();
    sorted.sort_unstable();
    outermost_of(sorted.into_iter(), |net| *net)
}

/// The same for anything with a range: those of `sorted` whose range lies in no other one's.
pub(crate) fn outermost_of<T>(
    sorted: impl Iterator<Item = T>,
    range: impl Fn(&T) -> IpNet,
) -> Vec<T> {
    let mut last: Option<IpNet> = None;
    let outermost = sorted.filter(|item| {
        let net = range(item);
        let is_inside = last.is_some_and(|last| last.contains(&net));
        if !is_inside {
            last = Some(net);
        }
        !is_inside
    });
    outermost.collect()
}

/// All pairs of `items` that share an address and have different owners, as indexes into `items`.
///
/// An item is a range and the number of its owner. The smaller index comes first in a pair, and the pairs are sorted.
/// Indexes, not owners, are given back, so that a caller can point at the two places that clash.
///
/// Two CIDRs either nest or are disjoint. So after sorting by first address, wider first, the ranges that overlap a
/// range from the left are exactly its open ancestors: **all** that are left on the stack once those that have ended are
/// popped. The cost is `n log n` and one step per ancestor.
pub(crate) fn overlapping_pairs(items: &[(IpNet, usize)]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&index| (items[index].0.trunc(), index));
    let mut open: Vec<usize> = Vec::new();
    let mut pairs = Vec::new();
    for index in order {
        let (net, owner) = items[index];
        while open.pop_if(|top| !items[*top].0.contains(&net)).is_some() {}
        let others = open.iter().filter(|&&other| items[other].1 != owner);
        pairs.extend(others.map(|&other| (other.min(index), other.max(index))));
        open.push(index);
    }
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    /// Where the small universes begin: at zero, in the middle, and at the very end of the address space.
    const V4_BASES: [u32; 3] = [0, 0x0a00_0010, u32::MAX - 15];
    const V6_BASES: [u128; 3] = [0, 0xfd00 << 112, u128::MAX - 15];

    fn address(family: Family, base: usize, offset: u8) -> IpAddr {
        match family {
            Family::V4 => Ipv4Addr::from(V4_BASES[base] + u32::from(offset)).into(),
            Family::V6 => Ipv6Addr::from(V6_BASES[base] + u128::from(offset)).into(),
        }
    }

    fn universe() -> Vec<IpAddr> {
        let mut all = Vec::new();
        for family in Family::ALL {
            for base in 0..3 {
                all.extend((0..16).map(|offset| address(family, base, offset)));
            }
        }
        all
    }

    /// The range of `16 >> narrower` addresses around an address, host bits kept.
    fn net(address: IpAddr, narrower: u8) -> IpNet {
        let bits = if address.is_ipv4() { 28 } else { 124 };
        IpNet::new(address, bits + narrower).unwrap()
    }

    fn any_net() -> impl Strategy<Value = IpNet> {
        let family = prop_oneof![Just(Family::V4), Just(Family::V6)];
        (family, 0..3usize, 0..16u8, 0..=4u8).prop_map(|(family, base, offset, narrower)| {
            net(address(family, base, offset), narrower)
        })
    }

    fn covers(nets: &[IpNet], address: &IpAddr) -> bool {
        nets.iter().any(|net| net.contains(address))
    }

    /// Every aligned block that is covered whole while the next wider one is not.
    fn largest_blocks(nets: &[IpNet]) -> Vec<IpNet> {
        let whole = |block: &IpNet| {
            universe()
                .iter()
                .filter(|a| block.contains(*a))
                .all(|a| covers(nets, a))
        };
        let mut blocks: Vec<IpNet> = universe()
            .into_iter()
            .flat_map(|address| (0..=4).map(move |narrower| net(address, narrower).trunc()))
            .filter(|block| {
                whole(block)
                    && (block.prefix_len() % 32 == 28 || !whole(&block.supernet().unwrap()))
            })
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }

    proptest! {
        #[test]
        fn aggregate_is_exact_smallest_and_sorted(nets in prop::collection::vec(any_net(), 0..12)) {
            let aggregated = aggregate(&nets);
            for address in universe() {
                prop_assert_eq!(covers(&aggregated, &address), covers(&nets, &address), "{}", address);
            }
            prop_assert_eq!(aggregated, largest_blocks(&nets));
        }

        #[test]
        fn outermost_ranges_cover_the_same_and_never_overlap(nets in prop::collection::vec(any_net(), 0..12)) {
            let found = outermost(&nets);
            prop_assert_eq!(aggregate(&found), aggregate(&nets));
            for (place, net) in found.iter().enumerate() {
                prop_assert!(nets.iter().any(|known| known.trunc() == *net));
                prop_assert!(found[place + 1..].iter().all(|other| !net.contains(other) && !other.contains(net)));
            }
        }

        #[test]
        fn pairs_are_those_of_brute_force(
            items in prop::collection::vec((any_net(), 0..4usize), 0..24),
        ) {
            let share = |a: &IpNet, b: &IpNet| universe().iter().any(|x| a.contains(x) && b.contains(x));
            let mut expected = Vec::new();
            for (i, (net, owner)) in items.iter().enumerate() {
                for (j, (other, others_owner)) in items.iter().enumerate().skip(i + 1) {
                    if owner != others_owner && share(net, other) {
                        expected.push((i, j));
                    }
                }
            }
            prop_assert_eq!(overlapping_pairs(&items), expected);
        }
    }

    fn nets(text: &[&str]) -> Vec<IpNet> {
        text.iter().map(|net| net.parse().unwrap()).collect()
    }

    #[test]
    fn the_ends_of_the_address_space_hold() {
        let whole = nets(&["0.0.0.0/0", "::/0"]);
        let halves = [
            "0.0.0.0/1",
            "128.0.0.0/1",
            "::/1",
            "8000::/1",
            "255.255.255.255/32",
        ];
        assert_eq!(aggregate(&nets(&halves)), whole);
        assert_eq!(aggregate(&whole), whole);
        assert_eq!(aggregate(&[]), []);
    }

    #[test]
    fn every_ancestor_is_paired_not_only_the_nearest() {
        let nets = nets(&["10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "fd00::/8"]);
        let items: Vec<(IpNet, usize)> = nets.into_iter().zip(0..).collect();
        assert_eq!(overlapping_pairs(&items), [(0, 1), (0, 2), (1, 2)]);
    }
}
