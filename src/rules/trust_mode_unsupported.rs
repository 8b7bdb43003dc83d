//! Every chart of the mesh must be able to do its trust mode.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{AuthMode, Cluster, Trust};
use crate::profile::charts::{Bundle, SharedCa};
use crate::trust::{auth_mode, leaves_by_cert_manager, leaves_prove_shared_ca};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "trust-mode-unsupported", Error,
        what: "The trust mode of the mesh does not work with the chart or the settings of some cluster.",
        why: "There is one trust mode for the whole mesh. `inline` needs charts that read a CA per peer, client names that are not its peer's (no authMode cluster, which is the default from 1.21), and on 1.14.0 no KVStoreMesh; `bundle` needs 1.14, and before 1.18.5 a KVStoreMesh that is switched off, since that ignores the bundle. `sharedCA` does not work where cert-manager issues the certificates (`tls.auto.method: certmanager`), unless the dumped remote certificate shows that its issuer has the CA of the mesh. The message names the modes that work here.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mesh = context.mesh;
    let mode = mesh.trust.value;
    let reasons: Vec<(&Cluster, &str)> = obstacles(context, mode);
    if reasons.is_empty() {
        return;
    }
    let works: Vec<&str> = [Trust::SharedCa, Trust::Inline, Trust::Bundle]
        .into_iter()
        .filter(|other| obstacles(context, *other).is_empty())
        .map(Trust::as_str)
        .collect();
    let help = if works.is_empty() {
        "no mode works for this mesh as it is: change what stands beside the clusters below"
            .to_owned()
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
            mesh.trust.place.clone(),
            format!(
                "trust mode {} does not work for this mesh; {works} would",
                mode.as_str()
            ),
        )
        .help(help);
    for (cluster, reason) in reasons {
        let place = cluster
            .cilium
            .as_ref()
            .map_or(&cluster.place, |cilium| &cilium.place);
        finding = finding
            .related(place.clone(), format!("{}: {reason}", cluster.name()))
            .cluster(cluster.name());
    }
    out.push(finding);
}

/// Why a mode does not work, by cluster. A cluster of unknown version has no verdict.
fn obstacles<'m>(context: &Context<'m>, mode: Trust) -> Vec<(&'m Cluster, &'static str)> {
    let typed = context.mesh.auth_mode.as_ref().map(|mode| mode.value);
    let obstacle = |cluster: &Cluster| {
        let chart = cluster.chart()?;
        let by_name = auth_mode(context.mesh, cluster).is_by_name();
        match mode {
            _ if typed.is_some_and(AuthMode::is_by_name) && !chart.auth_mode => {
                Some("its chart has no authMode, and would be refused by the others")
            }
            _ if typed == Some(AuthMode::ClusterStrict) && !chart.strict_auth_mode => {
                Some("its chart does not know authMode cluster-strict")
            }
            Trust::SharedCa
                if leaves_by_cert_manager(cluster)
                    && !leaves_prove_shared_ca(context.mesh, cluster) =>
            {
                Some(
                    "cert-manager issues its certificates, by no CA that the mesh is known to share",
                )
            }
            Trust::SharedCa => None,
            Trust::Inline if chart.shared_ca == SharedCa::InValues => {
                Some("its chart reads no CA per peer")
            }
            Trust::Inline if by_name && typed.is_none() => Some(
                "its authMode is cluster, and it would present its peer's own name, unless `authMode: migration`",
            ),
            Trust::Inline if by_name => {
                Some("with authMode cluster it would present its peer's own name")
            }
            Trust::Inline if chart.inline_dials_itself && cluster.runs_kvstoremesh() => Some(
                "its KVStoreMesh makes agents dial their own cluster with inline certificates, unless `kvstoremesh: false`; 1.14.1 cures it",
            ),
            Trust::Inline => None,
            Trust::Bundle => match chart.bundle {
                Bundle::Absent => Some("its chart has no CA bundle"),
                Bundle::NotForKvStoreMesh if cluster.runs_kvstoremesh() => {
                    Some("its KVStoreMesh ignores the bundle, unless `kvstoremesh: false`")
                }
                Bundle::NotForKvStoreMesh | Bundle::Works => None,
            },
        }
    };
    let clusters = context.mesh.members();
    clusters
        .filter_map(|cluster| Some((cluster, obstacle(cluster)?)))
        .collect()
}
