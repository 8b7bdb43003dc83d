//! Objects that grow with the mesh until nothing takes them.

use super::{Context, Rule};
use crate::code::code;
use crate::compile::firewall;
use crate::compile::paths::PEERS;
use crate::compile::plan::ClusterPlan;
use crate::finding::Finding;
use crate::firewall::quota::{QUOTAS, Quota};
use crate::firewall::rules::Reachability as RulePlan;
use crate::model::{Cluster, Mesh, Trust, at_path};
use crate::pki::KeyKind;
use crate::profile::capacity::{self, PerPeer};
use crate::profile::releases::ValuesField;
use crate::trust;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "capacity", Warning,
        what: "With this many clusters an object would be larger than Kubernetes allows.",
        why: "Each cluster holds something of each other: in its values, in the Secret with its peers, and twice in the Secret in which Helm keeps the release. A Secret holds 1 MiB, etcd takes 1.5 MiB at once, the API server reads 3 MiB. Inline certificates cost the most, RSA ones four times as much as those of Cilium's own Job; with a shared CA nothing grows to speak of. The sizes are predicted from measured ones, to a few per cent. Firewalls of clouds have quotas as well: AWS takes 60 inbound rules of a family in a security group, OpenStack 100 in a project.",
    ),
    check,
};

/// The ApplicationInstallation around its values: metadata, status and managed fields.
const AROUND: u64 = 4_096;
/// Helm values without any peer, where no dump tells.
const VALUES: u64 = 2_048;
/// The Secret with the peers, where there are none.
const SECRET: u64 = 64;

/// One object of one cluster.
struct Size<'m> {
    cluster: &'m Cluster,
    what: &'static str,
    bytes: u64,
    limit: u64,
    /// The number of clusters from which on it is too large.
    breaks_at: u64,
}

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    out.extend(
        QUOTAS
            .iter()
            .filter_map(|quota| quota_exceeded(context.mesh, quota)),
    );
    let planned = context.plan.clusters.iter();
    let mut sizes: Vec<Size<'_>> = planned
        .flat_map(|planned| sizes(context, planned))
        .collect();
    sizes.retain(|size| size.bytes > size.limit);
    // What breaks first is named first; one finding for the mesh, since the cure is one.
    sizes.sort_by_key(|size| (size.breaks_at, size.cluster.index));
    let Some(first) = sizes.first() else { return };
    let trust = &context.mesh.trust;
    let message = format!(
        "trust mode {} does not carry {} clusters: the {} of {} would be about {} bytes, and {} are allowed; it breaks from about {} clusters on",
        trust.value.as_str(),
        context.mesh.members().count(),
        first.what,
        first.cluster.name(),
        first.bytes,
        first.limit,
        first.breaks_at
    );
    let mut finding = RULE
        .finding(trust.place.clone(), message)
        .help(help(trust.value));
    let mut texts = vec![first.what];
    for size in &sizes {
        if !texts.contains(&size.what) {
            texts.push(size.what);
            let text = format!(
                "the {} would be about {} bytes of {}, and breaks from about {} clusters on",
                size.what, size.bytes, size.limit, size.breaks_at
            );
            finding = finding.related(size.cluster.place.clone(), text);
        }
        finding = finding.cluster(size.cluster.name());
    }
    out.push(finding);
}

/// Rules of the provider's firewall, where its quota is less than what a cluster needs. One finding, since the cure is one.
fn quota_exceeded(mesh: &Mesh, quota: &Quota) -> Option<Finding> {
    let is_there = |cluster: &&Cluster| {
        let provider = cluster.provider.as_ref();
        provider.is_some_and(|provider| provider.value == quota.provider)
    };
    let mut there = mesh.members().filter(is_there).peekable();
    there.peek()?;
    let members = firewall::members(mesh);
    let plan = RulePlan::new(&members, firewall::datapath(mesh));
    let needs = |cluster: &Cluster| quota.exceeded(&plan, plan.position(cluster.name())?);
    let mut clusters = there.filter_map(|cluster| Some((cluster, needs(cluster)?)));
    let (first, needed) = clusters.next()?;
    let place = first.provider.as_ref()?.place.clone();
    let finding = RULE
        .finding(place, quota.sentence(first.name(), needed))
        .help(quota.help)
        .cluster(first.name());
    Some(clusters.fold(finding, |finding, (cluster, _)| {
        finding.cluster(cluster.name())
    }))
}

fn help(trust: Trust) -> &'static str {
    match trust {
        Trust::SharedCa => {
            "upgrade the clusters on Cilium 1.13: from 1.14 on a shared CA needs no certificates in the values"
        }
        Trust::Inline => {
            "use `trust: sharedCA` or `trust: bundle`, or certificates of Cilium's own Job, which are P-256"
        }
        Trust::Bundle => "use `trust: sharedCA`",
    }
}

fn sizes<'m>(context: &Context<'m>, planned: &ClusterPlan<'m>) -> [Size<'m>; 4] {
    let (mesh, cluster) = (context.mesh, planned.cluster);
    let others = mesh.members().count().saturating_sub(1) as u64;
    let cost = cost(context, planned);
    let alone = own_values(cluster);
    let size = |what, base: u64, per_peer: u64, limit: u64| Size {
        cluster,
        what,
        bytes: base + others * per_peer,
        limit,
        breaks_at: limit.saturating_sub(base) / per_peer.max(1) + 2,
    };
    let today = cluster
        .current
        .as_ref()
        .and_then(|current| current.block.as_ref());
    let patch_base = match planned.form {
        // A JSON Patch repeats the block of today, to test it.
        ValuesField::Block => alone + today.map_or(0, |block| block.len() as u64),
        ValuesField::Values => alone,
    };
    [
        size(
            "Secret of the Helm release",
            planned.chart.release_base,
            cost.release,
            capacity::SECRET,
        ),
        size(
            "Secret with the peers",
            SECRET,
            cost.secret,
            capacity::SECRET,
        ),
        size(
            "ApplicationInstallation",
            alone + AROUND,
            cost.values,
            capacity::OBJECT,
        ),
        size("patch", patch_base, cost.values, capacity::REQUEST),
    ]
}

/// What a peer costs in a cluster; where peers differ, what the dearest kind costs.
fn cost(context: &Context<'_>, planned: &ClusterPlan<'_>) -> PerPeer {
    let mesh = context.mesh;
    let rsa = |kind: KeyKind| matches!(kind, KeyKind::Rsa { .. });
    let mut others = mesh
        .clusters
        .iter()
        .filter(|other| other.index != planned.cluster.index);
    let dear = others.any(|other| {
        let leaf = other.remote.cert.as_ref().map(|cert| &cert.value);
        let cert = match mesh.trust.value {
            Trust::Bundle => trust::own_ca(other),
            Trust::SharedCa | Trust::Inline => leaf,
        };
        cert.is_some_and(|cert| rsa(cert.facts().public_key.kind()))
    });
    capacity::per_peer(planned.chart, mesh.trust.value, dear)
}

/// The size of a cluster's values without peers.
fn own_values(cluster: &Cluster) -> u64 {
    let Some(current) = &cluster.current else {
        return VALUES;
    };
    let peers = at_path(current.values(), PEERS).map_or(0, |peers| peers.to_string().len());
    let all = current
        .block
        .as_ref()
        .map_or_else(|| current.values().to_string().len(), String::len);
    (all.saturating_sub(peers) as u64).max(VALUES)
}
