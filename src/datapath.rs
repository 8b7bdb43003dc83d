//! The datapath of a cluster as its chart makes it of the current values, and that of the whole mesh.
//! Rules and firewall lists both ask here.

use ipnet::IpNet;
use serde_json::Value;

use crate::firewall::cidr::Family;
use crate::model::{Cluster, EncryptionKind, Mesh, TunnelKind};
use crate::profile::charts::TunnelKeys;
use crate::profile::kept_values::{self, ValueEffect};
use crate::source::Place;
use crate::truth::is_true;

/// A setting of a cluster.
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    /// The key that says it, or that tries to and is ignored; `None` where there is no such key.
    pub(crate) place: Option<Place>,
    /// Whether the chart reads that key; otherwise its default holds.
    pub(crate) is_explicit: bool,
}

impl<T> Setting<T> {
    fn explicit(value: T, place: Place) -> Self {
        Self {
            value,
            place: Some(place),
            is_explicit: true,
        }
    }

    fn default(value: T) -> Self {
        Self {
            value,
            place: None,
            is_explicit: false,
        }
    }
}

/// How packets travel between the clusters of a mesh.
pub(crate) struct MeshDatapath {
    pub(crate) tunnel: TunnelKind,
    /// The tunnel's UDP port, where it is not the protocol's own.
    pub(crate) tunnel_port: Option<u16>,
    pub(crate) encryption: EncryptionKind,
}

impl MeshDatapath {
    /// What the clusters have; where none of them tells, what mesh.yaml says, else the chart's defaults.
    /// Encryption may be switched on while clusters are still without it: there mesh.yaml comes first.
    pub(crate) fn of(mesh: &Mesh) -> Self {
        let clusters = || mesh.clusters.iter();
        let tunnel = clusters().map(tunnel).find(|tunnel| tunnel.place.is_some());
        let port = clusters().map(tunnel_port).find(|port| port.is_explicit);
        let encryption = clusters()
            .map(encryption)
            .find(|kind| kind.is_explicit && kind.value != EncryptionKind::None);
        Self {
            tunnel: tunnel
                .map(|tunnel| tunnel.value)
                .or(mesh.tunnel.as_ref().map(|tunnel| tunnel.value))
                .unwrap_or_default(),
            tunnel_port: port
                .map(|port| port.value)
                .or(mesh.tunnel_port.as_ref().map(|port| port.value)),
            encryption: mesh
                .encryption
                .as_ref()
                .map(|kind| kind.value)
                .or(encryption.map(|kind| kind.value))
                .unwrap_or_default(),
        }
    }

    /// Whether a cluster routes natively: its current values say so, or say nothing and the mesh does.
    pub(crate) fn is_native(&self, cluster: &Cluster) -> bool {
        let own = tunnel(cluster);
        match own.place {
            Some(_) => own.value == TunnelKind::Native,
            None => self.tunnel == TunnelKind::Native,
        }
    }
}

/// A value that is neither null nor an empty text, with its place.
fn said<'c>(cluster: &'c Cluster, path: &str) -> Option<(&'c Value, Place)> {
    let value = cluster.current_value(path)?;
    let empty = value.is_null() || value.as_str() == Some("");
    let place = cluster.current.as_ref()?.value_place(path);
    (!empty).then_some((value, place))
}

/// The place of a value that is true for a template's `if`.
pub(crate) fn switched_on(cluster: &Cluster, path: &str) -> Option<Place> {
    let (value, place) = said(cluster, path)?;
    is_true(value).then_some(place)
}

