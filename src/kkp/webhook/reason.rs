//! Why an update is refused: facts first, one sentence each. No sentence ever holds a value, since values may be keys.

use std::fmt;

/// Which of the two objects a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The object as it is in the cluster.
    Old,
    /// The object as it would be.
    New,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Old => "the current object",
            Self::New => "the new object",
        })
    }
}

/// One reason for a refusal. Paths of the object begin with `spec` or `metadata`; keys are keys of the Helm values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The CRD, and the mutating handler before it, want another kind of value.
    WrongKind {
        /// Where.
        path: String,
        /// What it has to be.
        wanted: &'static str,
    },
    /// The CRD requires the field.
    Required {
        /// Where.
        path: String,
    },
    /// The text is no Go duration.
    NotADuration {
        /// Where.
        path: &'static str,
    },
    /// The handler reads `spec.namespace` without looking whether it is there.
    NamespaceAbsent,
    /// `spec.reconciliationInterval` is below zero.
    NegativeInterval,
    /// The ApplicationDefinition does not list `spec.applicationRef.version`.
    VersionNotListed,
    /// A Helm timeout is set although Helm is not to wait.
    TimeoutWithoutWait,
    /// `spec.values` and `spec.valuesBlock` are both set.
    BothSet {
        /// In which object.
        side: Side,
    },
    /// A field that cannot change after creation.
    FieldChanged {
        /// Where.
        path: &'static str,
    },
    /// A label that cannot change after creation.
    LabelChanged {
        /// Its name.
        label: &'static str,
    },
    /// The block is no YAML, or no map.
    ValuesUnreadable {
        /// In which object.
        side: Side,
    },
    /// A key that KKP alone sets has another value.
    ProtectedChanged {
        /// The key.
        key: String,
    },
    /// A key that KKP alone sets is gone, null or empty text.
    ProtectedRemoved {
        /// The key.
        key: String,
    },
    /// A key that must be there is not.
    MandatoryMissing {
        /// The key.
        key: &'static str,
    },
    /// `operator` is missing or no map.
    OperatorNotAMap {
        /// In which object.
        side: Side,
    },
}

impl Reason {
    /// Whether the handler cannot even read the object, so that no other rule is asked.
    pub(super) fn is_decoding(&self) -> bool {
        matches!(self, Self::NotADuration { .. })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKind { path, wanted } => write!(f, "`{path}` has to be {wanted}"),
            Self::Required { path } => write!(f, "`{path}` is required"),
            Self::NotADuration { path } => write!(f, "`{path}` is no duration such as 10m"),
            Self::NamespaceAbsent => write!(
                f,
                "`spec.namespace` is absent, which KKP answers with a server error"
            ),
            Self::NegativeInterval => write!(f, "`spec.reconciliationInterval` is negative"),
            Self::VersionNotListed => {
                write!(
                    f,
                    "`spec.applicationRef.version` is not offered by the ApplicationDefinition"
                )
            }
            Self::TimeoutWithoutWait => write!(
                f,
                "`spec.deployOptions.helm` has a timeout but does not wait"
            ),
            Self::BothSet { side } => {
                write!(
                    f,
                    "`spec.values` and `spec.valuesBlock` are both set in {side}; KKP takes one of them"
                )
            }
            Self::FieldChanged { path } => write!(f, "`{path}` cannot change"),
            Self::LabelChanged { label } => write!(f, "the label `{label}` cannot change"),
            Self::ValuesUnreadable { side } => {
                write!(
                    f,
                    "`spec.valuesBlock` of {side} cannot be read as a map of Helm values"
                )
            }
            Self::ProtectedChanged { key } => write!(f, "`{key}` differs, but KKP alone sets it"),
            Self::ProtectedRemoved { key } => {
                write!(f, "`{key}` is missing or empty, but KKP alone sets it")
            }
            Self::MandatoryMissing { key } => write!(f, "`{key}` is missing, but KKP requires it"),
            Self::OperatorNotAMap { side } => {
                write!(f, "`operator` of {side} is missing or no map")
            }
        }
    }
}
