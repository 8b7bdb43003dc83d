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

pub use certificate::Certificate;
pub(crate) use certificate::Validity;
pub(crate) use chain::Refusal;
pub(crate) use encoding::text_of_file;
pub use fit::Fit;
pub(crate) use key::KeyError;
pub use key::PrivateKey;
pub(crate) use proof::{CaFault, RemoteFault, ends_later_than_half_lifetime};
pub use proof::{prove_ca, prove_remote};
pub(crate) use public_key::KeyKind;
pub(crate) use secret::KeyText;
pub(crate) use signature::Weakness;
