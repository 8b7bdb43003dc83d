//! Paths of the values that several files of this stage name.

/// Path of the peer list.
pub(crate) const PEERS: &str = "clustermesh.config.clusters";
/// The same, key by key.
pub(crate) const PEERS_WAY: &[&str] = &["clustermesh", "config", "clusters"];
/// Path of the CA as 1.13 reads it.
pub(crate) const VALUES_CA: &str = "clustermesh.apiserver.tls.ca";
/// Path of the labels of the apiserver's pods.
pub(crate) const LABELS: &str = "clustermesh.apiserver.podLabels";
/// Label of the apiserver's pods, and of the certificate Job's, that changes with the CA.
pub(crate) const CA_LABEL: &str = "meshgen/ca";
