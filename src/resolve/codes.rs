//! The codes of what is found while facts are brought together.

use crate::code::{Code, code};

pub(crate) static ADDRESS_INVALID: Code = code!(
    "address-invalid", Error,
    what: "An address of a clustermesh-apiserver or node is none that another machine can dial.",
    why: "It is no IP address and, where a name may stand, no DNS name; or it means something on one machine, on one link or in one cluster only: loopback, link-local, unspecified or multicast addresses, service ranges, names of one label, below .svc or cluster.local. Peers would be given something that they cannot dial, or that their certificates cannot name. `ips` and `nodes` take IP addresses; `apiserver.address` takes an IP address or a DNS name of two labels or more, without scheme, port, path, brackets or wildcard. An address in the own service range alone is a warning: something may route it.",
);

pub(crate) static CA_FROM_UNKNOWN: Code = code!(
    "ca-from-unknown", Error,
    what: "`ca.from` names no cluster of the mesh.",
    why: "The whole mesh uses the CA of the cluster that it names; without one there is nothing to render. Names must be equal to the letter.",
);

pub(crate) static CERTIFICATE_UNREADABLE: Code = code!(
    "certificate-unreadable", Error,
    what: "A value that must be a certificate cannot be read as one.",
    why: "It may be cut off, encoded twice, a private key, or a list of several. meshgen takes PEM, or base64 of PEM as `kubectl get secret` prints it.",
);

pub(crate) static CIDR_HOST_BITS: Code = code!(
    "cidr-host-bits", Error,
    what: "A range has bits set behind its prefix, such as 10.0.0.1/24.",
    why: "Either the address or the length is not what was meant, and programs differ in what they make of it.",
);

pub(crate) static CIDR_INVALID: Code = code!(
    "cidr-invalid", Error,
    what: "A value that must be a range in CIDR notation is none.",
    why: "A range is an address, a slash and the length of the prefix: 172.25.0.0/16, fd00:10::/56.",
);

pub(crate) static INPUT_DISAGREES: Code = code!(
    "input-disagrees", Error,
    what: "mesh.yaml says one thing and a dump another.",
    why: "One of the two is wrong or old, and meshgen does not guess which. Leave the fact out of mesh.yaml to use the dumped value, or dump again.",
);

pub(crate) static KEY_UNREADABLE: Code = code!(
    "key-unreadable", Error,
    what: "A value that must be a private key cannot be read as one.",
    why: "It may be cut off, encoded twice, a certificate, or encrypted with a pass phrase. meshgen takes PEM, or base64 of PEM as `kubectl get secret` prints it.",
);

pub(crate) static MAX_CONNECTED_CLUSTERS: Code = code!(
    "max-connected-clusters", Error,
    what: "`maxConnectedClusters` is neither 255 nor 511.",
    why: "Cilium knows these two; agents do not start with another.",
);

pub(crate) static PORT_INVALID: Code = code!(
    "port-invalid", Error,
    what: "A port is not between 1 and 65535.",
    why: "No peer could dial it.",
);

pub(crate) static SECRET_INCOMPLETE: Code = code!(
    "secret-incomplete", Error,
    what: "A dumped Secret has the name of one that meshgen reads, but not its entries.",
    why: "The Secret `cilium-ca` holds `ca.crt` and `ca.key`, the Secrets of the leaves `tls.crt` and `tls.key`. One with other entries was made by hand or is another Secret under this name, and Cilium cannot use it either.",
);

pub(crate) static TOO_MANY_CLUSTERS: Code = code!(
    "too-many-clusters", Error,
    what: "A mesh of more than 511 clusters.",
    why: "A cluster has an ID of its own, and Cilium knows no more than 511 of them (`clustermesh.maxConnectedClusters`). Nothing else is checked then: what to mend first is how the clusters are divided into meshes.",
);

pub(crate) static VALUES_DROPPED: Code = code!(
    "values-dropped", Error,
    what: "The current valuesBlock has a key twice, or a second document.",
    why: "KKP keeps the last of equal keys and the first document, silently. A patch made of what KKP reads would make that loss permanent, so it has to be settled first.",
);

pub(crate) static VERSION_NEWER: Code = code!(
    "version-newer", Note,
    what: "A patch version is newer than those that meshgen was tested with.",
    why: "It is taken for the newest known one of its minor version; new patch versions rarely change what a mesh needs.",
);

pub(crate) static VERSION_UNJUDGED: Code = code!(
    "version-unjudged", Warning,
    what: "A KKP or Cilium minor version is newer than all that meshgen was judged with.",
    why: "It is taken as the newest one that meshgen knows. Minor versions rename values, change defaults and remove what was deprecated, and this one was not run through the chart, KKP's rules or TLS. What was seen of it in advance, as in a pre-release of the chart, is in its profile already.",
);

pub(crate) static VERSION_UNKNOWN: Code = code!(
    "version-unknown", Error,
    what: "A KKP or Cilium version is missing, is none, or is one that meshgen knows nothing about.",
    why: "What a patch must look like depends on both versions. For KKP 2.25 the patch version is needed, since 2.25.9 changed where the values stand.",
);

pub(crate) static TEMPLATE_HAZARD: Code = code!(
    "template-hazard", Error,
    what: "A value that goes into a cluster's Helm values holds `{{`, `}}` or `<`, or a value that is kept is a template that KKP cannot render.",
    why: "From 2.27 on KKP runs the values through an HTML template (Go's html/template, with data about the cluster): `{{` is executed, `<` is escaped or breaks the whole installation, and the webhook looks at none of it. A placeholder of the guide that was left in, such as `<base64-encoded-cert>`, passes KKP unnoticed and reaches Helm. Older KKP versions take such text as it is, until the seed is upgraded.",
);

/// All of them.
pub(crate) static CODES: &[&Code] = &[
    &TEMPLATE_HAZARD,
    &ADDRESS_INVALID,
    &CA_FROM_UNKNOWN,
    &CERTIFICATE_UNREADABLE,
    &CIDR_HOST_BITS,
    &CIDR_INVALID,
    &INPUT_DISAGREES,
    &KEY_UNREADABLE,
    &MAX_CONNECTED_CLUSTERS,
    &PORT_INVALID,
    &SECRET_INCOMPLETE,
    &TOO_MANY_CLUSTERS,
    &VALUES_DROPPED,
    &VERSION_NEWER,
    &VERSION_UNJUDGED,
    &VERSION_UNKNOWN,
];
