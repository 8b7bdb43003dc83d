//! Any bytes as mesh.yaml.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meshgen_fuzz::mesh_file(bytes));
