//! Any text as a certificate or key, and any bytes as the DER inside one.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meshgen_fuzz::pki(bytes));
