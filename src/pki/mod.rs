//! Certificates and keys: reading them as users give them, and proving that they belong together.
//!
//! Nothing here looks at the clock, a file or the network, and no input makes it panic.

mod block;
mod der;
mod encoding;
mod mistake;
mod secret;
#[cfg(test)]
mod tests;

pub use encoding::{Pem, PemLabel, read_pem};
pub use mistake::EncodingError;
pub use secret::KeyText;
