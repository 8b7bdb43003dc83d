//! Values that exclude Cluster Mesh and that no chart refuses, as data.

use serde_json::Value;

use super::version::Version;
use crate::truth::is_true;

/// One such value.
#[derive(Debug)]
pub(crate) struct Exclusion {
    /// Its path.
    pub(crate) path: &'static str,
    /// When it excludes the mesh.
    when: ExcludedWhen,
    /// The first version of which this is so, and the first of which it is not again.
    versions: (Version, Option<Version>),
    /// Why, as the end of a sentence.
    pub(crate) why: &'static str,
    /// What to do.
    pub(crate) mend: &'static str,
}

#[derive(Debug)]
enum ExcludedWhen {
    /// Where a template's `if` takes it for true; the text `false`, which is one of 1.13's defaults, excepted.
    True,
    /// Where it is there, and a template's `if` takes it for false.
    False,
    /// Where it is a text other than this one.
    Not(&'static str),
}

impl Exclusion {
    /// Whether this is so of a version.
    pub(crate) fn is_of(&self, version: Version) -> bool {
        version >= self.versions.0 && self.versions.1.is_none_or(|end| version < end)
    }

    /// Whether a value excludes the mesh.
    pub(crate) fn excludes(&self, value: &Value) -> bool {
        match self.when {
            ExcludedWhen::True => is_true(value) && value.as_str() != Some("false"),
            ExcludedWhen::False => !value.is_null() && !is_true(value),
            ExcludedWhen::Not(wanted) => value.as_str().is_some_and(|text| text != wanted),
        }
    }
}

const V1_13: Version = Version::new(1, 13, 0);
const V1_14: Version = Version::new(1, 14, 0);
const V1_15: Version = Version::new(1, 15, 0);
const V1_20: Version = Version::new(1, 20, 0);

/// All of them.
pub(crate) static EXCLUSIONS: &[Exclusion] = &[
    // `Documentation/network/servicemesh/mutual-authentication/mutual-authentication.rst` of `cilium/cilium`.
    Exclusion {
        path: "authentication.mutual.spire.enabled",
        when: ExcludedWhen::True,
        versions: (V1_14, None),
        why: "mutual authentication does not reach beyond one cluster",
        mend: "switch `authentication.mutual.spire.enabled` off before the cluster joins, with the policies that ask for authentication",
    },
    // cilium/cilium#28763: the chart refuses it from 1.15.0 on; before, clustermesh-apiserver has nothing to read.
    Exclusion {
        path: "disableEndpointCRD",
        when: ExcludedWhen::True,
        versions: (V1_13, Some(V1_15)),
        why: "its clustermesh-apiserver reads CiliumEndpoints, and there are none",
        mend: "set `disableEndpointCRD: false` before the cluster joins",
    },
    // cilium/cilium#28763, as above.
    Exclusion {
        path: "identityAllocationMode",
        when: ExcludedWhen::Not("crd"),
        versions: (V1_13, Some(V1_15)),
        why: "its clustermesh-apiserver reads CiliumIdentities, and identities are kept elsewhere",
        mend: "set `identityAllocationMode: crd` before the cluster joins",
    },
    // Rendered with 1.20.0: neither Job nor Secrets; older charts refuse it without certificates in the values.
    Exclusion {
        path: "clustermesh.apiserver.tls.auto.enabled",
        when: ExcludedWhen::False,
        versions: (V1_20, None),
        why: "its chart makes no certificate, and clustermesh-apiserver waits for Secrets that somebody else must create",
        mend: "remove `clustermesh.apiserver.tls.auto.enabled`, so that the certificates are made, unless you create the Secrets yourself",
    },
];
