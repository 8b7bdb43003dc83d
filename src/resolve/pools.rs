//! The pod ranges in the dumped Helm values: the pools that Cilium gives each node a part of.

use ipnet::IpNet;
use serde_json::Value;

use super::codes;
use super::field::FieldReader;
use crate::finding::Finding;
use crate::model::{Current, Fact, at_path};
use crate::source::{Place, Route, quoted};

/// The keys of a family's pool. The list wins; the single range is of 1.13 (`cilium-configmap.yaml` of the charts).
struct Pool {
    is_v4: bool,
    list: &'static str,
    single: &'static str,
}

const POOLS: [Pool; 2] = [
    Pool {
        is_v4: true,
        list: "ipam.operator.clusterPoolIPv4PodCIDRList",
        single: "ipam.operator.clusterPoolIPv4PodCIDR",
    },
    Pool {
        is_v4: false,
        list: "ipam.operator.clusterPoolIPv6PodCIDRList",
        single: "ipam.operator.clusterPoolIPv6PodCIDR",
    },
];

/// The modes of `ipam.mode` that hand out the pool; the first is the default.
const POOL_MODES: [&str; 2] = ["cluster-pool", "cluster-pool-v2beta"];

impl FieldReader<'_, '_> {
    /// The pod ranges with what the pools add: a family that nothing else tells. A pool must lie in a
    /// range that is declared.
    pub(super) fn with_pools(
        &mut self,
        declared: Vec<Fact<IpNet>>,
        current: Option<&Current>,
    ) -> Vec<Fact<IpNet>> {
        let usable = current.filter(|_| !self.unusable.contains("podCIDRs"));
        let Some(current) = usable.filter(|current| !self.is_foreign(current)) else {
            return declared;
        };
        let mut ranges = declared.clone();
        for pool in POOLS.iter().filter(|pool| pool.is_used(current)) {
            let same_family = |range: &&Fact<IpNet>| is_v4(&range.value) == pool.is_v4;
            let declared: Vec<&Fact<IpNet>> = declared.iter().filter(same_family).collect();
            let handed_out = self.pool(pool, current);
            let is_declared = |range: &Fact<IpNet>| {
                declared
                    .iter()
                    .any(|declared| declared.value.contains(&range.value))
            };
            if declared.is_empty() {
                ranges.extend(handed_out);
            } else if let Some(range) = handed_out.iter().find(|range| !is_declared(range)) {
                let finding = contradiction(self.name, &declared, range, &handed_out);
                let typed = declared.iter().map(|range| range.value.to_string());
                let dumped = handed_out.iter().map(|range| range.value.to_string());
                self.push_difference("podCIDRs", typed.collect(), dumped.collect(), finding);
                self.unusable.insert("podCIDRs");
                return Vec::new();
            }
        }
        ranges
    }

    /// Whether the object is that of another cluster of the mesh, which `dump-foreign` says: it has the uid
    /// of one in another cluster's dumps, or bears another cluster's name.
    fn is_foreign(&self, current: &Current) -> bool {
        let input = self.reading.input;
        let uid = current.uid.as_deref();
        let has_uid = uid.is_some_and(|uid| self.reading.is_elsewhere(uid, self.index));
        let name = at_path(current.values(), "cluster.name").and_then(Value::as_str);
        let entries = input.file.iter().flat_map(|file| file.clusters.iter());
        let mut names = entries.flatten().filter_map(|entry| entry.name.as_deref());
        has_uid || name.is_some_and(|own| own != self.name && names.any(|name| name == own))
    }

    /// The ranges of a pool. Cilium itself takes an address inside a range for the range.
    fn pool(&mut self, pool: &Pool, current: &Current) -> Vec<Fact<IpNet>> {
        let mut ranges = Vec::new();
        for (text, place) in pool.written(current) {
            match text.parse::<IpNet>() {
                Ok(range) if is_v4(&range) == pool.is_v4 => {
                    ranges.push(Fact::new(range.trunc(), place));
                }
                _ if text.contains("{{") => {} // KKP fills it in
                _ => self.push(invalid(self.name, text, pool, place)),
            }
        }
        ranges
    }
}

impl Pool {
    /// Whether the cluster hands out this pool.
    fn is_used(&self, current: &Current) -> bool {
        let mode = at_path(current.values(), "ipam.mode").and_then(Value::as_str);
        let has_family = self.is_v4
            || at_path(current.values(), "ipv6.enabled").and_then(Value::as_bool) == Some(true);
        has_family && mode.is_none_or(|mode| mode.is_empty() || POOL_MODES.contains(&mode))
    }

    /// The ranges as they are written, with their places.
    fn written<'c>(&self, current: &'c Current) -> Vec<(&'c str, Place)> {
        let said = [self.list, self.single].into_iter();
        let mut said = said.map(|path| ranges_at(current, path));
        said.find(|ranges| !ranges.is_empty()).unwrap_or_default()
    }
}

/// A list of ranges, or a text that holds some.
fn ranges_at<'c>(current: &'c Current, path: &str) -> Vec<(&'c str, Place)> {
    match at_path(current.values(), path) {
        Some(Value::Array(items)) => {
            let route = Route::root().dotted(path);
            let items = items.iter().enumerate();
            items
                .filter_map(|(index, item)| {
                    Some((item.as_str()?, current.place_at(route.index(index).steps())))
                })
                .collect()
        }
        Some(Value::String(text)) => {
            let words = text.split([' ', ',']).filter(|word| !word.is_empty());
            words
                .map(|word| (word, current.value_place(path)))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn is_v4(range: &IpNet) -> bool {
    matches!(range, IpNet::V4(_))
}

fn contradiction(
    name: &str,
    declared: &[&Fact<IpNet>],
    pool: &Fact<IpNet>,
    handed_out: &[Fact<IpNet>],
) -> Finding {
    let joined = |ranges: &mut dyn Iterator<Item = &IpNet>| {
        let ranges: Vec<String> = ranges.map(ToString::to_string).collect();
        ranges.join(", ")
    };
    let ranges = joined(&mut declared.iter().map(|range| &range.value));
    let all = joined(&mut handed_out.iter().map(|range| &range.value));
    let message = format!(
        "the pod range of {name} is said to be {ranges}, and its values give pods addresses of {}",
        pool.value
    );
    codes::INPUT_DISAGREES
        .finding(declared[0].place.clone(), message)
        .label(format!("{ranges} here"))
        .related(pool.place.clone(), format!("{} here", pool.value))
        .help(format!(
            "write `podCIDRs: [{all}]`, or dump the ApplicationInstallation and the KKP Cluster again if they are old"
        ))
}

fn invalid(name: &str, text: &str, pool: &Pool, place: Place) -> Finding {
    let family = if pool.is_v4 { "IPv4" } else { "IPv6" };
    codes::CIDR_INVALID
        .finding(
            place,
            format!(
                "the pool of {name} holds {}, which is no {family} range",
                quoted(text)
            ),
        )
        .label("expected an address, a slash and a prefix length")
        .help("mend the ApplicationInstallation, then dump it again")
}
