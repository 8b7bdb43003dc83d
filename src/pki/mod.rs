//! Certificates and keys: reading them as users give them, and proving that they belong together.
//!
//! Nothing here looks at the clock, a file or the network, and no input makes it panic.

mod block;
mod certificate;
mod der;
mod encoding;
mod facts;
mod fit;
mod key;
mod material;
mod mistake;
mod names;
mod proof;
mod public_key;
mod secret;
mod signature;
#[cfg(test)]
mod tests;

pub use certificate::{Certificate, CertificateError, Validity};
pub use encoding::{Pem, PemLabel, read_pem};
pub use facts::{ExtendedUsage, Facts, Subject};
pub use fit::Fit;
pub use key::{KeyError, PrivateKey};
pub use mistake::EncodingError;
pub use names::Names;
pub use proof::{CaFault, RemoteFault, ends_later_than_half_lifetime, prove_ca, prove_remote};
pub use public_key::{Curve, KeyKind, PublicKey};
pub use secret::KeyText;
pub use signature::{Signature, Weakness};
