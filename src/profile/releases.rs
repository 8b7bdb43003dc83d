//! What each KKP version does with the ApplicationInstallation `cilium`, as data.
//!
//! A row is good for every version from its own up to the next row's. Sources in `kubermatic/kubermatic`:
//! `pkg/cni/version.go` for the versions on offer, `pkg/crd/k8c.io` for the schema, and the CNI
//! controller `cni-application-installation-controller` for the form it writes.

use serde::{Deserialize, Serialize};

use super::ReleaseLines;
use super::version::Version;
use super::withdrawn::{self, Withdrawn};

/// Where the Helm values stand in the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValuesField {
    /// `spec.values`, an object: changed by a merge patch.
    #[serde(rename = "values")]
    Values,
    /// `spec.valuesBlock`, one string of YAML: replaced whole by a JSON Patch.
    #[serde(rename = "valuesBlock")]
    Block,
}

/// One row: what a KKP version does.
#[derive(Debug, Clone, Copy)]
pub struct Kkp {
    /// The first version that this row is about.
    pub from: Version,
    /// The form that the CNI controller gives to a new cluster's object. Block from 2.25.9.
    pub form: ValuesField,
    /// The Cilium version of a new cluster.
    pub default_cilium: Version,
    /// Other Cilium versions on offer for new clusters (addon-managed 1.11 and 1.12 left out).
    pub offered: &'static [Version],
    /// Cilium versions that are no longer on offer, but that a cluster may still have.
    pub deprecated: &'static [&'static Withdrawn],
    /// Whether `kubeProxyReplacement` is written as `"true"`, which 1.13.4 to 1.13.14 refuse. From 2.26.
    pub kube_proxy_replacement_as_bool: bool,
    /// Whether the node mask is written as a string, which the schema of 1.16 refuses. To 2.26.
    pub mask_as_string: bool,
    /// Whether `clusterPoolIPv4PodCIDR` is written, which 1.14 has removed. 2.22 and 2.23.
    pub single_pod_cidr: bool,
    /// Whether Helm is atomic, so that a failed first apply is rolled back. From 2.27.
    pub atomic: bool,
    /// Whether the values of a new cluster switch Envoy's DaemonSet off. From 2.27.
    pub envoy_off: bool,
    /// Whether every reconcile is a Helm upgrade, which re-issues leaves made by a hook. To 2.25.
    pub upgrades_always: bool,
    /// Whether `{{` in a value is executed as a template. From 2.27 (Enterprise), 2.28 (all).
    pub templates_values: bool,
    /// What such a template can read (`pkg/applications/providers/template/util.go`): annotations and labels from 2.29.
    pub template_data: &'static [TemplateField],
}

impl Kkp {
    /// The Cilium versions of new clusters, oldest first, for messages.
    pub fn on_offer(&self) -> String {
        let default =
            Some(self.default_cilium).filter(|cilium| self.offer(*cilium) == Offer::Offered);
        let mut versions: Vec<Version> = self.offered.iter().copied().chain(default).collect();
        versions.sort_unstable();
        versions.dedup();
        let texts: Vec<String> = versions.iter().map(Version::to_string).collect();
        texts.join(", ")
    }

    /// What KKP says of a Cilium version.
    pub fn offer(&self, cilium: Version) -> Offer {
        if self.offered.contains(&cilium) {
            return Offer::Offered;
        }
        let mut withdrawn = self.deprecated.iter();
        match withdrawn.find(|withdrawn| withdrawn.versions.contains(&cilium)) {
            Some(withdrawn) => Offer::Deprecated(withdrawn.why),
            None if self.default_cilium == cilium => Offer::Offered,
            None => Offer::Unknown,
        }
    }
}

/// What a KKP version says of a Cilium version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// New clusters can have it.
    Offered,
    /// Clusters may still have it; with the faults that it is known for, if KKP names any.
    Deprecated(&'static str),
    /// KKP does not have it.
    Unknown,
}

const fn v(minor: u16, patch: u16) -> Version {
    Version::new(2, minor, patch)
}

const fn c(minor: u16, patch: u16) -> Version {
    Version::new(1, minor, patch)
}

/// One thing that a template in the values can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateField {
    /// The name, as it is typed behind a dot.
    pub name: &'static str,
    /// What it holds.
    pub data: TemplateData,
}

/// What a field of a template's data holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateData {
    /// Text of letters, digits and `.`, `-`, `_`, `:`, `/` that every cluster has.
    Word,
    /// Such text, which is empty until the cluster's API server has an address.
    LateWord,
    /// Text that a person types, or none.
    Free,
    /// A whole number.
    Number,
    /// Text by name, of the characters that Kubernetes allows in labels.
    Labels,
    /// Text by name, of any characters.
    Annotations,
    /// Further fields.
    Fields(&'static [TemplateField]),
}

const fn field(name: &'static str, data: TemplateData) -> TemplateField {
    TemplateField { name, data }
}

