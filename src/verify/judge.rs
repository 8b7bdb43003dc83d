//! The state of each pair: failing where there is a fault, else healthy where probes show it.

use super::answer::{PairHealth, PairState};
use super::asked::Asked;
use super::evidence::{AgentView, Evidence};
use super::expected::Expected;
use super::faults::{About, PairFault};
use super::outputs::{Column, NodeHealth, ProbeResult, Saved};
use super::{identity, next, not_yet};

/// All pairs that one cluster sees: of clusters, and of nodes.
pub(super) fn pairs_from(asked: &Asked<'_>, at: usize, saved: &[Saved]) -> Vec<PairHealth> {
    let evidence = Evidence::of(asked, &asked.expected[at], saved);
    let from = asked.clusters[at];
    let stale = identity::fault(asked, from, &evidence);
    let peers = not_yet::peers(from);
    let mut pairs = Vec::new();
    for (to, expected) in asked.clusters.iter().zip(asked.expected) {
        if to.index == from.index {
            continue;
        }
        let about = About {
            asked,
            from,
            to,
            expected,
            peers: peers.as_ref(),
        };
        let mut nodes = Vec::new();
        let mut faults: Vec<PairFault> = stale.iter().cloned().collect();
        connection(&about, &evidence, &mut faults);
        let verdicts: Vec<ProbeVerdict> = evidence
            .agents
            .iter()
            .map(|view| probes(&about, view, &mut faults, &mut nodes))
            .collect();
        tls(&about, &evidence, &verdicts, &mut faults);
        pairs.push(pair(
            &about,
            &asked.expected[at],
            &evidence,
            faults,
            &verdicts,
        ));
        pairs.append(&mut nodes);
    }
    pairs
}

