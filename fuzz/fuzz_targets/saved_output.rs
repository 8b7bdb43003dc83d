//! Any bytes as a file that was saved for `meshgen verify`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| meshgen_fuzz::saved_output(bytes));
