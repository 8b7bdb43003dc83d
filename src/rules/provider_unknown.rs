//! A provider whose name is almost KKP's name of one.

use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::structure::closest;
use crate::profile::platform::PROVIDERS;
use crate::source::quoted;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "provider-unknown", Warning,
        what: "The `provider` of a cluster is none that meshgen knows, and almost one that it does.",
        why: "By the provider meshgen tells which load balancers, firewalls and limits a cluster has. Under a name that it does not know none of these checks is made, and nothing else says so. KKP's names are those of `spec.cloud.providerName` of the Cluster. A name that is near no known one may be of a newer KKP, and is left alone.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for cluster in context.mesh.members() {
        let Some(provider) = &cluster.provider else {
            continue;
        };
        let written = provider.value.as_str();
        let near = closest(written, PROVIDERS).filter(|near| *near != written);
        let Some(near) = near else { continue };
        let message = format!(
            "the provider of {} is {}, which meshgen does not know",
            cluster.name(),
            quoted(written)
        );
        out.push(
            RULE.finding(provider.place.clone(), message)
                .label(format!("did you mean `{near}`?"))
                .help(format!("write `provider: {near}`"))
                .cluster(cluster.name()),
        );
    }
}