/// What one agent's probes say of a cluster.
#[derive(Debug, PartialEq, Eq)]
enum ProbeVerdict {
    /// There are no probes.
    None,
    /// Not all of its nodes were probed, for this reason.
    Open(&'static str),
    /// All are well.
    Good,
    /// Not all are.
    Bad,
}

/// Faults of the connection of the control planes.
fn connection(about: &About<'_>, evidence: &Evidence<'_>, faults: &mut Vec<PairFault>) {
    let to = about.to.name();
    let dial = about.agents_dial(evidence);
    for view in &evidence.agents {
        let at = |line: usize| format!("{}:{line}", view.file);
        match &view.agent.peers {
            Some(peers) => match view.peers.get(to) {
                Some(peer) => {
                    about.of_peer(view.file, peer, dial && !peer.through_kvstoremesh, faults)
                }
                None if peers
                    .ready
                    .is_some_and(|(_, all)| all <= peers.listed.len() as u64) =>
                {
                    faults.push(about.not_configured(at(peers.line)));
                }
                None => {}
            },
            None if view.agent.is_status && view.agent.goes_on => {
                faults.push(about.not_configured(at(view.agent.line)));
            }
            None => {}
        }
        faults.extend(about.strangers(view));
    }
    for (file, peers) in &evidence.kvstoremesh {
        if let Some(peer) = peers.listed.iter().find(|peer| peer.name == to) {
            let mut found = Vec::new();
            about.of_peer(file, peer, true, &mut found);
            // KVStoreMesh counts nodes only on some versions.
            found.retain(|fault| fault.cause != super::cause::Cause::MissingNode);
            faults.append(&mut found);
        }
    }
    for (file, cli) in &evidence.cli {
        match cli.agents.iter().find(|sees| sees.name == to) {
            Some(sees) => about.of_counts(file, sees, dial && !cli.kvstoremesh, faults),
            None if cli.has_agents => {
                faults.push(about.not_configured(format!("{file}:{}", cli.line)))
            }
            None => {}
        }
        if let Some(sees) = cli.kvstoremesh_sees.iter().find(|sees| sees.name == to) {
            about.of_counts(file, sees, true, faults);
        }
    }
}

/// TLS errors: those of logs may be old, so they count only where nothing shows that the pair is well.
fn tls(
    about: &About<'_>,
    evidence: &Evidence<'_>,
    verdicts: &[ProbeVerdict],
    faults: &mut Vec<PairFault>,
) {
    let is_well = faults.is_empty() && verdicts.contains(&ProbeVerdict::Good);
    let is_only_peer = about.asked.clusters.len() == 2;
    let hosts = &about.to.apiserver;
    for (file, fault) in &evidence.tls {
        let names_host = hosts
            .addresses
            .iter()
            .any(|ip| fault.said.contains(&ip.value.to_string()));
        let concerns = match &fault.cluster {
            Some(cluster) => cluster == about.to.name(),
            None => is_only_peer || names_host,
        };
        if concerns && (fault.is_current || !is_well) {
            faults.push(about.of_tls(file, fault));
        }
    }
}

/// What an agent's probes say of a cluster; its nodes go into `nodes`.
fn probes(
    about: &About<'_>,
    view: &AgentView<'_>,
    faults: &mut Vec<PairFault>,
    nodes: &mut Vec<PairHealth>,
) -> ProbeVerdict {
    let Some(health) = view
        .agent
        .health
        .as_ref()
        .filter(|health| health.off.is_none())
    else {
        return ProbeVerdict::None;
    };
    let listed = view
        .nodes
        .get(about.to.name())
        .map(Vec::as_slice)
        .unwrap_or_default();
    let (mut is_bad, mut is_open) = (false, false);
    for node in listed {
        let fault = about.of_node(view, node);
        let is_unmade = !is_probed(node, about);
        is_bad |= fault.is_some();
        is_open |= is_unmade;
        nodes.extend(node_pair(view, node, fault.as_ref(), is_unmade));
        faults.extend(fault);
    }
    if !view.lists_all() {
        return match () {
            () if is_bad => ProbeVerdict::Bad,
            () if is_open => ProbeVerdict::Open("a node was not probed yet"),
            () => by_headline(view, listed),
        };
    }
    if !health.is_cut
        && let Some(fault) = about.missing_nodes(view)
    {
        faults.push(fault);
        return ProbeVerdict::Bad;
    }
    match () {
        () if is_bad => ProbeVerdict::Bad,
        () if is_open => ProbeVerdict::Open("a node was not probed yet"),
        () if health.is_cut
            && (listed.is_empty()
                || about.missing_nodes(view).is_some()
                || about.expected.count == 0) =>
        {
            ProbeVerdict::Open("the output is cut off")
        }
        () => ProbeVerdict::Good,
    }
}

/// Agent status lists only nodes that are not well: its headline must count as many as are expected.
fn by_headline(view: &AgentView<'_>, listed: &[&NodeHealth]) -> ProbeVerdict {
    let agent = view.agent;
    let (Some(health), Some(_)) = (&agent.health, &agent.peers) else {
        return ProbeVerdict::Open("the agent's status does not name its peers");
    };
    let Some((good, all)) = health.reachable else {
        return ProbeVerdict::Open("there is no count of reachable nodes");
    };
    let rest_is_listed = health.nodes.len() >= all - good.min(all);
    match () {
        () if all < view.wanted => {
            ProbeVerdict::Open("the agent probes fewer nodes than are expected")
        }
        () if !listed.is_empty() || (good < all && (!rest_is_listed || health.is_cut)) => {
            ProbeVerdict::Open("the agent's status does not list all nodes that are not well")
        }
        () => ProbeVerdict::Good,
    }
}

/// Whether all addresses of a node were probed.
fn is_probed(node: &NodeHealth, about: &About<'_>) -> bool {
    let is_made = |column: &Column| match column {
        Column::Each(addresses) => {
            !addresses.is_empty()
                && addresses.iter().all(|address| {
                    address.icmp != ProbeResult::Unmade && address.http != ProbeResult::Unmade
                })
        }
        Column::Sum { unknown, all, .. } => *unknown == 0 && *all > 0,
    };
    let has_endpoint = match &node.endpoint {
        Some(endpoint) => is_made(endpoint),
        None => !about.asked.with_endpoint.contains(&node.name),
    };
    is_made(&node.host) && has_endpoint
}

/// A pair of nodes, where both are known by name.
fn node_pair(
    view: &AgentView<'_>,
    node: &NodeHealth,
    fault: Option<&PairFault>,
    is_unmade: bool,
) -> Option<PairHealth> {
    let from = view.agent.name.as_ref().filter(|name| name.contains('/'))?;
    let state = match fault {
        Some(_) => PairState::Failing,
        None if is_unmade => PairState::Unseen,
        None => PairState::Healthy,
    };
    Some(PairHealth {
        from: super::answer::quoted(from),
        to: super::answer::quoted(&node.name),
        state,
        cause: fault.map(|fault| fault.cause),
        why: fault.map(|fault| fault.why.clone()),
        next: fault.map(|fault| fault.next.clone()),
        seen: vec![format!("{}:{}", view.file, node.line)],
        is_due_later: false,
    })
}

/// The verdict about a pair of clusters.
fn pair(
    about: &About<'_>,
    own: &Expected,
    evidence: &Evidence<'_>,
    faults: Vec<PairFault>,
    verdicts: &[ProbeVerdict],
) -> PairHealth {
    let mut pair = PairHealth {
        from: about.from.name().to_owned(),
        to: about.to.name().to_owned(),
        state: PairState::Healthy,
        cause: None,
        why: None,
        next: None,
        seen: Vec::new(),
        is_due_later: false,
    };
    let worst = faults.iter().min_by_key(|fault| fault.cause);
    let unseen = match worst {
        None => unseen(about, own, evidence, verdicts),
        Some(_) => None,
    };
    let may_wait = match worst {
        None => unseen.is_some(),
        Some(fault) => not_yet::explains(fault.cause),
    };
    if may_wait && let Some(why) = not_yet::reason(about.from, about.peers, about.to) {
        pair.state = PairState::Unseen;
        pair.why = Some(why);
        pair.next = Some(next::plan(about.asked));
        pair.is_due_later = true;
        return pair;
    }
    if let Some(worst) = worst {
        pair.state = PairState::Failing;
        pair.cause = Some(worst.cause);
        pair.why = Some(worst.why.clone());
        pair.next = Some(worst.next.clone());
        let same = faults.iter().filter(|fault| fault.cause == worst.cause);
        pair.seen = same.flat_map(|fault| fault.seen.clone()).collect();
        pair.seen.dedup();
        return pair;
    }
    let probing = evidence
        .agents
        .iter()
        .zip(verdicts)
        .filter(|(_, verdict)| **verdict != ProbeVerdict::None);
    pair.seen = probing
        .map(|(view, _)| format!("{}:{}", view.file, view.agent.line))
        .collect();
    if let Some(why) = unseen {
        pair.state = PairState::Unseen;
        pair.why = Some(why);
        pair.next = Some(next::save_health(about.asked, about.from));
    }
    pair
}

/// Why a pair without a fault is not healthy yet.
fn unseen(
    about: &About<'_>,
    own: &Expected,
    evidence: &Evidence<'_>,
    verdicts: &[ProbeVerdict],
) -> Option<String> {
    let (from, to) = (about.from.name(), about.to.name());
    let mut agents = evidence.agents.iter();
    if let Some(view) = agents.find(|view| view.broke_off_before(to)) {
        return Some(format!(
            "{} is cut off before it has said everything about `{to}`: save it again",
            view.file
        ));
    }
    let views = || evidence.agents.iter().zip(verdicts);
    let by_list = views().any(|(view, verdict)| view.lists_all() && *verdict != ProbeVerdict::None);
    let counted: Vec<(&AgentView<'_>, &ProbeVerdict)> = views()
        .filter(|(view, verdict)| {
            **verdict != ProbeVerdict::None
                && (!by_list || view.lists_all() || **verdict == ProbeVerdict::Good)
        })
        .collect();
    if let Some(why) = counted.iter().find_map(|(_, verdict)| match verdict {
        ProbeVerdict::Open(why) => Some(*why),
        _ => None,
    }) {
        return Some(format!("what `{from}` sees does not say enough: {why}"));
    }
    if counted.is_empty() {
        return Some(format!(
            "nothing was saved in `{from}` that says whether packets pass: `cilium-health status` does"
        ));
    }
    let mut identified: Vec<usize> = counted
        .iter()
        .flat_map(|(view, _)| view.runs_on.iter().copied())
        .collect();
    identified.sort_unstable();
    identified.dedup();
    let unnamed = counted
        .iter()
        .filter(|(view, _)| view.agent.ip.is_none())
        .count();
    let agents = identified.len().max(unnamed);
    (agents < own.count).then(|| {
        format!(
            "only {agents} of the {} nodes of `{from}` have said what they see",
            own.count
        )
    })
}