/// The tunnel. `tunnel` is the key of 1.13 and 1.14, `routingMode` and `tunnelProtocol` those from 1.14 on;
/// 1.14 reads all three, the newer ones last (`cilium-configmap.yaml` of the charts).
pub(crate) fn tunnel(cluster: &Cluster) -> Setting<TunnelKind> {
    let keys = cluster
        .chart()
        .map_or(TunnelKeys::Both, |chart| chart.tunnel_keys);
    let text = |path: &str| {
        let (value, place) = said(cluster, path)?;
        value.as_str().map(|text| (text, place))
    };
    let (old, mode, protocol) = (text("tunnel"), text("routingMode"), text("tunnelProtocol"));
    let (old, mode, protocol, vain) = match keys {
        TunnelKeys::Tunnel => (old, None, None, mode.or(protocol)),
        TunnelKeys::Both => (old, mode, protocol, None),
        TunnelKeys::RoutingMode => (None, mode, protocol, old),
    };
    let is_native = mode.as_ref().map_or_else(
        || old.as_ref().is_some_and(|(text, _)| *text == "disabled"),
        |(text, _)| *text == "native",
    );
    if is_native && let Some((_, place)) = mode.clone().or(old.clone()) {
        return Setting::explicit(TunnelKind::Native, place);
    }
    // With `gke.enabled` every chart routes natively unless told otherwise.
    if mode.is_none()
        && old.is_none()
        && let Some(place) = switched_on(cluster, "gke.enabled")
    {
        return Setting::explicit(TunnelKind::Native, place);
    }
    let newest_first = [protocol, old].into_iter().flatten();
    let mut kinds = newest_first.filter_map(|(text, place)| match text {
        "geneve" => Some(Setting::explicit(TunnelKind::Geneve, place)),
        "vxlan" => Some(Setting::explicit(TunnelKind::Vxlan, place)),
        _ => None,
    });
    kinds.next().unwrap_or(match (mode, vain) {
        (Some((_, place)), _) => Setting::explicit(TunnelKind::Vxlan, place),
        (None, Some((_, place))) => Setting {
            place: Some(place),
            ..Setting::default(TunnelKind::Vxlan)
        },
        (None, None) => Setting::default(TunnelKind::Vxlan),
    })
}

/// The UDP port of the tunnel.
pub(crate) fn tunnel_port(cluster: &Cluster) -> Setting<u16> {
    number(cluster, "tunnelPort")
        .unwrap_or_else(|| Setting::default(default_port(tunnel(cluster).value)))
}

/// The MTU that is set for the nodes; 0 where Cilium finds it out.
pub(crate) fn mtu(cluster: &Cluster) -> Setting<u16> {
    number(cluster, "MTU").unwrap_or_else(|| Setting::default(0))
}

/// The family of the nodes' addresses between which tunnels run, where the chart reads it: `ipv6`, else IPv4.
pub(crate) fn underlay(cluster: &Cluster) -> Option<Setting<Family>> {
    let path = "underlayProtocol";
    let version = cluster.cilium_version()?;
    let (value, place) = said(cluster, path)?;
    let mut ignored =
        kept_values::rows().filter(|row| row.effect == ValueEffect::Ignored && row.path == path);
    let is_read = !ignored.any(|row| row.is_met(version, |at| (at == path).then_some(value)));
    (is_read && value.as_str() == Some("ipv6")).then(|| Setting::explicit(Family::V6, place))
}

/// A number other than 0; charts take it as a text as well.
fn number(cluster: &Cluster, path: &str) -> Option<Setting<u16>> {
    let (value, place) = said(cluster, path)?;
    let written = value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())?;
    let number = u16::try_from(written).ok().filter(|number| *number > 0)?;
    Some(Setting::explicit(number, place))
}

/// The port that a tunnel has unless another is set.
pub(crate) fn default_port(tunnel: TunnelKind) -> u16 {
    match tunnel {
        TunnelKind::Geneve => 6081,
        TunnelKind::Vxlan | TunnelKind::Native => 8472,
    }
}

/// The encryption between nodes.
pub(crate) fn encryption(cluster: &Cluster) -> Setting<EncryptionKind> {
    let Some((enabled, place)) = said(cluster, "encryption.enabled") else {
        return Setting::default(EncryptionKind::None);
    };
    if !is_true(enabled) {
        return Setting::explicit(EncryptionKind::None, place);
    }
    let (kind, place) = match said(cluster, "encryption.type") {
        Some((kind, place)) => (kind.as_str().unwrap_or_default(), place),
        None => ("ipsec", place),
    };
    let kind = match kind {
        "wireguard" => EncryptionKind::Wireguard,
        "ipsec" => EncryptionKind::Ipsec,
        _ => EncryptionKind::None, // `ztunnel` needs no port between nodes
    };
    Setting::explicit(kind, place)
}

/// The range whose pods keep their addresses where a cluster routes natively; `None` where nothing is masqueraded anyway.
pub(crate) fn native_range(cluster: &Cluster, family: Family) -> Option<Setting<IpNet>> {
    let (key, masquerade) = match family {
        Family::V4 => ("ipv4NativeRoutingCIDR", "enableIPv4Masquerade"),
        Family::V6 => ("ipv6NativeRoutingCIDR", "enableIPv6Masquerade"),
    };
    if cluster.current_value(masquerade) == Some(&Value::Bool(false)) {
        return None;
    }
    let (value, place) = said(cluster, key)?;
    Some(Setting::explicit(value.as_str()?.parse().ok()?, place))
}
