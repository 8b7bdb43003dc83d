//! RSA private keys, judged as Go's crypto/rsa judges them: every number of the file must agree with the others.

use crypto_bigint::{BoxedUint, ConcatenatingMul};
use rsa::sha2::Sha256;

use super::public_key::RsaNumbers;

/// A private key whose numbers agree.
#[derive(Clone)]
pub(super) struct RsaKey {
    public: RsaNumbers,
    /// `None` below 1024 bits, where Go reads a key and then refuses to sign with it.
    signer: Option<rsa::PrivateKey>,
}

impl RsaKey {
    /// From n and e, d, the two primes, and as many of dP, dQ and qInv as there are; `None` if they do not agree.
    pub(super) fn new(
        public: RsaNumbers,
        d: &[u8],
        primes: [&[u8]; 2],
        precomputed: &[impl AsRef<[u8]>],
    ) -> Option<Self> {
        let number = BoxedUint::from_be_slice_vartime;
        let [p, q] = primes.map(number);
        let (n, d) = (number(&public.modulus), number(d));
        let precomputed: Vec<BoxedUint> = precomputed
            .iter()
            .map(|digits| number(digits.as_ref()))
            .collect();
        let e = BoxedUint::from(public.exponent);
        let is_exponent = (3..1 << 31).contains(&public.exponent) && public.exponent % 2 == 1;
        let size = public.bits();
        // Primes that lie close together, and a small d, give the key away.
        let difference = if p > q {
            p.wrapping_sub(&q)
        } else {
            q.wrapping_sub(&p)
        };
        let is_safe = difference.bit_width() as usize > (size / 2).saturating_sub(100)
            && d.bit_width() as usize > size / 2;
        let agrees = is_exponent
            && is_safe
            && d < n
            && p.concatenating_mul(&q) == n
            && inverts(&d, &e, &p)
            && inverts(&d, &e, &q)
            && fits_precomputed(&precomputed, &d, &p, &q);
        if !agrees {
            return None;
        }
        let signer = match size {
            ..1024 => None,
            _ => Some(rsa::PrivateKey::from_components_with_wide_primes(n, e, d, vec![p, q]).ok()?),
        };
        Some(Self { public, signer })
    }

    pub(super) fn public(&self) -> &RsaNumbers {
        &self.public
    }

    /// Whether it signs what the public key verifies.
    pub(super) fn signs_for(&self, public: &RsaNumbers) -> bool {
        if self.public != *public {
            return false;
        }
        let (Some(signer), Some(verifier)) = (&self.signer, public.for_go()) else {
            // Go signs nothing with such a key; its numbers agree, so it is the key, and the weak key is a finding about the certificate.
            return self.signer.is_none();
        };
        let digest = [0x5a; 32];
        signer
            .pkcs1v15_sign_prehash::<Sha256>(&digest)
            .is_ok_and(|signature| {
                verifier
                    .pkcs1v15_verify_prehash::<Sha256>(&digest, &signature)
                    .is_ok()
            })
    }
}

/// Whether d undoes e for a prime.
fn inverts(d: &BoxedUint, e: &BoxedUint, prime: &BoxedUint) -> bool {
    remainder(&d.concatenating_mul(e), &minus_one(prime)).is_some_and(|rest| is_one(&rest))
}

fn fits_precomputed(numbers: &[BoxedUint], d: &BoxedUint, p: &BoxedUint, q: &BoxedUint) -> bool {
    let is_rest = |number: Option<&BoxedUint>, prime: &BoxedUint| {
        let rest = remainder(d, &minus_one(prime));
        number.is_none_or(|number| rest.is_some_and(|rest| rest == *number))
    };
    // Go looks at them only where all three are there.
    let [dp, dq, coefficient] = numbers else {
        return true;
    };
    let inverse = remainder(&coefficient.concatenating_mul(q), p);
    is_rest(Some(dp), p)
        && is_rest(Some(dq), q)
        && coefficient < p
        && inverse.is_some_and(|rest| is_one(&rest))
}

fn minus_one(number: &BoxedUint) -> BoxedUint {
    number.wrapping_sub(BoxedUint::one())
}

fn is_one(number: &BoxedUint) -> bool {
    *number == BoxedUint::one()
}

/// `None` where the divisor is zero.
fn remainder(number: &BoxedUint, divisor: &BoxedUint) -> Option<BoxedUint> {
    let divisor = divisor.to_nz().into_option()?;
    Some(number.rem_vartime(&divisor))
}
