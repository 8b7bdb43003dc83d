//! Any text as the current `valuesBlock` of a cluster, merged and patched.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| meshgen_fuzz::values_block(text));
