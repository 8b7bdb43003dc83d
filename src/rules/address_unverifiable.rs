//! A name that is dialled must be one that the server certificate can carry.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "address-unverifiable", Error,
        what: "Peers would dial a name that the server certificate of this cluster cannot carry.",
        why: "The charts 1.13.0 and 1.13.1 issue the server certificate by a Job that reads no extra names, so every peer refuses the connection. Give `apiserver.ips`: peers then dial `<name>.mesh.cilium.io`, which every certificate covers.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let (Some(chart), Some(name)) = (cluster.chart(), cluster.apiserver.extra_server_name())
        else {
            continue;
        };
        if chart.extra_dns_names.is_none() {
            out.push(
                RULE.finding(name.place.clone(),
                    format!("the server certificate of {} cannot carry the name `{}`: its chart's certificate Job reads no extra names", cluster.name(), name.value),
                )
                .label("peers would refuse the certificate")
                .help("give `apiserver.ips` instead: peers then dial a name that the certificate always covers")
                .cluster(cluster.name()),
            );
        }
    }
}
