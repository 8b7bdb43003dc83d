//! A cluster that is not what the lock says, or that takes what another had.

use ipnet::IpNet;

use super::id_range::in_range;
use super::{Context, Rule};
use crate::code::code;
use crate::finding::Finding;
use crate::input::lock_file::{Lock, LockedCluster};
use crate::mesh_lock::{LockedRanges, RANGES, is_former, written};
use crate::model::{Cluster, Fact};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "lock-changed", Error,
        what: "A name, ID, range or node port is another one than mesh.lock.yaml says, or belonged to a cluster that is gone.",
        why: "A live cluster that is renumbered loses its connections until all its workloads are restarted; its ranges cannot change at all. What a former cluster had may still stand in firewall rules, tracked connections and the peers' tables. `render --lock` writes mesh.lock.yaml: it adds what is new, and changes nothing that stands there. `--unlock NAME` allows it for one cluster, in `validate` and `render`; `render --lock --unlock NAME` notes what is new.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(lock) = &context.input.lock else {
        return;
    };
    let mesh = context.mesh;
    for cluster in &mesh.clusters {
        if context.request.unlocked.contains(cluster.name()) {
            continue;
        }
        let mut entries = lock.clusters.iter().enumerate();
        let own = entries.find(|(_, locked)| locked.name() == cluster.name());
        let checked = LockComparison {
            context,
            lock,
            cluster,
            own,
        };
        match own {
            Some((at, locked)) if locked.gone => out.push(checked.returned(at)),
            _ => checked.facts(out),
        }
    }
}

/// A cluster held against the lock.
struct LockComparison<'c> {
    context: &'c Context<'c>,
    lock: &'c Lock,
    cluster: &'c Cluster,
    /// Its entry, with its position.
    own: Option<(usize, &'c LockedCluster)>,
}

impl LockComparison<'_> {
    /// The name of a cluster that was gone.
    fn returned(&self, at: usize) -> Finding {
        let name = self.cluster.name();
        self.finding(
            self.cluster.name.place.clone(),
            format!("{name} was the name of a cluster that is gone, and would be used again"),
            self.lock.place(at, "name"),
            format!(
                "choose another name, or say `--unlock {name}` if it is that very cluster or nothing of it is left"
            ),
        )
    }

    fn facts(&self, out: &mut Vec<Finding>) {
        out.extend(self.id());
        out.extend(RANGES.iter().filter_map(|ranges| self.ranges(ranges)));
        out.extend(self.node_port());
    }

    fn id(&self) -> Option<Finding> {
        let id = self.cluster.id.as_ref()?;
        let mesh = self.context.mesh;
        let has_it = |other: &&Cluster| other.id.as_ref().is_some_and(|o| o.value == id.value);
        if !in_range(mesh, id.value) || mesh.clusters.iter().filter(has_it).count() > 1 {
            return None;
        }
        self.number("id", "ID", id, |locked| locked.id)
    }

    fn node_port(&self) -> Option<Finding> {
        let apiserver = &self.cluster.apiserver;
        let port = apiserver.served_node_port()?;
        let place = apiserver.node_port_place()?.clone();
        let port = Fact::new(port, place);
        self.number("nodePort", "node port", &port, |locked| locked.node_port)
    }

    fn number(
        &self,
        key: &str,
        what: &str,
        now: &Fact<i64>,
        locked: impl Fn(&LockedCluster) -> Option<i64>,
    ) -> Option<Finding> {
        let value = now.value;
        let own = self.own.and_then(|(at, own)| Some((at, locked(own)?)));
        match own {
            Some((_, before)) if before == value => None,
            Some((at, before)) => {
                let change = format!("the {what} of {} is {before}", self.cluster.name());
                Some(self.changed(key, now.place.clone(), at, (change, value.to_string())))
            }
            None => {
                let former = self.former(|other| locked(other) == Some(value))?;
                let taken = format!("{what} {value}");
                Some(self.reused(key, now.place.clone(), former, &taken))
            }
        }
    }

    fn ranges(&self, ranges: &LockedRanges) -> Option<Finding> {
        let now = (ranges.now)(self.cluster);
        let first = now.first()?;
        if self.cluster.is_unusable(ranges.key) {
            return None;
        }
        let own = self.own.map(|(at, own)| (at, (ranges.locked)(own)));
        match own.filter(|(_, locked)| !locked.is_empty()) {
            Some((at, locked)) => {
                let (before, now) = (sorted(locked), written(now));
                (before != now).then(|| {
                    let name = self.cluster.name();
                    let change = format!("the {} of {name} are {}", ranges.what, before.join(", "));
                    self.changed(
                        ranges.key,
                        first.place.clone(),
                        at,
                        (change, now.join(", ")),
                    )
                })
            }
            None => now.iter().find_map(|range| {
                let former = self.former(|other| overlaps((ranges.locked)(other), range.value))?;
                let place = range.place.clone();
                Some(self.reused(ranges.key, place, former, &format!("{}", range.value)))
            }),
        }
    }

    /// The cluster of the lock that is gone and had something, unless another that is still there shares it.
    fn former(&self, had: impl Fn(&LockedCluster) -> bool) -> Option<usize> {
        let mesh = self.context.mesh;
        let clusters = || self.lock.clusters.iter().filter(|locked| had(locked));
        if clusters().any(|locked| !is_former(locked, mesh)) {
            return None;
        }
        let is_unlocked = |locked: &LockedCluster| {
            let unlocked = &self.context.request.unlocked;
            unlocked.contains(locked.name())
        };
        let mut all = self.lock.clusters.iter();
        all.position(|locked| had(locked) && !is_unlocked(locked))
    }

    fn changed(&self, key: &str, place: Place, at: usize, (was, now): (String, String)) -> Finding {
        let name = self.cluster.name();
        self.finding(
            place,
            format!("{was} in mesh.lock.yaml, and would become {now}"),
            self.lock.place(at, key),
            format!("write what the lock says, or say `--unlock {name}` if the change is meant"),
        )
    }

    fn reused(&self, key: &str, place: Place, former: usize, what: &str) -> Finding {
        let name = self.cluster.name();
        let owner = self.lock.clusters[former].name();
        self.finding(
            place,
            format!("{what} was given to {owner}, which is no longer in mesh.yaml, and {name} would take it"),
            self.lock.place(former, key),
            format!(
                "give {name} another one; if {name} is {owner} under a new name, or nothing of {owner} is left, say `--unlock {name}`"
            ),
        )
    }

    fn finding(&self, place: Place, message: String, locked: Place, help: String) -> Finding {
        RULE.finding(place, message)
            .related(locked, "the lock")
            .help(help)
            .cluster(self.cluster.name())
    }
}

fn sorted(ranges: &[String]) -> Vec<String> {
    let mut sorted: Vec<(Option<IpNet>, &String)> = ranges
        .iter()
        .map(|range| (range.parse().ok(), range))
        .collect();
    sorted.sort();
    sorted.dedup();
    sorted.into_iter().map(|(_, range)| range.clone()).collect()
}

fn overlaps(ranges: &[String], range: IpNet) -> bool {
    let mut parsed = ranges.iter().filter_map(|text| text.parse::<IpNet>().ok());
    parsed.any(|other| other.contains(&range) || range.contains(&other))
}
