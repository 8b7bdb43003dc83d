//! The codes of what is found while planning: facts that are missing for more.

use crate::code::{Code, code};

pub(crate) static ADDRESS_MISSING: Code = code!(
    "address-missing", Error,
    what: "The address of a cluster's clustermesh-apiserver is not known.",
    why: "Addresses exist only after the bootstrap, so this is an error with `--phase mesh` alone; elsewhere a note. The help is the command that gets it.",
);

pub(crate) static CURRENT_MISSING: Code = code!(
    "current-missing", Error,
    what: "A patch must repeat the current values of a cluster, and its ApplicationInstallation was not dumped.",
    why: "From KKP 2.25.9 the values are one string. A patch can only replace it whole, and one that was made without knowing it would drop all else that the cluster has. In `validate` this is a note.",
);

pub(crate) static FACT_MISSING: Code = code!(
    "fact-missing", Error,
    what: "A certificate that a patch needs is neither typed nor dumped.",
    why: "Certificates exist only after earlier steps, so this is an error only for what was asked for by `--phase`; elsewhere a note. The help is the command that gets it.",
);

/// All of them.
pub(crate) static CODES: &[&Code] = &[&ADDRESS_MISSING, &CURRENT_MISSING, &FACT_MISSING];
