//! Which phase each cluster can reach, with which peers, and what is still missing for more.

mod request;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::gaps::{Gap, Gaps};

pub(crate) use super::gaps::FactName;
use crate::finding::{Finding, Severity};
use crate::model::{Cluster, Current, Mesh, Trust};
use crate::profile::charts::SharedCa;
use crate::profile::releases::ValuesField;
use crate::profile::{Cilium, Kkp};
use crate::trust::{self, Proven, Remote, TrustState};

pub(crate) use request::UnknownPhase;
pub use request::{Phase, Purpose, Request};

/// A fact that a cluster's patch lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The fact.
    pub fact: FactName,
    /// The position of the cluster whose fact it is.
    pub of: usize,
}

/// Where a peer's certificate comes from. Small, since a mesh of N clusters has N(N-1) of them.
pub enum PeerTls<'m> {
    /// The peer entry carries none.
    None,
    /// The peer's dumped one, the same in every cluster.
    Dumped {
        /// What was dumped.
        proven: Proven<'m>,
        /// Whether the entry carries the CA too.
        with_ca: bool,
    },
    /// One that is kept from the current values.
    Kept(Box<PeerCerts<'m>>),
}

/// A certificate and its key as a peer entry carries them.
#[derive(Clone, Copy, Serialize)]
pub struct PeerCerts<'m> {
    /// Base64 of the certificate's PEM.
    pub cert: &'m str,
    /// Base64 of the key's PEM.
    pub key: &'m str,
    /// Base64 of the CA's PEM, where the entry carries it.
    pub ca: Option<&'m str>,
}

impl<'m> PeerTls<'m> {
    /// The certificate, if the entry carries one.
    pub fn certs(&self) -> Option<PeerCerts<'m>> {
        match self {
            Self::None => None,
            Self::Dumped { proven, with_ca } => Some(PeerCerts {
                cert: proven.cert.value.pem_base64(),
                key: proven.key.value.pem_base64().expose(),
                ca: with_ca.then(|| proven.ca.pem_base64()),
            }),
            Self::Kept(certs) => Some(**certs),
        }
    }
}

/// A peer in a cluster's patch.
pub struct Peer<'m> {
    /// The peer.
    pub cluster: &'m Cluster,
    /// Its certificate.
    pub tls: PeerTls<'m>,
}

/// What is to be made for one cluster.
pub struct ClusterPlan<'m> {
    /// The cluster.
    pub cluster: &'m Cluster,
    /// Its ID.
    pub id: i64,
    /// What its chart does.
    pub chart: &'static Cilium,
    /// What its KKP does.
    pub kkp: &'static Kkp,
    /// Where its values stand.
    pub form: ValuesField,
    /// Whether it does not exist yet, so that it is given everything at its first install.
    pub is_unborn: bool,
    /// How far the patch goes.
    pub phase: Phase,
    /// The peers in it, sorted by ID; clusters share what they have in common.
    pub peers: Vec<Arc<Peer<'m>>>,
    /// What is missing for more.
    pub missing: Vec<Missing>,
}

impl<'m> ClusterPlan<'m> {
    /// Whether a peer entry carries a certificate with its key.
    pub fn carries_peer_keys(&self) -> bool {
        let mut peers = self.peers.iter();
        peers.any(|peer| !matches!(peer.tls, PeerTls::None))
    }

    /// The same without its peers, for those who look at the rest only.
    pub fn without_peers(&self) -> Self {
        Self {
            peers: Vec::new(),
            missing: Vec::new(),
            ..*self
        }
    }
}

/// What is to be made for a mesh.
pub struct Plan<'m> {
    /// The mesh.
    pub mesh: &'m Mesh,
    /// Its trust.
    pub trust: TrustState<'m>,
    /// One plan for each cluster whose name, ID and versions are usable, in file order.
    pub clusters: Vec<ClusterPlan<'m>>,
    /// Positions of clusters whose remote certificate must prove, because a peer entry that exists
    /// today would otherwise be dropped, or because the whole mesh was asked for.
    pub must_prove: BTreeSet<usize>,
    /// The facts that some cluster's patch of the whole mesh lacks, whatever phase was asked for, each with the
    /// position of the cluster that can tell it.
    pub wanted: BTreeSet<(FactName, usize)>,
}

