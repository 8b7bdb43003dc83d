//! A CA from which no leaf can be issued any more.

use super::dates::{DAY, day};
use super::mesh_ca::Ca;
use super::{Context, Rule, mesh_ca};
use crate::code::code;
use crate::finding::Finding;
use crate::model::Cluster;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "ca-ends-before-leaves", Error,
        what: "A CA ends before the certificates that Cilium would issue from it today.",
        why: "From Cilium 1.20 on the certificate Job refuses a CA that its leaves would outlive; these live 365 days, a CA of Cilium's three years. The Job fails, and with it the Helm upgrade. Make a new CA, or set `clustermesh.apiserver.tls.auto.certValidityDuration` to fewer days.",
    ),
    check,
};

/// How many days the leaves of a cluster live, where its values say so.
const DAYS: &str = "clustermesh.apiserver.tls.auto.certValidityDuration";

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(now) = context.now else { return };
    for ca in mesh_ca::all(context).iter().filter(|ca| ca.is_good(now)) {
        let Some(cluster) = refusing(context, ca, now) else {
            continue;
        };
        let message = format!(
            "{} ends on {}, before certificates of {} days that {} would issue from it today",
            ca.name(),
            day(ca.cert.value.facts().not_after),
            leaf_days(cluster).unwrap_or_default(),
            cluster.name()
        );
        let finding = RULE
            .finding(ca.cert.place.clone(), message)
            .help(format!("make a new CA, or set `{DAYS}` to fewer days"))
            .cluster(cluster.name());
        out.push(finding);
    }
}

/// Whether some cluster refuses to issue from a CA today.
pub(super) fn is_too_short(context: &Context<'_>, ca: &Ca<'_>, now: i64) -> bool {
    refusing(context, ca, now).is_some()
}

/// The first cluster that would have to issue from a CA and refuses.
fn refusing<'m>(context: &Context<'m>, ca: &Ca<'m>, now: i64) -> Option<&'m Cluster> {
    let mut clusters = context.mesh.members();
    clusters.find(|cluster| {
        let issues = ca.of.is_none_or(|of| of.index == cluster.index);
        let days = leaf_days(cluster).filter(|_| issues);
        days.is_some_and(|days| now + days * DAY > ca.cert.value.facts().not_after)
    })
}

/// How long leaves live, on charts whose Job compares.
fn leaf_days(cluster: &Cluster) -> Option<i64> {
    let chart = cluster.chart().filter(|chart| chart.ca_must_outlive)?;
    let written = cluster
        .current_value(DAYS)
        .and_then(serde_json::Value::as_i64);
    Some(
        written
            .filter(|days| (1..100_000).contains(days))
            .unwrap_or(chart.leaf_days.into()),
    )
}
