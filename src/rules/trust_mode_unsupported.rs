//! Every chart of the mesh must be able to do its trust mode.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{AuthMode, Cluster, Trust};
use crate::profile::charts::{Bundle, SharedCa};
use crate::source::Place;
use crate::trust::{auth_mode, leaves_by_cert_manager, leaves_prove_shared_ca};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "trust-mode-unsupported", Error,
        what: "The trust mode of the mesh does not work with the chart or the settings of some cluster.",
        why: "There is one trust mode for the whole mesh. `inline` needs charts that read a CA per peer, client names that are not its peer's (no authMode cluster, which is the default from 1.21), and on 1.14.0 no KVStoreMesh; `bundle` needs 1.14, and before 1.18.5 a KVStoreMesh that is switched off, since that ignores the bundle. `sharedCA` does not work where cert-manager issues the certificates (`tls.auto.method: certmanager`), unless the dumped remote certificate shows that its issuer has the CA of the mesh. The message names the modes that work here.",
    ),
    check,
};

/// Who makes a cluster's certificates, in its values.
const METHOD: &str = "clustermesh.apiserver.tls.auto.method";

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let mode = mesh.trust.value;
    let typed = mesh.auth_mode.as_ref().map(|mode| mode.value);
    let found = obstacles(context, mode, typed);
    if found.is_empty() {
        return;
    }
    let works: Vec<&str> = [Trust::SharedCa, Trust::Inline, Trust::Bundle]
        .into_iter()
        .filter(|other| obstacles(context, *other, typed).is_empty())
        .map(Trust::as_str)
        .collect();
    let help = if works.is_empty() {
        without_a_mode(context, &found)
    } else {
        format!("write `trust: {}`", works.join("` or `trust: "))
    };
    let works = if works.is_empty() {
        "no mode".to_owned()
    } else {
        works.join(", ")
    };
    let mut finding = RULE
        .finding(
            place(context, &found),
            format!(
                "trust mode {} does not work for this mesh; {works} would",
                mode.as_str()
            ),
        )
        .help(help);
    for (cluster, obstacle) in found {
        let place = cluster
            .cilium
            .as_ref()
            .map_or(&cluster.place, |cilium| &cilium.place);
        finding = finding
            .related(
                place.clone(),
                format!("{}: {}", cluster.name(), obstacle.reason()),
            )
            .cluster(cluster.name());
    }
    out.push(finding);
}

/// Whether every cluster can do the mode that mesh.yaml asks for.
pub(super) fn is_supported(context: &Context<'_>) -> bool {
    let mesh = context.mesh;
    let typed = mesh.auth_mode.as_ref().map(|mode| mode.value);
    obstacles(context, mesh.trust.value, typed).is_empty()
}

/// `trust` where it is written, else the value that is in its way.
fn place(context: &Context<'_>, found: &[(&Cluster, Obstacle)]) -> Place {
    let mesh = context.mesh;
    let is_written = context.input.sources.node(&mesh.trust.place).is_some();
    let in_the_way = || match found.first()? {
        (cluster, Obstacle::CertManager) => Some(cluster.current.as_ref()?.value_place(METHOD)),
        (_, obstacle) if obstacle.is_about_auth_mode() => {
            Some(mesh.auth_mode.as_ref()?.place.clone())
        }
        _ => None,
    };
    let written = is_written.then(|| mesh.trust.place.clone());
    written
        .or_else(in_the_way)
        .unwrap_or_else(|| mesh.trust.place.clone())
}

