//! All clusters of a mesh send packets the same way, and mesh.yaml knows which.

use super::datapath::{self, Setting};
use super::{Context, Rule};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::model::{Cluster, EncryptionKind, TunnelKind};
use crate::source::{Place, Route};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "datapath-differs", Error,
        what: "The tunnel, its port or the encryption of a cluster is not that of the mesh, as its current values tell.",
        why: "Cilium asks for the same datapath in all clusters: nodes with another tunnel or port drop each other's packets, and what goes between an encrypted cluster and a plain one is readable on its way. mesh.yaml says by `tunnel`, `tunnelPort` and `encryption` what the firewall rules are made for. Where only the encryption differs, as while it is being switched on, or only mesh.yaml is silent, this is a warning.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let tunnel = Aspect {
        key: "tunnel",
        of: datapath::tunnel,
        in_mesh_file: mesh.tunnel,
        shown: tunnel_name,
        severity: Severity::Error,
    };
    let port = Aspect {
        key: "tunnelPort",
        of: datapath::tunnel_port,
        in_mesh_file: mesh
            .tunnel_port
            .unwrap_or(datapath::default_port(mesh.tunnel)),
        shown: |port| port.to_string(),
        severity: Severity::Error,
    };
    let encryption = Aspect {
        key: "encryption",
        of: datapath::encryption,
        in_mesh_file: mesh.encryption,
        shown: encryption_name,
        severity: Severity::Warning,
    };
    let tunnels = tunnel.compare(context);
    if tunnels.is_empty() {
        // The port of another tunnel is another one as well.
        out.extend(port.compare(context));
    }
    out.extend(tunnels);
    out.extend(encryption.compare(context));
}

/// One thing that must be the same everywhere.
struct Aspect<T> {
    /// Its key in mesh.yaml.
    key: &'static str,
    /// How to read it from a cluster's current values.
    of: fn(&Cluster) -> Setting<T>,
    /// What mesh.yaml says, or leaves at its default.
    in_mesh_file: T,
    /// Its value as mesh.yaml spells it.
    shown: fn(T) -> String,
    /// How bad it is where it differs.
    severity: Severity,
}

/// What all clusters should have.
struct Wanted<T> {
    value: T,
    who: String,
    place: Place,
}

impl<T: PartialEq + Copy> Aspect<T> {
    fn compare(&self, context: &Context<'_>) -> Vec<Finding> {
        let clusters = context.mesh.clusters.iter();
        let known: Vec<Known<'_, T>> = clusters.filter_map(|cluster| self.known(cluster)).collect();
        let Some(told) = known.iter().find(|known| known.is_told) else {
            return Vec::new(); // all have the chart's default, or are still to be set up
        };
        let said = Place::value(context.input.mesh_file, Route::root().key(self.key));
        let is_said = context.input.sources.node(&said).is_some();
        let wanted = if is_said {
            Wanted {
                value: self.in_mesh_file,
                who: "mesh.yaml says".to_owned(),
                place: said,
            }
        } else {
            Wanted {
                value: known[0].value,
                who: format!("{} has", known[0].cluster.name()),
                place: known[0].place.clone(),
            }
        };
        let others = known.iter().filter(|known| known.value != wanted.value);
        let mut findings: Vec<Finding> = others.map(|other| self.differs(other, &wanted)).collect();
        if findings.is_empty() && !is_said && wanted.value != self.in_mesh_file {
            findings.push(self.silent(told));
        }
        findings
    }

    fn known<'m>(&self, cluster: &'m Cluster) -> Option<Known<'m, T>> {
        let current = cluster.current.as_ref()?;
        current.form?; // without any values nothing is set up yet
        let setting = (self.of)(cluster);
        Some(Known {
            cluster,
            value: setting.value,
            is_told: setting.place.is_some(),
            place: setting
                .place
                .unwrap_or_else(|| current.values_place.clone().of_key()),
        })
    }

    fn differs(&self, other: &Known<'_, T>, wanted: &Wanted<T>) -> Finding {
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

    fn silent(&self, told: &Known<'_, T>) -> Finding {
        let (key, has) = (self.key, (self.shown)(told.value));
        let default = (self.shown)(self.in_mesh_file);
        RULE.finding_as(Severity::Warning, told.place.clone(),
            format!("the clusters have {key} {has}, and mesh.yaml does not say so, which means {default}"),
        )
        .label(format!("{has} here"))
        .help(format!("write `{key}: {has}` in mesh.yaml: the firewall rules are made from it"))
        .cluster(told.cluster.name())
    }
}

/// What a cluster's current values say, or leave at the chart's default.
struct Known<'m, T> {
    cluster: &'m Cluster,
    value: T,
    is_told: bool,
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
