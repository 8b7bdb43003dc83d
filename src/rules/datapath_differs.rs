//! All clusters of a mesh send packets the same way, and mesh.yaml knows which.

use super::{Context, Rule};
use crate::code::code;
use crate::datapath::{self, MeshDatapath, Setting};
use crate::finding::{Finding, Severity};
use crate::model::{Cluster, EncryptionKind, Fact, TunnelKind};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "datapath-differs", Error,
        what: "The tunnel, its port or addresses, the MTU or the encryption of a cluster is not that of the mesh, as its current values tell.",
        why: "Cilium asks for the same datapath in all clusters: nodes with another tunnel or port drop each other's packets, and what goes between an encrypted cluster and a plain one is readable on its way. mesh.yaml says by `tunnel`, `tunnelPort` and `encryption` what the firewall rules are made for. Where only the encryption differs, as while it is being switched on, or the MTU, or the family of the addresses between which tunnels go (`underlayProtocol`), or only mesh.yaml is silent, this is a warning.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let tunnel = Aspect {
        key: "tunnel",
        of: datapath::tunnel,
        typed: mesh.tunnel.as_ref(),
        default: TunnelKind::default(),
        shown: tunnel_name,
        severity: Severity::Error,
    };
    let port = Aspect {
        key: "tunnelPort",
        of: datapath::tunnel_port,
        typed: mesh.tunnel_port.as_ref(),
        default: datapath::default_port(MeshDatapath::of(mesh).tunnel),
        shown: |port| port.to_string(),
        severity: Severity::Error,
    };
    let encryption = Aspect {
        key: "encryption",
        of: datapath::encryption,
        typed: mesh.encryption.as_ref(),
        default: EncryptionKind::None,
        shown: encryption_name,
        severity: Severity::Warning,
    };
    let tunnels = tunnel.compare(context);
    if tunnels.is_empty() {
        // The port of another tunnel is another one as well.
        out.extend(port.compare(context));
    }
    if tunnels.is_empty() {
        out.extend(other_underlay(context));
    }
    out.extend(tunnels);
    out.extend(encryption.compare(context));
    out.extend(other_mtus(context));
}

/// A cluster whose tunnels run over IPv6 beside one whose tunnels run over IPv4, which is the default.
fn other_underlay(context: &Context<'_>) -> Option<Finding> {
    let members = || {
        let known = context.mesh.members();
        known.filter(|cluster| {
            cluster
                .current
                .as_ref()
                .is_some_and(|current| current.form.is_some())
        })
    };
    let tunnelled = |cluster: &&Cluster| datapath::tunnel(cluster).value != TunnelKind::Native;
    let (first, place) = members()
        .filter(tunnelled)
        .find_map(|cluster| Some((cluster, datapath::underlay(cluster)?.place?)))?;
    let other = members()
        .filter(tunnelled)
        .find(|cluster| datapath::underlay(cluster).is_none())?;
    let (name, other) = (first.name(), other.name());
    let message = format!("{name} has underlayProtocol ipv6, {other} has ipv4");
    let finding = RULE
        .finding_as(Severity::Warning, place, message)
        .label("ipv6 here")
        .help("set the same `underlayProtocol` in all clusters: with ipv6 the tunnels go from one IPv6 address of a node to another, each packet is 20 bytes longer, and the firewall must let them pass there")
        .cluster(name)
        .cluster(other);
    Some(finding)
}

/// The clusters whose MTU is set to another number than that of the first one that sets it. What Cilium
/// finds out where none is set no file tells.
fn other_mtus(context: &Context<'_>) -> Vec<Finding> {
    let clusters = context.mesh.clusters.iter();
    let mut set = clusters.filter_map(|cluster| {
        let mtu = datapath::mtu(cluster);
        Some((cluster, mtu.value, mtu.place?))
    });
    let Some((first, wanted, wanted_place)) = set.next() else {
        return Vec::new();
    };
    let others = set.filter(|(_, mtu, _)| *mtu != wanted);
    others
        .map(|(cluster, mtu, place)| {
            let (name, first) = (cluster.name(), first.name());
            let message = format!("{name} has MTU {mtu}, {first} has {wanted}");
            RULE.finding_as(Severity::Warning, place, message)
                .label(format!("{mtu} here"))
                .related(wanted_place.clone(), format!("{wanted} here"))
                .help("set the largest MTU that every path between the clusters carries in all of them; larger packets are lost on the way, TLS handshakes first")
                .cluster(first)
                .cluster(name)
        })
        .collect()
}

/// One thing that must be the same everywhere.
struct Aspect<'m, T> {
    /// Its key in mesh.yaml.
    key: &'static str,
    /// How to read it from a cluster's current values.
    of: fn(&Cluster) -> Setting<T>,
    /// What mesh.yaml says.
    typed: Option<&'m Fact<T>>,
    /// What its silence means.
    default: T,
    /// Its value as mesh.yaml spells it.
    shown: fn(T) -> String,
    /// How bad it is where it differs.
    severity: Severity,
}