/// `ClusterAddress` in `sdk/apis/kubermatic/v1/cluster.go`.
const ADDRESS: &[TemplateField] = &[
    field("URL", TemplateData::LateWord),
    field("Port", TemplateData::Number),
    field("ExternalName", TemplateData::LateWord),
    field("InternalName", TemplateData::LateWord),
    field("AdminToken", TemplateData::LateWord),
    field("IP", TemplateData::LateWord),
    field("APIServerExternalAddress", TemplateData::LateWord),
];

const CLUSTER_2_27: &[TemplateField] = &[
    field("Name", TemplateData::Word),
    field("HumanReadableName", TemplateData::Free),
    field("OwnerEmail", TemplateData::Free),
    field("Address", TemplateData::Fields(ADDRESS)),
    field("Version", TemplateData::Word),
    field("MajorMinorVersion", TemplateData::Word),
    field("AutoscalerVersion", TemplateData::Word),
];

const CLUSTER_2_29: &[TemplateField] = &[
    field("Name", TemplateData::Word),
    field("HumanReadableName", TemplateData::Free),
    field("OwnerEmail", TemplateData::Free),
    field("Address", TemplateData::Fields(ADDRESS)),
    field("Version", TemplateData::Word),
    field("MajorMinorVersion", TemplateData::Word),
    field("AutoscalerVersion", TemplateData::Word),
    field("Annotations", TemplateData::Annotations),
    field("Labels", TemplateData::Labels),
];

const DATA_2_27: &[TemplateField] = &[field("Cluster", TemplateData::Fields(CLUSTER_2_27))];

const DATA_2_29: &[TemplateField] = &[field("Cluster", TemplateData::Fields(CLUSTER_2_29))];

const V2_22_0: Kkp = Kkp {
    from: v(22, 0),
    form: ValuesField::Values,
    default_cilium: c(13, 0),
    offered: &[],
    deprecated: &[],
    kube_proxy_replacement_as_bool: false,
    mask_as_string: true,
    single_pod_cidr: true,
    atomic: false,
    envoy_off: false,
    upgrades_always: true,
    templates_values: false,
    template_data: &[],
};

const V2_24_0: Kkp = Kkp {
    from: v(24, 0),
    default_cilium: c(14, 3),
    offered: &[c(13, 8)],
    deprecated: withdrawn::SINCE_2_24,
    single_pod_cidr: false,
    ..V2_22_0
};

const V2_25_1: Kkp = Kkp {
    from: v(25, 1),
    default_cilium: c(14, 9),
    offered: &[c(13, 14)],
    deprecated: withdrawn::SINCE_2_25_1,
    ..V2_24_0
};

const V2_25_9: Kkp = Kkp {
    from: v(25, 9),
    form: ValuesField::Block,
    ..V2_25_1
};

const V2_26_0: Kkp = Kkp {
    from: v(26, 0),
    default_cilium: c(15, 3),
    offered: &[c(13, 14), c(14, 9)],
    deprecated: withdrawn::SINCE_2_25_1,
    kube_proxy_replacement_as_bool: true,
    upgrades_always: false,
    ..V2_25_9
};

const V2_27_0: Kkp = Kkp {
    from: v(27, 0),
    default_cilium: c(16, 6),
    offered: &[c(14, 16), c(15, 10)],
    deprecated: withdrawn::SINCE_2_27,
    mask_as_string: false,
    atomic: true,
    envoy_off: true,
    templates_values: true,
    template_data: DATA_2_27,
    ..V2_26_0
};

const V2_27_4: Kkp = Kkp {
    from: v(27, 4),
    default_cilium: c(16, 9),
    offered: &[c(14, 16), c(15, 16)],
    deprecated: withdrawn::SINCE_2_27_4,
    ..V2_27_0
};

const V2_29_0: Kkp = Kkp {
    from: v(29, 0),
    default_cilium: c(18, 2),
    offered: &[c(15, 16), c(16, 9), c(17, 7)],
    deprecated: withdrawn::SINCE_2_29,
    template_data: DATA_2_29,
    ..V2_27_4
};

const V2_30_0: Kkp = Kkp {
    from: v(30, 0),
    offered: &[c(15, 16), c(16, 9), c(17, 7), c(17, 12), c(18, 6)],
    ..V2_29_0
};

const V2_31_0: Kkp = Kkp {
    from: v(31, 0),
    default_cilium: c(19, 4),
    offered: &[c(17, 16), c(18, 10)],
    deprecated: withdrawn::SINCE_2_31,
    ..V2_30_0
};

const V2_31_2: Kkp = Kkp {
    from: v(31, 2),
    default_cilium: c(19, 8),
    offered: &[c(17, 16), c(18, 10), c(18, 14), c(19, 4)],
    ..V2_31_0
};

