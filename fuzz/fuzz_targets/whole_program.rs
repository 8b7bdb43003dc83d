//! Any bytes as mesh.yaml with the dumps of two clusters.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meshgen_fuzz::whole_program(bytes));
