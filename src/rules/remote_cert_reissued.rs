//! Peers hold an earlier remote certificate than the dumped one, because it never rests.

use std::collections::BTreeMap;

use super::{Context, Rule, remote_cert};
use crate::code::code;
use crate::compile::plan::{Peer, PeerTls};
use crate::finding::Finding;
use crate::model::Cluster;
use crate::pki::Certificate;
use crate::profile::reissues_always;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: &code!(
        "remote-cert-reissued", Note,
        what: "A cluster issues its remote certificate again at every reconcile, and its peers hold an earlier one.",
        why: "Up to KKP 2.25 every reconcile is a Helm upgrade, and before Cilium 1.19 each upgrade replaces all leaves. What peers hold is signed by the same CA, so it stays right and meshgen keeps it: else every dump would change every peer. It is replaced when the dumped one lasts much longer, or when its CA is another.",
    ),
    check,
};

fn check(context: &Context<'_>, out: &mut Vec<Finding>) {
    let mut kept = BTreeMap::new();
    for cluster in &context.plan.clusters {
        for peer in &cluster.peers {
            let index = peer.cluster.index;
            if !kept.contains_key(&index)
                && let Some(dumped) = overtaken(peer)
            {
                kept.insert(index, (peer.cluster, dumped));
            }
        }
    }
    let mut kept = kept.into_values();
    let Some((first, place)) = kept.next() else {
        return;
    };
    let others: Vec<&Cluster> = kept.map(|(cluster, _)| cluster).collect();
    let named = match others.len() {
        0 => format!("{} issues its remote certificate", first.name()),
        more => format!(
            "{} and {more} more issue their remote certificates",
            first.name()
        ),
    };
    let finding = RULE
        .finding(
            place,
            format!("{named} again at every reconcile; peers keep the one that they hold"),
        )
        .label("another one than peers hold")
        .help("nothing is to be done: what peers hold is right until it ends, or until its CA is replaced")
        .cluster(first.name());
    out.push(
        others
            .into_iter()
            .fold(finding, |finding, cluster| finding.cluster(cluster.name())),
    );
}

/// The place of a dumped certificate of a peer that is not the one that is kept, where that will be so time and again.
fn overtaken(peer: &Peer<'_>) -> Option<Place> {
    let PeerTls::Kept(kept) = &peer.tls else {
        return None;
    };
    let (cluster, dumped) = (peer.cluster, peer.cluster.remote.cert.as_ref()?);
    let kkp = cluster.kkp.as_ref()?.value.profile;
    let never_rests = reissues_always(kkp, cluster.chart()?);
    if !never_rests || remote_cert::is_given(cluster) || kept.cert == dumped.value.pem_base64() {
        return None;
    }
    let kept = Certificate::parse(kept.cert).ok()?;
    let is_another = kept.facts().fingerprint != dumped.value.facts().fingerprint;
    is_another.then(|| dumped.place.clone())
}
