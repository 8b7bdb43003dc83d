//! Reading a certificate as Go's `x509.ParseCertificate` does, step by step: whatever it refuses is `None`.
//!
//! General readers differ from it both ways (they take BER, versions and times that Go refuses, and refuse strings and
//! serial numbers that Go takes); `fixtures/x509` holds Go's verdict on several hundred odd certificates.

use sha2::{Digest, Sha256};

use super::algorithm::{Algorithm, algorithm_id};
use super::der::{DerReader, SEQUENCE, SET, context, explicit, small};
use super::facts::{ExtendedUsage, Facts, Signed, Subject, is_serial};
use super::names::Names;
use super::policies::PolicyFacts;
use super::public_key::PublicKey;
use super::signature::{Signature, check};
use super::{extensions, moment, oids, text};

/// The facts of a certificate that fills `der`.
pub(super) fn certificate(der: &[u8]) -> Option<Facts> {
    let mut outside = DerReader::new(der);
    let mut whole = outside.enter(SEQUENCE)?;
    if !outside.is_empty() {
        return None;
    }
    let signed_part = whole.element(SEQUENCE)?;
    let outer_algorithm = whole.take(SEQUENCE)?;
    let mut facts = contents(signed_part.content, outer_algorithm)?;
    facts.signed.content = signed_part.whole.to_vec();
    facts.signed.signature = whole.bits()?.right_aligned();
    facts.fingerprint = hex::encode(Sha256::digest(der));
    facts.self_signed = check(&facts, &facts) != Signature::Invalid;
    Some(facts)
}

fn contents(signed_part: &[u8], outer_algorithm: &[u8]) -> Option<Facts> {
    let mut inside = DerReader::new(signed_part);
    let version = version(&mut inside)?;
    inside.integer().filter(|serial| is_serial(serial))?;
    let algorithm = inside.take(SEQUENCE)?;
    if algorithm != outer_algorithm {
        return None;
    }
    let algorithm = Algorithm::read(&algorithm_id(algorithm)?);
    let issuer = distinguished_name(&mut inside)?;
    let mut validity = inside.enter(SEQUENCE)?;
    let (not_before, not_after) = (moment::read(&mut validity)?, moment::read(&mut validity)?);
    let subject = distinguished_name(&mut inside)?;
    let spki = inside.element(SEQUENCE)?;
    let mut facts = Facts {
        subject,
        issuer,
        is_ca: version < 3,
        path_len: None,
        cert_sign: None,
        not_before,
        not_after,
        usage: ExtendedUsage::Absent,
        names: Names::default(),
        public_key: public_key(spki.content)?,
        subject_key_id: None,
        authority_key_id: None,
        self_signed: false,
        fingerprint: String::new(),
        version,
        says_ca: None,
        unknown_critical: None,
        constraints: None,
        policies: PolicyFacts::default(),
        signed: Signed {
            algorithm,
            content: Vec::new(),
            signature: Vec::new(),
        },
        spki: spki.whole.to_vec(),
    };
    if version > 1 {
        inside.optional(context(1))?;
        inside.optional(context(2))?;
    }
    if version == 3
        && let Some(list) = inside.optional(explicit(3))?
    {
        extensions::read(DerReader::new(list), &mut facts)?;
    }
    Some(facts)
}

/// 1 where none is written.
fn version(inside: &mut DerReader<'_>) -> Option<u8> {
    let Some(written) = inside.optional(explicit(0))? else {
        return Some(1);
    };
    let mut written = DerReader::new(written);
    let version = small(written.integer()?).filter(|version| *version <= 2)?;
    let alone = written.is_empty();
    u8::try_from(version + 1).ok().filter(|_| alone)
}

fn public_key(content: &[u8]) -> Option<PublicKey> {
    let mut inside = DerReader::new(content);
    let algorithm = algorithm_id(inside.take(SEQUENCE)?)?;
    let bits = inside.bits()?;
    PublicKey::read(&algorithm, &bits.right_aligned())
}

fn distinguished_name(inside: &mut DerReader<'_>) -> Option<Subject> {
    let name = inside.element(SEQUENCE)?;
    let mut common_name = None;
    let mut sets = DerReader::new(name.content);
    while !sets.is_empty() {
        let mut set = sets.enter(SET)?;
        while !set.is_empty() {
            let mut attribute = set.enter(SEQUENCE)?;
            let kind = attribute.oid()?;
            let value = attribute.any()?;
            let value = text::read(value.tag, value.content)?;
            if kind == oids::COMMON_NAME {
                common_name = Some(value);
            }
        }
    }
    Some(Subject {
        common_name,
        der: name.whole.to_vec(),
    })
}
