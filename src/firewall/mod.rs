//! Firewall rules between the nodes of the clusters of a mesh.

pub mod cidr;