/// All rows, oldest first.
pub(crate) static RELEASES: &[Kkp] = &[
    V2_22_0,
    Kkp {
        from: v(22, 9),
        default_cilium: c(13, 8),
        deprecated: withdrawn::SINCE_2_22_9,
        ..V2_22_0
    },
    Kkp {
        from: v(23, 0),
        default_cilium: c(13, 3),
        offered: &[c(13, 0)],
        ..V2_22_0
    },
    Kkp {
        from: v(23, 1),
        default_cilium: c(13, 4),
        offered: &[c(13, 3)],
        deprecated: withdrawn::SINCE_2_22_9,
        ..V2_22_0
    },
    Kkp {
        from: v(23, 3),
        default_cilium: c(13, 6),
        offered: &[c(14, 1)],
        deprecated: withdrawn::SINCE_2_23_3,
        ..V2_22_0
    },
    Kkp {
        from: v(23, 4),
        default_cilium: c(13, 6),
        deprecated: withdrawn::SINCE_2_23_3,
        ..V2_22_0
    },
    Kkp {
        from: v(23, 5),
        default_cilium: c(13, 7),
        deprecated: withdrawn::SINCE_2_23_5,
        ..V2_22_0
    },
    Kkp {
        from: v(23, 6),
        default_cilium: c(13, 8),
        deprecated: withdrawn::SINCE_2_23_6,
        ..V2_22_0
    },
    V2_24_0,
    Kkp {
        from: v(24, 14),
        default_cilium: c(14, 16),
        offered: &[c(13, 14)],
        deprecated: withdrawn::SINCE_2_25_1,
        ..V2_24_0
    },
    Kkp {
        from: v(25, 0),
        ..V2_24_0
    },
    V2_25_1,
    V2_25_9,
    Kkp {
        from: v(25, 12),
        default_cilium: c(14, 16),
        deprecated: withdrawn::SINCE_2_25_12,
        ..V2_25_9
    },
    V2_26_0,
    Kkp {
        from: v(26, 1),
        default_cilium: c(15, 10),
        offered: &[c(13, 14), c(14, 16)],
        deprecated: withdrawn::SINCE_2_26_1,
        ..V2_26_0
    },
    Kkp {
        from: v(26, 8),
        default_cilium: c(15, 10),
        offered: &[c(13, 14), c(14, 16), c(15, 16)],
        deprecated: withdrawn::SINCE_2_26_8,
        ..V2_26_0
    },
    V2_27_0,
    V2_27_4,
    V2_29_0,
    Kkp {
        from: v(29, 9),
        default_cilium: c(18, 10),
        offered: &[c(15, 16), c(16, 9), c(17, 7), c(17, 16), c(18, 2)],
        ..V2_29_0
    },
    V2_30_0,
    Kkp {
        from: v(30, 3),
        default_cilium: c(18, 6),
        offered: &[c(15, 16), c(16, 9), c(17, 7), c(17, 12), c(18, 2)],
        ..V2_30_0
    },
    Kkp {
        from: v(30, 5),
        default_cilium: c(18, 10),
        offered: &[
            c(15, 16),
            c(16, 9),
            c(17, 7),
            c(17, 12),
            c(17, 16),
            c(18, 2),
            c(18, 6),
        ],
        ..V2_30_0
    },
    Kkp {
        from: v(30, 8),
        default_cilium: c(18, 14),
        offered: &[
            c(15, 16),
            c(16, 9),
            c(17, 7),
            c(17, 12),
            c(17, 16),
            c(17, 18),
            c(18, 2),
            c(18, 6),
            c(18, 10),
        ],
        ..V2_30_0
    },
    V2_31_0,
    V2_31_2,
    Kkp {
        from: v(32, 0),
        default_cilium: c(20, 2),
        offered: &[c(18, 10), c(18, 14), c(19, 4), c(19, 8)],
        ..V2_31_2
    },
];

/// KKP's providers without load balancers of their own: no address is assigned unless something
/// like MetalLB was installed. The others have a cloud controller that does.
pub(crate) static WITHOUT_LOAD_BALANCERS: &[&str] = &[
    "baremetal",
    "bringyourown",
    "edge",
    "nutanix",
    "vmware-cloud-director",
    "vmwareclouddirector",
    "vsphere",
];

/// The release lines. The offers of 2.30.8, 2.31.2 and 2.32 are those of the plan in kubermatic/kubermatic#16534.
pub(super) static LINES: ReleaseLines = ReleaseLines {
    newest: &[
        v(22, 13),
        v(23, 19),
        v(24, 15),
        v(25, 18),
        v(26, 13),
        v(27, 12),
        v(28, 13),
        v(29, 10),
        v(30, 8),
        v(31, 2),
    ],
    looked_at: &[v(30, 6), v(31, 0)],
};

/// The last version of each form in each release line that was looked at, newest first.
pub(crate) fn newest_first() -> impl Iterator<Item = Version> {
    // 2.25.8 is the last that writes `spec.values`.
    LINES.newest.iter().rev().flat_map(|newest| {
        let last = LINES.last_looked_at(newest.line()).unwrap_or(*newest);
        let older = (last.line() == (2, 25)).then_some(v(25, 8));
        std::iter::once(last).chain(older)
    })
}

/// Release lines inside which the form changes, so that the minor alone does not say enough.
pub(crate) static PATCH_DECIDES: &[(u16, u16)] = &[(2, 25)];
