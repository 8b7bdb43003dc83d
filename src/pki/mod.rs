//! Certificates and keys: reading them as users give them, and proving that they belong together.
//!
//! Nothing here looks at the clock, a file or the network, and no input makes it panic.

mod algorithm;
mod block;
mod certificate;
mod chain;
mod constraints;
mod der;
mod encoding;
mod extensions;
mod facts;
mod fit;
pub(crate) mod issue;
mod key;
mod mailbox;
mod material;
mod mistake;
mod moment;
mod names;
mod oids;
mod parse;
mod policies;
mod policy_tree;
mod proof;
mod public_key;
mod rsa_key;
mod secret;
mod signature;
#[cfg(test)]
mod tests;
mod text;
mod uri;

pub use certificate::{Certificate, CertificateError, Validity};
pub use chain::Refusal;
pub use encoding::{Pem, read_pem, text_of_file};
pub use facts::{ExtendedUsage, Facts, Subject};
pub use fit::Fit;
pub use key::{KeyError, PrivateKey};
pub use mistake::EncodingError;
pub use names::Names;
pub use proof::{CaFault, RemoteFault, ends_later_than_half_lifetime, prove_ca, prove_remote};
pub use public_key::{Curve, KeyKind, PublicKey, RsaNumbers};
pub use secret::KeyText;
pub use signature::{Signature, Weakness};
