//! Any bytes as a dump of each of two clusters.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meshgen_fuzz::dumps(bytes));
