//! Where a patch goes through, there must be a mapping.

use super::{Context, Rule};
use crate::code::code;
use crate::compile::owned;
use crate::finding::Finding;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "value-not-a-mapping", Error,
        what: "The current values hold a single value or a list where the chart has a mapping.",
        why: "The patch sets values below that key, and would have to throw away what stands there; the chart itself cannot be rendered with it. Mend the ApplicationInstallation, then dump it again.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    for planned in &context.plan.clusters {
        let cluster = planned.cluster;
        let Some(current) = &cluster.current else {
            continue;
        };
        let Some(way) = owned::blocked(current.values()) else {
            continue;
        };
        let path = way.join(".");
        let message = format!(
            "`{path}` in the current values of {} is no mapping",
            cluster.name()
        );
        out.push(
            RULE.finding(current.value_place(&path), message)
                .label("expected a mapping")
                .help("remove the key from the ApplicationInstallation or give it the mapping that the chart reads, then dump it again")
                .cluster(cluster.name()),
        );
    }
}