/// Plans a mesh, and says what is missing: as notes, or as errors where a patch was asked for that needs it.
pub(crate) fn plan<'m>(
    mesh: &'m Mesh,
    trust: TrustState<'m>,
    request: &Request,
) -> (Plan<'m>, Vec<Finding>) {
    let is_phase_asked = request.purpose == Purpose::Apply && request.phase.is_some();
    let mut planner = Planner {
        mesh,
        trust: &trust,
        request,
        gaps: Gaps::new(mesh, &trust, is_phase_asked),
        must_prove: BTreeSet::new(),
        may_stay: HashMap::new(),
        wanted: BTreeSet::new(),
        shared: vec![Default::default(); mesh.clusters.len()],
    };
    let mut order: Vec<&Cluster> = mesh.clusters.iter().collect();
    order.sort_by_key(|cluster| (cluster.id.as_ref().map(|id| id.value), cluster.index));
    let clusters = mesh
        .clusters
        .iter()
        .filter_map(|cluster| planner.cluster(cluster, &order))
        .collect();
    let Planner {
        gaps,
        must_prove,
        wanted,
        ..
    } = planner;
    let findings = gaps.findings();
    let plan = Plan {
        mesh,
        trust,
        clusters,
        must_prove,
        wanted,
    };
    (plan, findings)
}

