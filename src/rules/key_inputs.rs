//! The private keys that mesh.yaml gives, as it gives them.

use std::collections::BTreeMap;

use super::Context;
use crate::input::mesh_file::{KeyPairFields, SecretValue};
use crate::source::{Place, Route};

/// A private key in mesh.yaml.
pub(super) struct KeyInput<'m> {
    pub(super) place: Place,
    pub(super) value: &'m SecretValue,
}

/// Every private key that mesh.yaml gives, each place once: `defaults` are every cluster's.
pub(super) fn keys<'m>(context: &'m Context<'_>) -> Vec<KeyInput<'m>> {
    let input = context.input;
    let Some(file) = &input.file else {
        return Vec::new();
    };
    let mut keys = BTreeMap::new();
    let ca = file.ca.as_ref();
    let next = ca.and_then(|ca| ca.next.as_ref());
    let mesh_keys = [
        ("ca.key", ca.and_then(|ca| ca.key.as_ref())),
        ("ca.next.key", next.and_then(|next| next.key.as_ref())),
    ];
    for (path, value) in mesh_keys {
        let Some(value) = value else { continue };
        let place = Place::value(input.mesh_file, Route::root().dotted(path));
        keys.insert(place.route.clone(), KeyInput { place, value });
    }
    for (index, cluster) in file.clusters.iter().flatten().enumerate() {
        let pairs = [("ca", &cluster.ca), ("remoteCert", &cluster.remote_cert)];
        for (name, pair) in pairs {
            if let Some(KeyPairFields {
                key: Some(value), ..
            }) = pair
            {
                let place = input.field(index, &format!("{name}.key"));
                keys.insert(place.route.clone(), KeyInput { place, value });
            }
        }
    }
    keys.into_values().collect()
}