/// What all clusters should have.
struct WantedSetting<T> {
    value: T,
    who: String,
    place: Place,
}

impl<T: PartialEq + Copy> Aspect<'_, T> {
    fn compare(&self, context: &Context<'_>) -> Vec<Finding> {
        let clusters = context.mesh.members();
        let known: Vec<KnownSetting<'_, T>> =
            clusters.filter_map(|cluster| self.known(cluster)).collect();
        let Some(explicit) = known.iter().find(|known| known.is_explicit) else {
            return self.not_set_up(&known); // all have the chart's default
        };
        let wanted = match self.typed {
            Some(typed) => WantedSetting {
                value: typed.value,
                who: "mesh.yaml says".to_owned(),
                place: typed.place.clone(),
            },
            None => WantedSetting {
                value: known[0].value,
                who: format!("{} has", known[0].cluster.name()),
                place: known[0].place.clone(),
            },
        };
        let others = known.iter().filter(|known| known.value != wanted.value);
        let mut findings: Vec<Finding> = others.map(|other| self.differs(other, &wanted)).collect();
        if findings.is_empty() && self.typed.is_none() && wanted.value != self.default {
            findings.push(self.silent(explicit));
        }
        findings
    }

    fn known<'m>(&self, cluster: &'m Cluster) -> Option<KnownSetting<'m, T>> {
        let current = cluster.current.as_ref()?;
        current.form?; // without any values nothing is set up yet
        let setting = (self.of)(cluster);
        Some(KnownSetting {
            cluster,
            value: setting.value,
            is_explicit: setting.is_explicit,
            has_key: setting.place.is_some(),
            place: setting
                .place
                .unwrap_or_else(|| current.values_place.clone().of_key()),
        })
    }

    fn differs(&self, other: &KnownSetting<'_, T>, wanted: &WantedSetting<T>) -> Finding {
        let (key, has, want) = (
            self.key,
            (self.shown)(other.value),
            (self.shown)(wanted.value),
        );
        let name = other.cluster.name();
        RULE.finding_as(self.severity,
            other.place.clone(),
            format!("{name} has {key} {has}, {} {want}", wanted.who),
        )
        .label(format!("{has} here"))
        .related(wanted.place.clone(), format!("{want} here"))
        .help(format!("all clusters of a mesh need the same: set up {name} like the others, or mend `{key}` in mesh.yaml"))
        .cluster(name)
    }

    /// mesh.yaml says what no cluster has, though all its clusters have values. Encryption is switched on last.
    fn not_set_up(&self, known: &[KnownSetting<'_, T>]) -> Vec<Finding> {
        let (Some(typed), Some(first)) = (self.typed, known.first()) else {
            return Vec::new();
        };
        // A key that is there and ignored has its own finding.
        let is_said = typed.value == first.value || known.iter().any(|known| known.has_key);
        if is_said || self.severity != Severity::Error {
            return Vec::new();
        }
        let (key, want, has) = (
            self.key,
            (self.shown)(typed.value),
            (self.shown)(first.value),
        );
        let message = format!(
            "mesh.yaml says {key} {want}, and the values of no cluster do, which means {has}"
        );
        let finding = RULE
            .finding_as(Severity::Warning, typed.place.clone(), message)
            .label("the firewall rules are made for this")
            .related(first.place.clone(), format!("{has} here"))
            .help(format!(
                "write `{key}: {has}`, or set the clusters up for {want} first and dump them again"
            ))
            .cluster(first.cluster.name());
        vec![finding]
    }

    fn silent(&self, explicit: &KnownSetting<'_, T>) -> Finding {
        let (key, has) = (self.key, (self.shown)(explicit.value));
        let default = (self.shown)(self.default);
        RULE.finding_as(Severity::Warning, explicit.place.clone(),
            format!("the clusters have {key} {has}, and mesh.yaml does not say so, which means {default}"),
        )
        .label(format!("{has} here"))
        .help(format!("write `{key}: {has}` in mesh.yaml, so that firewall rules are the same where no dump is at hand"))
        .cluster(explicit.cluster.name())
    }
}

/// What a cluster's current values say, or leave at the chart's default.
struct KnownSetting<'m, T> {
    cluster: &'m Cluster,
    value: T,
    is_explicit: bool,
    /// Whether there is a key for it, read or not.
    has_key: bool,
    place: Place,
}

fn tunnel_name(tunnel: TunnelKind) -> String {
    match tunnel {
        TunnelKind::Vxlan => "vxlan",
        TunnelKind::Geneve => "geneve",
        TunnelKind::Native => "native",
    }
    .to_owned()
}

fn encryption_name(encryption: EncryptionKind) -> String {
    match encryption {
        EncryptionKind::None => "none",
        EncryptionKind::Wireguard => "wireguard",
        EncryptionKind::Ipsec => "ipsec",
    }
    .to_owned()
}