struct Planner<'m, 'r> {
    mesh: &'m Mesh,
    trust: &'r TrustState<'m>,
    request: &'r Request,
    gaps: Gaps<'m, 'r>,
    must_prove: BTreeSet<usize>,
    wanted: BTreeSet<(FactName, usize)>,
    /// Whether a peer's certificate and key of the current values may stay: most often every cluster
    /// has the same ones, so they are proven once.
    may_stay: HashMap<(usize, &'m str, &'m str), bool>,
    /// Peers that look the same in many clusters, by position: without a certificate, with one, with its CA too.
    shared: Vec<[Option<Arc<Peer<'m>>>; 3]>,
}

impl<'m> Planner<'m, '_> {
    fn cluster(&mut self, cluster: &'m Cluster, order: &[&'m Cluster]) -> Option<ClusterPlan<'m>> {
        let chart = cluster.chart()?;
        let kkp = cluster.kkp.as_ref()?.value.profile;
        let form = cluster.form()?;
        let id = cluster.id.as_ref()?.value;
        let own = self.own_needs(cluster, chart, form);
        let join = self.join_needs(cluster, chart);
        let (peers, peer_gaps) = self.peers(cluster, chart, order);
        let others = order.iter().filter(|other| is_peer(cluster, other)).count();
        let joins = own.is_empty() && join.is_empty();
        let phase = match self.phase(&own, joins, peers.len(), others) {
            reached if reached > Phase::None && cluster.is_leaving() => Phase::Left,
            reached => reached,
        };
        let keeps_peers = matches!(phase, Phase::Join | Phase::Mesh);
        let all = match cluster.is_leaving() {
            true => own.clone(),
            false => [own.as_slice(), &join, &peer_gaps].concat(),
        };
        self.wanted.extend(all.iter().copied());
        let gaps = match self.request.phase {
            Some(Phase::Bootstrap) => own,
            _ => all,
        };
        let missing = self.report(cluster, &gaps);
        Some(ClusterPlan {
            cluster,
            id,
            chart,
            kkp,
            form,
            is_unborn: self.request.is_unborn(cluster.index),
            phase,
            peers: if keeps_peers { peers } else { Vec::new() },
            missing,
        })
    }

    fn phase(&self, own: &[(FactName, usize)], joins: bool, known: usize, others: usize) -> Phase {
        if !own.is_empty() {
            return Phase::None;
        }
        match self.request.phase {
            Some(asked @ (Phase::Bootstrap | Phase::Join)) => asked,
            _ if joins && known == others => Phase::Mesh,
            _ if joins && known > 0 => Phase::Join,
            _ => Phase::Bootstrap,
        }
    }

    /// What any patch of a cluster needs.
    fn own_needs(
        &self,
        cluster: &Cluster,
        chart: &Cilium,
        form: ValuesField,
    ) -> Vec<(FactName, usize)> {
        let mut needs = Vec::new();
        let is_unborn = self.request.is_unborn(cluster.index);
        if form == ValuesField::Block && cluster.current.is_none() && !is_unborn {
            needs.push((FactName::Current, cluster.index));
        }
        if cluster.is_leaving() {
            return needs;
        }
        let is_source = self.mesh.ca.from == Some(cluster.index);
        let shares = self.mesh.trust.value == Trust::SharedCa && !is_source;
        let holds_it = !is_unborn && self.holds_mesh_ca(cluster, chart);
        if shares && self.trust.ca.is_none() && !holds_it {
            needs.extend(self.mesh.ca.from.map(|from| (FactName::Ca, from)));
        }
        needs
    }

    /// Whether a cluster has the mesh's CA already, so that its key is not needed.
    fn holds_mesh_ca(&self, cluster: &Cluster, chart: &Cilium) -> bool {
        let (Some(own), Some(mesh)) = (&cluster.ca.cert, &self.mesh.ca.pair.cert) else {
            return false;
        };
        chart.shared_ca == SharedCa::AsSecret
            && self.trust.ca_faults.is_empty()
            && own.value.facts().fingerprint == mesh.value.facts().fingerprint
    }

    /// What a patch with peers needs of the mesh and of the cluster itself.
    fn join_needs(&self, cluster: &Cluster, chart: &Cilium) -> Vec<(FactName, usize)> {
        match self.mesh.trust.value {
            Trust::SharedCa if chart.shared_ca == SharedCa::InValues && self.trust.ca.is_none() => {
                self.mesh
                    .ca
                    .from
                    .map(|from| (FactName::Ca, from))
                    .into_iter()
                    .collect()
            }
            Trust::Bundle if trust::own_ca(cluster).is_none() => {
                vec![(FactName::Ca, cluster.index)]
            }
            _ => Vec::new(),
        }
    }

    /// The peers that can be written, and what the others lack.
    fn peers(
        &mut self,
        cluster: &'m Cluster,
        chart: &Cilium,
        order: &[&'m Cluster],
    ) -> (Vec<Arc<Peer<'m>>>, Vec<(FactName, usize)>) {
        if cluster.is_leaving() {
            return (Vec::new(), Vec::new());
        }
        let current = cluster.current.iter().flat_map(Current::peers);
        let current: HashMap<&str, &'m Value> =
            current.map(|peer| (peer.name, peer.entry)).collect();
        let mut peers = Vec::new();
        let mut gaps = Vec::new();
        for peer in order.iter().copied().filter(|peer| is_peer(cluster, peer)) {
            let entry = current.get(peer.name()).copied();
            let tls = self.peer_tls(cluster, chart, peer, entry);
            let before = gaps.len();
            if !peer.apiserver.is_known() && !peer.is_unusable("address") {
                gaps.push((FactName::Address, peer.index));
            }
            match tls {
                Ok(tls) if peer.apiserver.is_known() => {
                    peers.push(self.shared(Peer { cluster: peer, tls }))
                }
                Ok(_) => {}
                Err(fact) => gaps.push((fact, peer.index)),
            }
            let drops = entry.is_some() && self.request.phase != Some(Phase::Bootstrap);
            if drops && gaps.len() > before {
                self.refuse_to_drop(cluster, &gaps[before..]);
            }
        }
        (peers, gaps)
    }

    fn shared(&mut self, peer: Peer<'m>) -> Arc<Peer<'m>> {
        let kind = match peer.tls {
            PeerTls::None => 0,
            PeerTls::Dumped { with_ca, .. } => 1 + usize::from(with_ca),
            PeerTls::Kept(_) => return Arc::new(peer),
        };
        let known = &mut self.shared[peer.cluster.index][kind];
        Arc::clone(known.get_or_insert_with(|| Arc::new(peer)))
    }

    /// A peer of today must not vanish because a fact about it is missing.
    fn refuse_to_drop(&mut self, cluster: &Cluster, gaps: &[(FactName, usize)]) {
        for (fact, of) in gaps {
            if matches!(self.trust.remotes.get(*of), Some(Remote::Faulty(_)))
                && *fact == FactName::RemoteCert
            {
                self.must_prove.insert(*of);
            } else if self.request.purpose != Purpose::Check && self.request.includes(cluster.index)
            {
                self.gaps.push(Gap {
                    fact: *fact,
                    of: *of,
                    wanted_by: cluster.index,
                    severity: Severity::Error,
                });
            }
        }
    }

    fn peer_tls(
        &mut self,
        cluster: &'m Cluster,
        chart: &Cilium,
        peer: &'m Cluster,
        entry: Option<&'m Value>,
    ) -> Result<PeerTls<'m>, FactName> {
        let mode = self.mesh.trust.value;
        if mode == Trust::Bundle {
            return trust::own_ca(peer)
                .map(|_| PeerTls::None)
                .ok_or(FactName::Ca);
        }
        if !trust::carries_peer_certs(mode, cluster) {
            return Ok(PeerTls::None);
        }
        let with_ca = chart.peer_ca_cert && mode == Trust::Inline;
        if let Some(kept) = self.kept(peer, entry, with_ca) {
            return Ok(PeerTls::Kept(Box::new(kept)));
        }
        match &self.trust.remotes[peer.index] {
            Remote::Proven(proven) => Ok(PeerTls::Dumped {
                proven: *proven,
                with_ca,
            }),
            _ => Err(FactName::RemoteCert),
        }
    }

    fn kept(
        &mut self,
        peer: &'m Cluster,
        entry: Option<&'m Value>,
        with_ca: bool,
    ) -> Option<PeerCerts<'m>> {
        let texts = trust::inline_texts(entry?)?;
        let mesh = self.mesh;
        let ca = match mesh.trust.value {
            Trust::SharedCa => &self.trust.ca?.cert.value,
            Trust::Inline | Trust::Bundle => trust::own_ca(peer)?,
        };
        let dumped = peer.remote.cert.as_ref().map(|cert| &cert.value);
        let stays = self
            .may_stay
            .entry((peer.index, texts.0, texts.1))
            .or_insert_with(|| {
                trust::may_stay(texts, ca, &trust::expected_name(mesh, peer), dumped)
            });
        stays.then(|| PeerCerts {
            cert: texts.0,
            key: texts.1,
            ca: with_ca.then(|| ca.pem_base64()),
        })
    }

    /// By ID, so that the order of mesh.yaml does not matter.
    fn place_in_order(&self, of: usize) -> (Option<i64>, usize) {
        let id = self.mesh.clusters[of].id.as_ref();
        (id.map(|id| id.value), of)
    }

    /// Turns gaps into what `missing` says, and remembers them for the findings.
    fn report(&mut self, cluster: &Cluster, gaps: &[(FactName, usize)]) -> Vec<Missing> {
        let mut gaps = gaps.to_vec();
        gaps.sort_by_key(|&(fact, of)| (fact, self.place_in_order(of)));
        gaps.dedup();
        for &(fact, of) in &gaps {
            let severity = self.severity(cluster, fact, of);
            self.gaps.push(Gap {
                fact,
                of,
                wanted_by: cluster.index,
                severity,
            });
        }
        let missing = gaps.into_iter();
        missing.map(|(fact, of)| Missing { fact, of }).collect()
    }

    fn severity(&mut self, cluster: &Cluster, fact: FactName, of: usize) -> Severity {
        if self.request.purpose != Purpose::Apply || !self.request.includes(cluster.index) {
            return Severity::Note;
        }
        let own = fact == FactName::Current || fact == FactName::Ca;
        let asked = match self.request.phase {
            Some(Phase::Mesh) => true,
            Some(Phase::Bootstrap | Phase::Join) => own && !self.is_peer_ca(cluster, fact, of),
            _ => fact == FactName::Current && self.request.whole_object,
        };
        if asked
            && fact == FactName::RemoteCert
            && matches!(self.trust.remotes[of], Remote::Faulty(_))
        {
            self.must_prove.insert(of);
            return Severity::Note;
        }
        if asked {
            Severity::Error
        } else {
            Severity::Note
        }
    }

    /// With `bundle` the CA of a peer is a fact about that peer, not about the patched cluster.
    fn is_peer_ca(&self, cluster: &Cluster, fact: FactName, of: usize) -> bool {
        fact == FactName::Ca && self.mesh.trust.value == Trust::Bundle && of != cluster.index
    }
}

/// Whether a cluster is to have another as its peer.
fn is_peer(cluster: &Cluster, other: &Cluster) -> bool {
    other.index != cluster.index && !other.is_leaving()
}
