//! The webhook's rules as data: one row per border at which KKP changed them.

use super::crd::{self, CrdSchema};
use crate::kkp::KkpVersion;

/// How two values of a protected key are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// As Go data: `"24"` and `24` differ, a missing key and null do not.
    Typed,
    /// As Go prints them: `"24"` and `24` are the same, `1000000` and `"1000000"` are not.
    Printed,
}

/// Which field the validating handler takes the Helm values from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValuesFrom {
    /// `spec.values`, even where the CRD knows `valuesBlock`.
    Values,
    /// Whichever of `spec.values` and `spec.valuesBlock` is set; with both set none is read.
    Either,
}

/// The rules of one span of KKP versions. Data only: [`super::predict`] gives it meaning.
#[derive(Clone, Copy, Debug)]
pub struct Admission {
    /// The first KKP version that these rules hold for.
    pub since: KkpVersion,
    /// What the CRD keeps of `spec`.
    /// Source: `pkg/crd/k8c.io/apps.kubermatic.k8c.io_applicationinstallations.yaml`.
    pub schema: &'static CrdSchema,
    /// Whether an absent `spec.namespace` reads as empty; otherwise the handler fails with a server error.
    /// Source: `pkg/apis/apps.kubermatic/v1/application_installation.go`, a struct first and a pointer later.
    pub reads_absent_namespace: bool,
    /// Which field holds the values. Source: `pkg/validation/application_installation.go`.
    pub values_from: ValuesFrom,
    /// Whether `values` and `valuesBlock` may not both be set. Source: the same file.
    pub refuses_both: bool,
    /// Top-level keys of the values that KKP alone sets.
    /// Source of this and all that follows: `pkg/cni/cilium/cilium.go`, and from 2.28
    /// `pkg/controller/seed-controller-manager/cni-application-installation-controller/validation.go`.
    pub protected: &'static [&'static str],
    /// How protected keys are compared.
    pub comparison: Comparison,
    /// Paths whose presence, before or after, frees the whole protected key they begin with from comparison.
    pub exemptions: &'static [&'static [&'static str]],
    /// Whether a protected key that was there must stay, neither null nor empty text, exempt or not.
    pub keeps_protected: bool,
    /// Keys that must be there, with whatever value.
    pub mandatory: &'static [&'static str],
    /// Keys that must be there too while `kubeProxyReplacement` is the text `strict`.
    pub mandatory_when_strict: &'static [&'static str],
    /// Keys of the map `operator` (itself mandatory) that are protected; never exempt.
    pub operator_protected: &'static [&'static str],
}

/// KKP 2.22.0.
const V2_22: Admission = Admission {
    since: (2, 22, 0),
    schema: &crd::WITHOUT_BLOCK,
    reads_absent_namespace: true,
    values_from: ValuesFrom::Values,
    refuses_both: false,
    protected: &["cni", "ipam", "ipv6"],
    comparison: Comparison::Typed,
    exemptions: &[],
    keeps_protected: false,
    mandatory: &["kubeProxyReplacement"],
    mandatory_when_strict: &["k8sServiceHost", "k8sServicePort"],
    operator_protected: &["securityContext"],
};

/// KKP 2.24.0: compared as printed, with two exemptions (`pkg/cni/cilium/cilium.go`).
const V2_24: Admission = Admission {
    since: (2, 24, 0),
    comparison: Comparison::Printed,
    exemptions: &[
        &["cni", "chainingMode"],
        &["ipam", "operator", "clusterPoolIPv4PodCIDR"],
    ],
    ..V2_22
};

/// KKP 2.25.0: the CRD gains `valuesBlock`, which is refused beside `values` but not read
/// (`pkg/validation/application_installation.go`).
const V2_25: Admission = Admission {
    since: (2, 25, 0),
    schema: &crd::WITH_BLOCK,
    refuses_both: true,
    ..V2_24
};

/// KKP 2.25.9: the block is read (`pkg/validation/application_installation.go`).
const V2_25_9: Admission = Admission {
    since: (2, 25, 9),
    values_from: ValuesFrom::Either,
    ..V2_25
};

/// KKP 2.26.0: the exemptions are written otherwise (`pkg/cni/cilium/cilium.go`); the rules are those of 2.25.9.
const V2_26: Admission = Admission {
    since: (2, 26, 0),
    ..V2_25_9
};

/// KKP 2.27.0: other exemptions, protected keys must stay (`pkg/cni/cilium/cilium.go`), and the namespace is optional
/// in the CRD but not in the handler.
const V2_27: Admission = Admission {
    since: (2, 27, 0),
    schema: &crd::WITH_OPTIONAL_NAMESPACE,
    reads_absent_namespace: false,
    exemptions: &[
        &["cni", "chainingMode"],
        &["ipam", "operator", "clusterPoolIPv4MaskSize"],
        &["ipam", "operator", "clusterPoolIPv6MaskSize"],
    ],
    keeps_protected: true,
    ..V2_26
};

/// All rows, oldest first.
static ROWS: [Admission; 6] = [V2_22, V2_24, V2_25, V2_25_9, V2_26, V2_27];

/// The rules of a KKP version: the row with the highest border that is not above it (below 2.22.0, which has no
/// `cilium` ApplicationInstallation, the oldest).
#[must_use]
pub fn admission(kkp: KkpVersion) -> &'static Admission {
    ROWS.iter()
        .rev()
        .find(|row| row.since <= kkp)
        .unwrap_or(&ROWS[0])
}

impl Admission {
    /// Whether the CRD knows `spec.valuesBlock`; where it does not, the field is dropped in silence.
    #[must_use]
    pub fn knows_values_block(&self) -> bool {
        self.schema.knows("valuesBlock")
    }
}
