//! The codes of what is found while facts are brought together.

use crate::code::{Code, code};

pub(crate) static CODES: &[Code] = &[
    code!(
        "address-invalid", Error,
        what: "A value that must be an IP address is none.",
        why: "Peers would be given something that they cannot dial.",
    ),
    code!(
        "address-unusable", Error,
        what: "An address of a clustermesh-apiserver or node is unspecified (0.0.0.0), loopback, link-local, multicast or broadcast.",
        why: "Such an address means something on one machine or link only; no peer reaches anything there. It is often a placeholder, or copied from what a program listens on.",
    ),
    code!(
        "ca-from-unknown", Error,
        what: "`ca.from` names no cluster of the mesh.",
        why: "The whole mesh uses the CA of the cluster that it names; without one there is nothing to render. Names must be equal to the letter.",
    ),
    code!(
        "certificate-unreadable", Error,
        what: "A value that must be a certificate cannot be read as one.",
        why: "It may be cut off, encoded twice, a private key, or a list of several. meshgen takes PEM, or base64 of PEM as `kubectl get secret` prints it.",
    ),
    code!(
        "cidr-host-bits", Error,
        what: "A range has bits set behind its prefix, such as 10.0.0.1/24.",
        why: "Either the address or the length is not what was meant, and programs differ in what they make of it.",
    ),
    code!(
        "cidr-invalid", Error,
        what: "A value that must be a range in CIDR notation is none.",
        why: "A range is an address, a slash and the length of the prefix: 172.25.0.0/16, fd00:10::/56.",
    ),
    code!(
        "input-disagrees", Error,
        what: "mesh.yaml says one thing and a dump another.",
        why: "One of the two is wrong or old, and meshgen does not guess which. Leave the fact out of mesh.yaml so that the dump speaks, or dump again.",
    ),
    code!(
        "key-unreadable", Error,
        what: "A value that must be a private key cannot be read as one.",
        why: "It may be cut off, encoded twice, a certificate, or encrypted with a pass phrase. meshgen takes PEM, or base64 of PEM as `kubectl get secret` prints it.",
    ),
    code!(
        "max-connected-clusters", Error,
        what: "`maxConnectedClusters` is neither 255 nor 511.",
        why: "Cilium knows these two; agents do not start with another.",
    ),
    code!(
        "port-invalid", Error,
        what: "A port is not between 1 and 65535.",
        why: "No peer could dial it.",
    ),
    code!(
        "secret-incomplete", Error,
        what: "A dumped Secret has the name of one that meshgen reads, but not its entries.",
        why: "The Secret `cilium-ca` holds `ca.crt` and `ca.key`, the Secrets of the leaves `tls.crt` and `tls.key`. One with other entries was made by hand or is another Secret under this name, and Cilium cannot use it either.",
    ),
    code!(
        "values-dropped", Error,
        what: "The current valuesBlock has a key twice, or a second document.",
        why: "KKP keeps the last of equal keys and the first document, silently. A patch made of what KKP reads would make that loss permanent, so it has to be settled first.",
    ),
    code!(
        "version-newer", Note,
        what: "A version is newer than those that meshgen was tested with.",
        why: "It is taken for the newest known one of its minor version; new patch versions rarely change what a mesh needs.",
    ),
    code!(
        "version-unknown", Error,
        what: "A KKP or Cilium version is missing, is none, or is one that meshgen knows nothing about.",
        why: "What a patch must look like depends on both versions. For KKP 2.25 the patch version is needed, since 2.25.9 changed where the values stand.",
    ),
];
