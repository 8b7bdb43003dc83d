//! A domain of the mesh that no server certificate has.

use serde_json::Value;

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "mesh-domain", Error,
        what: "The current values of a cluster name another domain for its peers than `mesh.cilium.io`.",
        why: "The cluster dials a peer that has an address as `<peer>.<domain>`, and the peer's server certificate has `*.mesh.cilium.io` unless more names were added to it: every connection is refused. Remove `clustermesh.config.domain`, or add `*.<domain>` to the extra names of the server certificate of every peer.",
    ),
    check,
};

const PATH: &str = "clustermesh.config.domain";
const DEFAULT: &str = "mesh.cilium.io";

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let clusters = &context.mesh.clusters;
    for cluster in clusters {
        let (Some(domain), Some(current)) = (domain(cluster), &cluster.current) else {
            continue;
        };
        let mut peers = clusters.iter().filter(|peer| peer.index != cluster.index);
        let Some(peer) = peers.find(|peer| !is_dialled_by_name(peer) && !has_name(peer, domain))
        else {
            continue;
        };
        let shown: String = domain.chars().take(60).collect();
        let message = format!(
            "{} would dial {} as `{}.{shown}`, and the certificate there has `*.{DEFAULT}`",
            cluster.name(),
            peer.name(),
            peer.name()
        );
        out.push(
            RULE.finding(current.value_place(PATH), message)
                .label(format!("other than {DEFAULT}"))
                .help(help(&shown))
                .cluster(cluster.name())
                .cluster(peer.name()),
        );
    }
}

/// What to do about a domain; an empty one is in no certificate.
fn help(domain: &str) -> String {
    let or = match domain {
        "" => String::new(),
        domain => format!(
            ", or add `*.{domain}` to the extra DNS names of every peer's server certificate"
        ),
    };
    format!("remove `{PATH}` from the ApplicationInstallation{or}; then dump again")
}

/// The domain in the current values, where it is another than Cilium's.
fn domain(cluster: &Cluster) -> Option<&str> {
    let domain = cluster.current_value(PATH)?.as_str()?;
    (domain != DEFAULT).then_some(domain)
}

/// Whether peers dial a cluster by a DNS name of its own, where the domain plays no part.
fn is_dialled_by_name(peer: &Cluster) -> bool {
    peer.apiserver.addresses.is_empty() && peer.apiserver.host.is_some()
}

/// Whether a cluster's values add a name in the domain to its server certificate.
fn has_name(peer: &Cluster, domain: &str) -> bool {
    let path = peer.chart().and_then(|chart| chart.extra_dns_names);
    let names = path.and_then(|path| peer.current_value(path)?.as_array());
    let wanted = [format!("*.{domain}"), format!("{}.{domain}", peer.name())];
    names.is_some_and(|names| {
        let mut names = names.iter().filter_map(Value::as_str);
        names.any(|name| wanted.iter().any(|wanted| wanted == name))
    })
}
