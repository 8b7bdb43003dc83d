//! meshgen compiles one `mesh.yaml` into what each KKP user cluster and each firewall must be given.
pub mod firewall;