/// What to write where no mode works.
fn without_a_mode(context: &Context<'_>, found: &[(&Cluster, Obstacle)]) -> String {
    let mode = context.mesh.trust.value;
    if found
        .iter()
        .any(|(_, obstacle)| obstacle.is_about_auth_mode())
    {
        let mut others = [AuthMode::Cluster, AuthMode::Migration, AuthMode::Legacy].into_iter();
        let other = others.find(|other| obstacles(context, mode, Some(*other)).is_empty());
        if let Some(other) = other {
            return format!("write `authMode: {}`", other.as_str());
        }
    }
    let by_cert_manager = found
        .iter()
        .filter(|(_, obstacle)| *obstacle == Obstacle::CertManager);
    let names: Vec<&str> = by_cert_manager.map(|(cluster, _)| cluster.name()).collect();
    if names.is_empty() {
        return "no mode works for this mesh as it is: change what stands beside the clusters below".to_owned();
    }
    format!(
        "set `{METHOD}: cronJob` in the values of {}, then dump again",
        names.join(", ")
    )
}

/// What is in the way of a trust mode in one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    NoAuthMode,
    NotStrict,
    CertManager,
    NoPeerCa,
    ByNameFromThen,
    ByName,
    DialsItself,
    NoBundle,
    BundleIgnored,
}

impl Obstacle {
    fn is_about_auth_mode(self) -> bool {
        matches!(self, Self::NoAuthMode | Self::NotStrict)
    }

    fn reason(self) -> &'static str {
        match self {
            Self::NoAuthMode => "its chart has no authMode, and would be refused by the others",
            Self::NotStrict => "its chart does not know authMode cluster-strict",
            Self::CertManager => {
                "cert-manager issues its certificates, by no CA that the mesh is known to share"
            }
            Self::NoPeerCa => "its chart reads no CA per peer",
            Self::ByNameFromThen => {
                "its authMode is cluster, and it would present its peer's own name, unless `authMode: migration`"
            }
            Self::ByName => "with authMode cluster it would present its peer's own name",
            Self::DialsItself => {
                "its KVStoreMesh makes agents dial their own cluster with inline certificates, unless `kvstoremesh: false`; 1.14.1 cures it"
            }
            Self::NoBundle => "its chart has no CA bundle",
            Self::BundleIgnored => {
                "its KVStoreMesh ignores the bundle, unless `kvstoremesh: false`"
            }
        }
    }
}

/// What is in the way of a mode where mesh.yaml asks for this authMode, by cluster. A cluster of unknown version has no
/// verdict.
fn obstacles<'m>(
    context: &Context<'m>,
    mode: Trust,
    typed: Option<AuthMode>,
) -> Vec<(&'m Cluster, Obstacle)> {
    let mesh = context.mesh;
    let obstacle = |cluster: &Cluster| {
        let chart = cluster.chart()?;
        let by_name = typed
            .unwrap_or_else(|| auth_mode(mesh, cluster))
            .is_by_name();
        match mode {
            _ if typed.is_some_and(AuthMode::is_by_name) && !chart.auth_mode => {
                Some(Obstacle::NoAuthMode)
            }
            _ if typed == Some(AuthMode::ClusterStrict) && !chart.strict_auth_mode => {
                Some(Obstacle::NotStrict)
            }
            Trust::SharedCa
                if leaves_by_cert_manager(cluster) && !leaves_prove_shared_ca(mesh, cluster) =>
            {
                Some(Obstacle::CertManager)
            }
            Trust::SharedCa => None,
            Trust::Inline if chart.shared_ca == SharedCa::InValues => Some(Obstacle::NoPeerCa),
            Trust::Inline if by_name && typed.is_none() => Some(Obstacle::ByNameFromThen),
            Trust::Inline if by_name => Some(Obstacle::ByName),
            Trust::Inline if chart.inline_dials_itself && cluster.runs_kvstoremesh() => {
                Some(Obstacle::DialsItself)
            }
            Trust::Inline => None,
            Trust::Bundle => match chart.bundle {
                Bundle::Absent => Some(Obstacle::NoBundle),
                Bundle::NotForKvStoreMesh if cluster.runs_kvstoremesh() => {
                    Some(Obstacle::BundleIgnored)
                }
                Bundle::NotForKvStoreMesh | Bundle::Works => None,
            },
        }
    };
    let clusters = mesh.members();
    clusters
        .filter_map(|cluster| Some((cluster, obstacle(cluster)?)))
        .collect()
}
