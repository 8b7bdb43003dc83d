//! The codes of what is found while reading texts.

use crate::code::{Code, code};

pub(crate) static CODES: &[Code] = &[
    code!(
        "syntax", Error,
        what: "A file is not what it should be as text: not YAML, a key twice in one mapping, no document, or a second one.",
        why: "Nothing sure can be said about such a file. Readers differ in which of two equal keys they take, and most drop a second document without a word.",
    ),
    code!(
        "unknown-key", Error,
        what: "A key that mesh.yaml does not have.",
        why: "It is most often a misspelled one, and what it says would be ignored. The help names the nearest key that there is.",
    ),
    code!(
        "wrong-type", Error,
        what: "A value is of another type than its key takes, or is none of the words that it takes.",
        why: "Versions are strings: an unquoted 2.30 is the number 2.3. Lists stay lists with one item only.",
    ),
    code!(
        "key-missing", Error,
        what: "A key that must be there is not.",
        why: "Without it there is nothing to compile: a mesh needs `apiVersion` and `clusters`, a cluster its `name` and `id`.",
    ),
];
