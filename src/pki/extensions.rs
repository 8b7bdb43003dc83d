//! The extensions of a certificate, as Go reads them.

use std::collections::BTreeSet;

use super::constraints::Constraints;
use super::der::{BOOLEAN, DerReader, INTEGER, OCTET_STRING, SEQUENCE, context, explicit, small};
use super::facts::{ExtendedUsage, Facts};
use super::names::Names;
use super::oids;
use super::policies::{self, PolicyFacts};

struct Extension<'a> {
    oid: &'a [u8],
    critical: bool,
    value: &'a [u8],
}

/// Reads all extensions into `facts`; `None` where Go refuses the certificate for one of them.
pub(super) fn read(mut list: DerReader<'_>, facts: &mut Facts) -> Option<()> {
    let mut list = list.enter(SEQUENCE)?;
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    while !list.is_empty() {
        let extension = one(list.enter(SEQUENCE)?)?;
        if !seen.insert(extension.oid) {
            return None;
        }
        all.push(extension);
    }
    for extension in &all {
        let is_known = process(extension, facts)?;
        if !is_known && extension.critical && facts.unknown_critical.is_none() {
            facts.unknown_critical = Some(oids::dotted(extension.oid));
        }
    }
    Some(())
}

fn one(mut inside: DerReader<'_>) -> Option<Extension<'_>> {
    let oid = inside.oid()?;
    let critical = inside.peek() == Some(BOOLEAN) && inside.boolean()?;
    let value = inside.take(OCTET_STRING)?;
    Some(Extension {
        oid,
        critical,
        value,
    })
}

/// Whether Go knows it; what stands behind the value is not looked at.
fn process(extension: &Extension<'_>, facts: &mut Facts) -> Option<bool> {
    let value = DerReader::new(extension.value);
    match extension.oid {
        [0x55, 0x1d, number] => return identified(*number, extension, value, facts),
        oids::AUTHORITY_INFO if extension.critical => return None,
        oids::AUTHORITY_INFO => authority_info(value)?,
        _ => return Some(false),
    }
    Some(true)
}

/// The extensions of X.509 itself, 2.5.29.number.
fn identified(
    number: u8,
    extension: &Extension<'_>,
    mut value: DerReader<'_>,
    facts: &mut Facts,
) -> Option<bool> {
    match number {
        14 | 35 if extension.critical => return None,
        14 => facts.subject_key_id = identifier(value.take(OCTET_STRING)?),
        15 => facts.cert_sign = key_usage(value)?,
        17 => {
            facts.names = Names::read(value)?;
            return Some(facts.names.has_any());
        }
        19 => basic_constraints(value, facts)?,
        30 => {
            let (constraints, is_known) = Constraints::read(extension.value)?;
            facts.constraints = Some(constraints);
            return Some(is_known);
        }
        31 => distribution_points(value)?,
        32 => facts.policies.named = policies::named(value)?,
        33 => facts.policies.mapped = policies::mapped(value)?,
        35 => facts.authority_key_id = authority_key(value)?,
        36 => policy_constraints(value, &mut facts.policies)?,
        37 => facts.usage = extended_usage(value)?,
        54 => facts.policies.inhibit_any = Some(small(value.integer()?)?),
        _ => return Some(false),
    }
    Some(true)
}

/// Go takes an empty identifier for none.
fn identifier(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| hex::encode(bytes))
}

/// Whether it allows to sign certificates. Go takes a usage without any bit for none at all.
fn key_usage(mut value: DerReader<'_>) -> Option<Option<bool>> {
    let bits = value.bits()?;
    let names_any = (0..9).any(|bit| bits.at(bit));
    Some(names_any.then(|| bits.at(5)))
}

fn basic_constraints(mut value: DerReader<'_>, facts: &mut Facts) -> Option<()> {
    let mut inside = value.enter(SEQUENCE)?;
    let says_ca = inside.peek() == Some(BOOLEAN) && inside.boolean()?;
    if inside.peek() == Some(INTEGER) {
        let length = small(inside.integer()?)?;
        facts.path_len = Some(u32::try_from(length).unwrap_or(u32::MAX));
    }
    facts.says_ca = Some(says_ca);
    facts.is_ca = says_ca;
    Some(())
}

fn extended_usage(mut value: DerReader<'_>) -> Option<ExtendedUsage> {
    let mut inside = value.enter(SEQUENCE)?;
    let (mut client, mut server, mut any) = (false, false, false);
    if inside.is_empty() {
        return Some(ExtendedUsage::Absent);
    }
    while !inside.is_empty() {
        match inside.oid()? {
            oids::CLIENT_AUTH => client = true,
            oids::SERVER_AUTH => server = true,
            oids::ANY_USAGE => any = true,
            _ => {}
        }
    }
    Some(ExtendedUsage::Listed {
        client,
        server,
        any,
    })
}

fn authority_key(mut value: DerReader<'_>) -> Option<Option<String>> {
    let mut inside = value.enter(SEQUENCE)?;
    let id = inside.optional(context(0))?;
    Some(id.and_then(identifier))
}

fn policy_constraints(mut value: DerReader<'_>, facts: &mut PolicyFacts) -> Option<()> {
    let mut inside = value.enter(SEQUENCE)?;
    for (number, target) in [
        (0, &mut facts.require_explicit),
        (1, &mut facts.inhibit_mapping),
    ] {
        if let Some(digits) = inside.optional(context(number))? {
            *target = signed_limit(digits)?;
        }
    }
    Some(())
}

/// Under an implicit tag Go takes a negative number, and does as if it were not there.
fn signed_limit(digits: &[u8]) -> Option<Option<u64>> {
    let is_integer = {
        let element = [&[INTEGER, u8::try_from(digits.len()).ok()?], digits].concat();
        DerReader::new(&element).integer().is_some() && digits.len() <= 8
    };
    is_integer.then(|| small(digits))
}

fn distribution_points(mut value: DerReader<'_>) -> Option<()> {
    let mut points = value.enter(SEQUENCE)?;
    while !points.is_empty() {
        let mut point = points.enter(SEQUENCE)?;
        if let Some(name) = point.optional(explicit(0))? {
            let mut full = DerReader::new(name).enter(explicit(0))?;
            while full.peek() == Some(context(6)) {
                full.any()?;
            }
        }
    }
    Some(())
}

fn authority_info(mut value: DerReader<'_>) -> Option<()> {
    let mut all = value.enter(SEQUENCE)?;
    while !all.is_empty() {
        let mut description = all.enter(SEQUENCE)?;
        description.oid()?;
        description.optional(context(6))?;
    }
    Some(())
}
