//! Certificate policies, as the extensions of a certificate give them.

use super::der::{DerReader, OBJECT_ID, SEQUENCE};

pub(super) type Oid = Vec<u8>;

/// What a certificate says about policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PolicyFacts {
    /// Those that it was issued under.
    pub(super) named: Vec<Oid>,
    /// Policies of its issuer, and the policies of its own that stand for them.
    pub(super) mapped: Vec<(Oid, Oid)>,
    /// After how many certificates a policy is demanded.
    pub(super) require_explicit: Option<u64>,
    /// After how many certificates policies are mapped no more.
    pub(super) inhibit_mapping: Option<u64>,
    /// After how many certificates "any policy" counts no more.
    pub(super) inhibit_any: Option<u64>,
}

/// The policies extension.
pub(super) fn named(mut value: DerReader<'_>) -> Option<Vec<Oid>> {
    let mut list = value.enter(SEQUENCE)?;
    let mut all: Vec<Oid> = Vec::new();
    while !list.is_empty() {
        let oid = list.enter(SEQUENCE)?.take(OBJECT_ID)?.to_vec();
        if !is_any_length_oid(&oid) || all.contains(&oid) {
            return None;
        }
        all.push(oid);
    }
    Some(all)
}

/// The mappings extension.
pub(super) fn mapped(mut value: DerReader<'_>) -> Option<Vec<(Oid, Oid)>> {
    let mut list = value.enter(SEQUENCE)?;
    let mut all = Vec::new();
    while !list.is_empty() {
        let mut pair = list.enter(SEQUENCE)?;
        all.push((
            pair.take(OBJECT_ID)?.to_vec(),
            pair.take(OBJECT_ID)?.to_vec(),
        ));
    }
    Some(all)
}

/// In policies Go takes numbers of any size.
fn is_any_length_oid(bytes: &[u8]) -> bool {
    let starts = std::iter::once(&0).chain(bytes);
    let pads = starts
        .zip(bytes)
        .any(|(before, byte)| before & 0x80 == 0 && *byte == 0x80);
    bytes.last().is_some_and(|last| last & 0x80 == 0) && !pads
}
