//! Whether the policies of a chain allow it: few certificates name policies, but one that demands a policy and has none is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::oids::ANY_POLICY;
use super::policies::{Oid, PolicyFacts};

/// The policies that are still valid, each with those that the next certificate may name for it. `None` where none is.
type PolicyTree = Option<BTreeMap<Oid, BTreeSet<Oid>>>;

/// Whether policies allow a chain (the leaf first, the trusted CA last), by RFC 9618 as Go does it.
pub(super) fn allow(chain: &[&Facts]) -> bool {
    let Some((_, below)) = chain.split_last().filter(|(_, below)| !below.is_empty()) else {
        return true;
    };
    let start = below.len() as u64 + 1;
    let (mut inhibit_any, mut explicit, mut mapping) = (start, start, start);
    let mut tree: PolicyTree = Some(BTreeMap::from([(
        ANY_POLICY.to_vec(),
        BTreeSet::from([ANY_POLICY.to_vec()]),
    )]));
    for (index, cert) in below.iter().enumerate().rev() {
        let own = &cert.policies;
        let is_self_issued = cert.issuer.der == cert.subject.der;
        let is_leaf = index == 0;
        tree = tree.filter(|_| !own.named.is_empty());
        if explicit == 0 && tree.is_none() {
            return false;
        }
        let takes_any = inhibit_any > 0 || !is_leaf && is_self_issued;
        tree = tree.map(|above| narrowed(&above, &own.named, takes_any));
        if is_leaf {
            break;
        }
        if let Some(tree) = &mut tree
            && !map(tree, own, mapping > 0)
        {
            return false;
        }
        for (counter, limit) in [
            (&mut explicit, own.require_explicit),
            (&mut mapping, own.inhibit_mapping),
            (&mut inhibit_any, own.inhibit_any),
        ] {
            let counted = counter.saturating_sub(u64::from(!is_self_issued));
            *counter = limit.map_or(counted, |limit| limit.min(counted));
        }
    }
    let leaf_demands = below
        .first()
        .is_some_and(|leaf| leaf.policies.require_explicit == Some(0));
    let demanded = leaf_demands || explicit.saturating_sub(1) == 0;
    !demanded || tree.is_some_and(|tree| !tree.is_empty())
}

/// What is left of the policies above under the ones that a certificate names.
fn narrowed(
    above: &BTreeMap<Oid, BTreeSet<Oid>>,
    named: &[Oid],
    takes_any: bool,
) -> BTreeMap<Oid, BTreeSet<Oid>> {
    let itself = |oid: &Oid| (oid.clone(), BTreeSet::from([oid.clone()]));
    let expected: BTreeSet<&Oid> = above.values().flatten().collect();
    let above_is_any = above.contains_key(ANY_POLICY);
    let specific = named.iter().filter(|oid| oid.as_slice() != ANY_POLICY);
    let mut left: BTreeMap<_, _> = specific
        .filter(|oid| above_is_any || expected.contains(oid))
        .map(itself)
        .collect();
    if takes_any && named.iter().any(|oid| oid.as_slice() == ANY_POLICY) {
        for oid in expected {
            left.entry(oid.clone())
                .or_insert_with(|| BTreeSet::from([oid.clone()]));
        }
    }
    left
}

/// Puts the mappings of a CA in; false where they are not allowed.
fn map(tree: &mut BTreeMap<Oid, BTreeSet<Oid>>, own: &PolicyFacts, maps: bool) -> bool {
    let mut mappings: BTreeMap<&Oid, BTreeSet<Oid>> = BTreeMap::new();
    for (from, to) in &own.mapped {
        if !maps {
            tree.remove(from);
        } else if from == ANY_POLICY || to == ANY_POLICY {
            return false;
        } else {
            mappings.entry(from).or_default().insert(to.clone());
        }
    }
    for (from, to) in mappings {
        if tree.contains_key(from) || tree.contains_key(ANY_POLICY) {
            tree.insert(from.clone(), to);
        }
    }
    true
}
