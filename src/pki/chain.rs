//! Whether a server that trusts some CAs takes a client's certificate: Go's `Certificate.Verify`, step by step.

use super::facts::Facts;
use super::policy_tree;
use super::signature::{Signature, check};

/// Why a certificate is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No CA that is trusted signed it.
    NoSigner,
    /// The signature is over a hash that Go refuses.
    WeakHash(&'static str),
    /// Its signature cannot be computed here.
    CannotTell,
    /// It has a critical extension that Go does not know.
    CriticalExtension(String),
    /// It, or a certificate above it, is for other uses.
    Usage,
    /// It demands a certificate policy that there is none of.
    Policy,
    /// A CA above it does not allow one of its names.
    Name(String),
    /// A CA above it cannot sign it.
    Above(&'static str),
}

/// How often Go looks at a signature before it gives up.
const CHECKS: usize = 100;

struct Search<'f, 's> {
    between: &'f [Facts],
    trusted: &'s [&'f Facts],
    /// `None` looks at no dates.
    now: Option<i64>,
    checks: usize,
    /// The first reason why a CA did not do.
    hint: Option<Refusal>,
    chains: Vec<Vec<&'f Facts>>,
}

/// Looks for a chain from `leaf` over `between` to one of `trusted`. Only dates of `between` are looked at: those of the
/// others are told apart.
pub(super) fn verify<'f>(
    leaf: &'f Facts,
    between: &'f [Facts],
    trusted: &[&'f Facts],
    now: Option<i64>,
) -> Result<(), Refusal> {
    if let Some(extension) = &leaf.unknown_critical {
        return Err(Refusal::CriticalExtension(extension.clone()));
    }
    let mut search = Search {
        between,
        trusted,
        now,
        checks: 0,
        hint: None,
        chains: Vec::new(),
    };
    if trusted.iter().any(|ca| ca.fingerprint == leaf.fingerprint) {
        search.chains.push(vec![leaf]);
    } else {
        search.climb(&[leaf]);
    }
    let mut refusal = search.hint.unwrap_or(Refusal::NoSigner);
    for chain in &search.chains {
        match judge(chain) {
            Ok(()) => return Ok(()),
            Err(reason) => refusal = reason,
        }
    }
    Err(refusal)
}

impl<'f> Search<'f, '_> {
    fn climb(&mut self, chain: &[&'f Facts]) {
        let Some(child) = chain.last() else { return };
        let trusted = self.trusted.iter().map(|ca| (*ca, true));
        let between = self.between.iter().map(|ca| (ca, false));
        for (parent, is_trusted) in trusted.chain(between) {
            if parent.subject.der != child.issuer.der {
                continue;
            }
            self.checks += 1;
            if self.checks > CHECKS || is_there(parent, chain) {
                continue;
            }
            if let Err(reason) = self.may_follow(parent, chain, is_trusted) {
                self.hint.get_or_insert(reason);
                continue;
            }
            let longer = [chain, &[parent]].concat();
            if is_trusted {
                self.chains.push(longer);
            } else {
                self.climb(&longer);
            }
        }
    }

    fn may_follow(&self, ca: &Facts, chain: &[&Facts], is_trusted: bool) -> Result<(), Refusal> {
        let Some(child) = chain.last() else {
            return Err(Refusal::NoSigner);
        };
        if !ca.may_sign() {
            return Err(Refusal::Above(
                "is not one of a CA that may sign certificates",
            ));
        }
        match check(child, ca) {
            Signature::Valid => {}
            Signature::Invalid => return Err(Refusal::NoSigner),
            Signature::Refused(hash) => return Err(Refusal::WeakHash(hash)),
            Signature::Unsupported => return Err(Refusal::CannotTell),
        }
        if ca.unknown_critical.is_some() {
            return Err(Refusal::Above(
                "has a critical extension that Go does not know",
            ));
        }
        let is_out_of_date = |now: i64| now < ca.not_before || now > ca.not_after;
        if !is_trusted && self.now.is_some_and(is_out_of_date) {
            return Err(Refusal::Above("is out of date"));
        }
        if !is_trusted && ca.says_ca != Some(true) {
            return Err(Refusal::Above("is not one of a CA"));
        }
        let below = u32::try_from(chain.len() - 1).unwrap_or(u32::MAX);
        if ca.path_len.is_some_and(|most| below > most) {
            return Err(Refusal::Above("allows fewer CAs below it"));
        }
        Ok(())
    }
}

/// Whether a CA, or the same one under another signature, is in the chain already.
fn is_there(ca: &Facts, chain: &[&Facts]) -> bool {
    chain.iter().any(|cert| {
        cert.subject.der == ca.subject.der && cert.spki == ca.spki && cert.names == ca.names
    })
}

fn judge(chain: &[&Facts]) -> Result<(), Refusal> {
    if !policy_tree::allow(chain) {
        return Err(Refusal::Policy);
    }
    if !chain.iter().all(|cert| cert.usage.allows_client()) {
        return Err(Refusal::Usage);
    }
    match refused_name(chain) {
        Some(name) => Err(Refusal::Name(name)),
        None => Ok(()),
    }
}

/// The first name in a chain (the leaf first) that a CA above it does not allow.
fn refused_name(chain: &[&Facts]) -> Option<String> {
    let named = chain
        .iter()
        .enumerate()
        .filter(|(_, cert)| cert.names.is_there);
    named.into_iter().find_map(|(index, cert)| {
        let above = chain.get(index + 1..).unwrap_or_default();
        let mut constraints = above.iter().filter_map(|ca| ca.constraints.as_ref());
        constraints.find_map(|constraints| constraints.refuses(&cert.names))
    })
}
