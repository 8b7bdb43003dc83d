//! What becomes of each dumped object.

/// Whether an object in a cluster's dumps is used, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectUse {
    /// Facts are taken from it.
    Taken,
    /// No object of its kind and name is read.
    NotRead,
    /// One of its kind and name is read, but in the namespace `kube-system`.
    OtherNamespace,
    /// Another dump of the same object counts instead: its position among the cluster's dumps.
    Older(usize),
    /// A KKP Cluster that is not this cluster's.
    OtherCluster,
}
