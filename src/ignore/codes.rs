//! The code of an `ignore` entry without use.

use crate::code::{Code, code};

pub(super) static IGNORE_UNUSED: Code = code!(
    "ignore-unused", Warning,
    what: "An entry of `ignore` matches no finding.",
    why: "Either what it accepted has been mended, or its code or route is misspelled and it accepts nothing. Remove the entry, or write the code and the route as `meshgen validate --format json` prints them.",
);

/// All of them.
pub(crate) static CODES: &[&Code] = &[&IGNORE_UNUSED];
