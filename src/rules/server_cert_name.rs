//! The server certificate must carry the name that peers dial.

use super::name_invalid::is_valid;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::{Finding, Severity};
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "server-cert-name", Warning,
        what: "The dumped server certificate of a cluster does not carry the name that its peers dial.",
        why: "Every peer compares the two and refuses the connection. A name that mesh.yaml brings in is added by the patch and is in the certificate once that is issued again, so then this is a note. Where the current values hold the name already, the certificate was not issued again since, or is not one of Cilium's Job.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let (Some(cert), Some(dialled)) = (&cluster.server_cert, dialled(cluster)) else {
            continue;
        };
        if cert.value.covers_name(&dialled) {
            continue;
        }
        let message = format!(
            "the server certificate of {} does not carry `{dialled}`, which its peers dial",
            cluster.name()
        );
        let finding = match addition(cluster) {
            Addition::Impossible => continue, // an error of its own
            Addition::ByThisPatch => RULE.finding_as(Severity::Note, cert.place.clone(), message)
                .help("the patch adds the name; no peer can connect before the certificate is issued again"),
            Addition::None => RULE.finding(cert.place.clone(), message)
                .help("have it issued again by a Helm upgrade of Cilium in its cluster, or dump it again if it has been"),
        };
        out.push(finding.cluster(cluster.name()));
    }
}

/// The name in the endpoint that peers are given.
fn dialled(cluster: &Cluster) -> Option<String> {
    if cluster.apiserver.addresses.is_empty() {
        return cluster
            .apiserver
            .host
            .as_ref()
            .map(|host| host.value.clone());
    }
    is_valid(cluster.name()).then(|| format!("{}.mesh.cilium.io", cluster.name()))
}

/// Whether the patch brings the name into the certificate.
enum Addition {
    Impossible,
    ByThisPatch,
    None,
}

fn addition(cluster: &Cluster) -> Addition {
    let Some(extra) = cluster.apiserver.extra_server_name() else {
        return Addition::None;
    };
    let Some(path) = cluster.chart().and_then(|chart| chart.extra_dns_names) else {
        return Addition::Impossible;
    };
    let names = cluster
        .current_value(path)
        .and_then(serde_json::Value::as_array);
    let has_it = names.is_some_and(|names| names.iter().any(|name| *name == extra.value));
    if has_it {
        Addition::None
    } else {
        Addition::ByThisPatch
    }
}
