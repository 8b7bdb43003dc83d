//! The `meshgen` binary.
fn main() {}
