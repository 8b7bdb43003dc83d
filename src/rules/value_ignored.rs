//! A chart that takes no notice of a value that the patch keeps, or of what mesh.yaml asks for.

use serde_json::Value;

use super::kept_values;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::model::{Cluster, Current, ServiceType, at_path};
use crate::profile::kept_values::{ValueEffect, rows};
use crate::source::{Place, Route};

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "value-ignored", Warning,
        what: "The current values of a cluster hold a key that the chart of its Cilium version takes no notice of, or mesh.yaml asks for such a setting.",
        why: "Charts read only the keys that they know, and say nothing about others. A key that was renamed or removed silently gives way to the default: `tunnel: geneve` to VXLAN from 1.15.0 on, strict encryption to none from 1.20.0 on. A key with dots in it, as `helm --set` takes them, is one key for YAML, and no chart has such a one. Where an upgrade is announced the finding comes before it.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    kept_values::find(context, &RULE, ValueEffect::Ignored, out);
    for cluster in context.mesh.members() {
        out.extend(typed_in_vain(cluster));
        if let Some(current) = &cluster.current {
            out.extend(with_dots(cluster, current));
        }
    }
}

/// What mesh.yaml asks for of the Service, and the chart does not have.
fn typed_in_vain(cluster: &Cluster) -> Vec<Finding> {
    let apiserver = &cluster.apiserver;
    let class = apiserver.load_balancer_class.as_ref();
    let ranges = apiserver.load_balancer_source_ranges.as_ref();
    let class = class.map(|class| {
        (
            "loadBalancerClass",
            &class.place,
            Value::from(class.value.as_str()),
        )
    });
    let ranges = ranges.map(|ranges| {
        (
            "loadBalancerSourceRanges",
            &ranges.place,
            Value::from(ranges.value.clone()),
        )
    });
    let asked = class.into_iter().chain(ranges);
    let is_served = |_: &_| apiserver.service_type == ServiceType::LoadBalancer;
    asked
        .filter(is_served)
        .filter_map(|(key, place, value)| in_vain(cluster, key, place, &value))
        .collect()
}

fn in_vain(cluster: &Cluster, key: &str, place: &Place, value: &Value) -> Option<Finding> {
    let version = cluster.cilium_version()?;
    let path = format!("clustermesh.apiserver.service.{key}");
    let mut rows = rows().filter(|row| row.effect == ValueEffect::Ignored && row.path == path);
    let row = rows.find(|row| row.is_met(version, |at| (at == path).then_some(value)))?;
    let message = format!(
        "mesh.yaml asks for `{key}` in {}, which the chart of Cilium {version} takes no notice of",
        cluster.name()
    );
    let mut finding = RULE
        .finding(place.clone(), message)
        .help(row.mend)
        .cluster(cluster.name());
    if let Some(cilium) = &cluster.cilium {
        finding = finding.related(cilium.place.clone(), "the version");
    }
    Some(finding)
}

/// Where the chart has keys of its own alone, so that none of them has a dot.
const OWN_KEYS_ONLY: [&str; 6] = ["", "cluster", "clustermesh", "encryption", "ipam", "tls"];

/// Keys with dots in them, as `helm --set` takes them.
fn with_dots(cluster: &Cluster, current: &Current) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in OWN_KEYS_ONLY {
        let held = match path {
            "" => Some(current.values()),
            path => at_path(current.values(), path),
        };
        let keys = held
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|held| held.keys());
        for key in keys.filter(|key| is_dotted(key)) {
            let place = current.key_place_at(Route::root().dotted(path).key(key).steps());
            let nested = key.replace('.', ": {");
            let closed = "}".repeat(key.matches('.').count());
            let message = format!(
                "the values of {} hold a key with dots in it, `{key}`, which the chart takes no notice of",
                cluster.name()
            );
            found.push(
                RULE.finding(place, message)
                    .help(format!("write one key below the other, such as `{nested}: ...{closed}`, and dump the ApplicationInstallation again"))
                    .cluster(cluster.name()),
            );
        }
    }
    found
}

/// Whether a key is a path of the values rather than a name of somebody's own.
fn is_dotted(key: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric());
    key.contains('.') && key.len() <= 100 && key.split('.').all(is_word)
}
