//! How the current values of a cluster say that packets travel.

use serde_json::Value;

use crate::model::{Cluster, EncryptionKind, TunnelKind};
use crate::source::Place;

/// A setting as the current values have it.
pub(super) struct Setting<T> {
    pub(super) value: T,
    /// Where it is said; `None` where the chart's default holds.
    pub(super) place: Option<Place>,
}

/// The paths of a setting, those that win first.
fn said<'c>(cluster: &'c Cluster, path: &str) -> Option<(&'c Value, Place)> {
    let value = cluster.current_value(path)?;
    let empty = value.is_null() || value.as_str() == Some("");
    let place = cluster.current.as_ref()?.value_place(path);
    (!empty).then_some((value, place))
}

/// The tunnel. `tunnel` is the older key, of 1.13 and 1.14.
pub(super) fn tunnel(cluster: &Cluster) -> Setting<TunnelKind> {
    let keys = ["routingMode", "tunnelProtocol", "tunnel"];
    let mut found = keys.into_iter().filter_map(|key| {
        let (value, place) = said(cluster, key)?;
        let kind = match value.as_str()? {
            "native" | "disabled" => TunnelKind::Native,
            "geneve" => TunnelKind::Geneve,
            "vxlan" => TunnelKind::Vxlan,
            _ => return None, // `routingMode: tunnel` leaves the protocol to the other keys
        };
        Some(Setting {
            value: kind,
            place: Some(place),
        })
    });
    found.next().unwrap_or(Setting {
        value: TunnelKind::Vxlan,
        place: None,
    })
}

/// The UDP port of the tunnel.
pub(super) fn tunnel_port(cluster: &Cluster) -> Setting<u16> {
    let port = said(cluster, "tunnelPort").and_then(|(value, place)| {
        let port = u16::try_from(value.as_i64()?).ok()?;
        (port > 0).then_some((port, place))
    });
    match port {
        Some((value, place)) => Setting {
            value,
            place: Some(place),
        },
        None => Setting {
            value: default_port(tunnel(cluster).value),
            place: None,
        },
    }
}

/// The port that a tunnel has unless another is said.
pub(super) fn default_port(tunnel: TunnelKind) -> u16 {
    match tunnel {
        TunnelKind::Geneve => 6081,
        TunnelKind::Vxlan | TunnelKind::Native => 8472,
    }
}

/// The encryption between nodes.
pub(super) fn encryption(cluster: &Cluster) -> Setting<EncryptionKind> {
    let off = |place| Setting {
        value: EncryptionKind::None,
        place,
    };
    let Some((enabled, place)) = said(cluster, "encryption.enabled") else {
        return off(None);
    };
    if enabled.as_bool() != Some(true) {
        return off(Some(place));
    }
    match said(cluster, "encryption.type") {
        Some((kind, place)) if kind.as_str() == Some("wireguard") => Setting {
            value: EncryptionKind::Wireguard,
            place: Some(place),
        },
        _ => Setting {
            value: EncryptionKind::Ipsec,
            place: Some(place),
        },
    }
}
