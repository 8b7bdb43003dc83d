//! The codes of what is found while reading texts.

use crate::code::{Code, code};

pub(crate) static SYNTAX: Code = code!(
    "syntax", Error,
    what: "A file is not what it should be as text: not YAML, a key twice in one mapping, no document, a second one, or more values than meshgen reads.",
    why: "Nothing sure can be said about such a file. Readers differ in which of two equal keys they take, and most drop a second document without a word.",
);

pub(crate) static UNKNOWN_KEY: Code = code!(
    "unknown-key", Error,
    what: "A key that mesh.yaml does not have.",
    why: "It is most often a misspelled one, and what it says would be ignored. The help names the nearest key that there is.",
);

pub(crate) static WRONG_TYPE: Code = code!(
    "wrong-type", Error,
    what: "A value is of another type than its key takes, or is none of the words that it takes.",
    why: "Versions are strings: an unquoted 2.30 is the number 2.3. Lists stay lists with one item only.",
);

pub(crate) static KEY_MISSING: Code = code!(
    "key-missing", Error,
    what: "A key that must be there is not.",
    why: "Without it there is nothing to compile: a mesh needs `apiVersion` and `clusters`, a cluster its `name` and `id`.",
);

pub(crate) static INPUT_ENCRYPTED: Code = code!(
    "input-encrypted", Warning,
    what: "A file that mesh.yaml names is encrypted with SOPS.",
    why: "meshgen reads plain text only, and runs no other program. What is encrypted counts as unknown: a warning in `validate`, an error in `render` where a patch needs it. Decrypt the file beside the repository, or give the value by `{env: NAME}` under `sops exec-env`.",
);

/// All of them.
pub(crate) static CODES: &[&Code] = &[
    &INPUT_ENCRYPTED,
    &SYNTAX,
    &UNKNOWN_KEY,
    &WRONG_TYPE,
    &KEY_MISSING,
];
