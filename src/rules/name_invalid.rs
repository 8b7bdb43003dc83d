//! Names must be what every Cilium version takes.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;
use crate::source::quoted;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "name-invalid", Error,
        what: "The name of a cluster is not 1 to 32 of a-z, 0-9 and hyphen with a letter or digit first and last, or it is `default`.",
        why: "Peers are dialled as `<name>.mesh.cilium.io`, and the server certificate covers one label below that; Cilium 1.17 and newer refuse to start with another form, and `default` is what Cilium calls a cluster without a name. The name is Cilium's, not KKP's: choose any that fits.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let named = |cluster: &&Cluster| !cluster.is_unusable("name");
    for cluster in context.mesh.clusters.iter().filter(named) {
        let name = cluster.name();
        if name == "default" {
            out.push(
                invalid(
                    cluster,
                    "`default` is what Cilium calls a cluster without a name",
                )
                .help("give the cluster a name of its own, such as cluster-1"),
            );
        } else if !is_valid(name) {
            out.push(
                invalid(cluster, &format!("{} cannot be the name of a cluster", quoted(name)))
                    .label("1 to 32 of a-z, 0-9 and hyphen, first and last a letter or digit")
                    .help("peers are dialled as <name>.mesh.cilium.io, and the server certificate covers one label"),
            );
        }
    }
}

fn invalid(cluster: &Cluster, message: &str) -> Finding {
    RULE.finding(cluster.name.place.clone(), message)
        .cluster(cluster.name())
}

/// Whether a name is one that every Cilium version takes.
pub(crate) fn is_valid(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let outer = |c: Option<char>| c.is_some_and(|c| inner(c) && c != '-');
    name != "default"
        && name.len() <= 32
        && name.chars().all(inner)
        && outer(name.chars().next())
        && outer(name.chars().next_back())
}
