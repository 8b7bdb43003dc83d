//! The Helm values that meshgen owns, as a merge patch (RFC 7396) of a cluster's values.
//!
//! In both forms of the object the same tree is meant: up to KKP 2.25.8 it is the patch itself,
//! from 2.25.9 it is merged here into the current values. Sources of every key: facts about the
//! charts in [`crate::profile::charts`].

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::paths::{CA_LABEL, LABELS, PEERS, VALUES_CA};
use super::peers;
use super::plan::{ClusterPlan, Phase, Plan};
use super::shared_ca;
use crate::model::rotation::trusts_bundles;
use crate::model::{Cluster, ServiceType, Stage, Trust, at_path};
use crate::pki::Certificate;
use crate::profile::charts::{KvStoreMesh, SharedCa};
use crate::trust::{self, Authority};

/// How the list of peers is rendered in a values tree: they are written apart, once for all clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerList {
    /// The list is not touched.
    Untouched,
    /// The list is the planned peers.
    Planned,
    /// The list is what the current values hold, without peers that mesh.yaml does not know.
    CurrentWithoutUnknown,
}

/// The values that a cluster's patch sets or removes.
pub struct OwnedValues {
    /// The merge patch; `null` removes. Peers are not in it.
    pub patch: Value,
    /// What happens to `clustermesh.config.clusters`.
    pub peers: PeerList,
    /// Whether the patch, without the peers, holds a private key.
    pub holds_key: bool,
}

/// Builds the owned values of one cluster.
pub(crate) fn owned(plan: &Plan<'_>, cluster: &ClusterPlan<'_>) -> OwnedValues {
    let mut values = Builder {
        plan,
        cluster,
        tree: Value::Object(Map::new()),
        holds_key: false,
    };
    if cluster.phase == Phase::Left {
        values.leave();
        return OwnedValues {
            patch: values.tree,
            peers: PeerList::Planned,
            holds_key: false,
        };
    }
    values.identity();
    values.apiserver();
    values.service();
    values.trust();
    let peers = values.peer_list();
    values.reissue(peers);
    OwnedValues {
        patch: values.tree,
        peers,
        holds_key: values.holds_key,
    }
}

/// Whether the patch of a cluster is there only to make KKP upgrade: nothing but the CA is new.
pub(super) fn forces_upgrade(cluster: &ClusterPlan<'_>, owned: &OwnedValues) -> bool {
    let labels = |values: &Value| Some(at_path(values, LABELS)?.get(CA_LABEL)?.clone());
    let current = cluster.cluster.current.as_ref();
    let before = current.and_then(|current| labels(current.values()));
    let after = labels(&owned.patch);
    !cluster.chart.ca_label && after.is_some() && before != after
}

struct Builder<'a, 'm> {
    plan: &'a Plan<'m>,
    cluster: &'a ClusterPlan<'m>,
    tree: Value,
    holds_key: bool,
}

impl Builder<'_, '_> {
    fn set(&mut self, path: &str, value: impl Into<Value>) {
        let keys: Vec<&str> = path.split('.').collect();
        self.set_keys(&keys, value.into());
    }

    fn set_keys(&mut self, keys: &[&str], value: Value) {
        let Some((last, parents)) = keys.split_last() else {
            return;
        };
        let mut node = &mut self.tree;
        for key in parents {
            node = &mut node[*key];
        }
        node[*last] = value;
    }

    fn current(&self, path: &str) -> Option<&Value> {
        self.cluster.cluster.current_value(path)
    }

    /// Takes the cluster out of the mesh. Its name and ID stay: pods have identities under them.
    fn leave(&mut self) {
        self.set("clustermesh.useAPIServer", false);
        self.set("clustermesh.config.enabled", false);
        self.drop_values_ca();
        for path in ["tls.caBundle", "tls.ca"] {
            if self.current(path).is_some() && (path != "tls.ca" || self.holds_foreign_ca()) {
                self.set(path, Value::Null);
            }
        }
        let labels = self.current(LABELS);
        if labels.is_some_and(|labels| labels.get(CA_LABEL).is_some()) {
            self.set_keys(
                &["clustermesh", "apiserver", "podLabels", CA_LABEL],
                Value::Null,
            );
        }
    }

    /// Whether the `tls.ca` of the current values is the CA of the mesh, or may be.
    fn holds_foreign_ca(&self) -> bool {
        let held = self.current("tls.ca.cert").and_then(Value::as_str);
        let held = held.and_then(|text| Certificate::parse(text).ok());
        let mesh = &self.plan.mesh.ca.pair.cert;
        match (held, mesh) {
            (Some(held), Some(mesh)) => held.facts().fingerprint == mesh.value.facts().fingerprint,
            _ => self.plan.mesh.trust.value == Trust::SharedCa,
        }
    }

    fn identity(&mut self) {
        let chart = self.cluster.chart;
        self.set("cluster.name", self.cluster.cluster.name());
        self.set("cluster.id", self.cluster.id);
        self.set("clustermesh.useAPIServer", true);
        self.set("clustermesh.config.enabled", true);
        if let Some(max) = &self.plan.mesh.max_connected_clusters
            && chart.max_connected_clusters
        {
            self.set("clustermesh.maxConnectedClusters", max.value);
        }
    }

    fn apiserver(&mut self) {
        let (cluster, chart) = (self.cluster.cluster, self.cluster.chart);
        // The chart's default `helm` is refused on KKP, where a Job has made `cilium-ca` already; a
        // cluster that uses cert-manager has made its choice.
        let method = "clustermesh.apiserver.tls.auto.method";
        if self.current(method).and_then(Value::as_str) != Some("certmanager") {
            self.set(method, "cronJob");
        }
        if let Some(mode) = &self.plan.mesh.auth_mode
            && chart.auth_mode
        {
            self.set("clustermesh.apiserver.tls.authMode", mode.value.as_str());
        }
        if chart.waits_for_itself {
            self.set(
                "clustermesh.apiserver.updateStrategy.rollingUpdate.maxUnavailable",
                1,
            );
        }
        if let Some(wish) = &cluster.kvstoremesh
            && chart.kvstoremesh != KvStoreMesh::Absent
        {
            self.set("clustermesh.apiserver.kvstoremesh.enabled", wish.value);
        }
        // `override` is taken as it is by every chart; a repository alone would keep the old digest.
        if let Some(image) = &cluster.apiserver_image {
            self.set("clustermesh.apiserver.image.override", image.value.clone());
        }
        if let Some(image) = &cluster.etcd_image
            && chart.etcd_image
        {
            self.set(
                "clustermesh.apiserver.etcd.image.override",
                image.value.clone(),
            );
        }
        self.extra_server_name();
    }

    /// Adds the name that peers dial to the names of the server certificate, and keeps the others.
    fn extra_server_name(&mut self) {
        let Some(name) = self.cluster.cluster.apiserver.extra_server_name() else {
            return;
        };
        let Some(path) = self.cluster.chart.extra_dns_names else {
            return;
        };
        let mut names = self.server_names(path);
        if names.is_empty() {
            // Where the list has moved, the chart reads the old place only while the new one is empty.
            names = self.server_names("clustermesh.apiserver.tls.server.extraDnsNames");
        }
        let wanted = Value::from(name.value.clone());
        if !names.contains(&wanted) {
            names.push(wanted);
        }
        self.set(path, names);
    }

    fn server_names(&self, path: &str) -> Vec<Value> {
        self.current(path)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    }

    fn service(&mut self) {
        let (apiserver, chart) = (&self.cluster.cluster.apiserver, self.cluster.chart);
        let service = |key: &str| format!("clustermesh.apiserver.service.{key}");
        self.set(&service("type"), apiserver.service_type.as_str());
        if apiserver.service_type == ServiceType::NodePort
            && let Some(port) = &apiserver.node_port
        {
            self.set(&service("nodePort"), port.value);
        }
        if let Some(annotations) = &apiserver.annotations {
            self.set(&service("annotations"), json!(annotations.value));
        }
        if let Some(ip) = &apiserver.load_balancer_ip {
            self.set(&service("loadBalancerIP"), ip.value.clone());
        }
        if let Some(class) = &apiserver.load_balancer_class
            && chart.load_balancer_class
        {
            self.set(&service("loadBalancerClass"), class.value.clone());
        }
        if let Some(ranges) = &apiserver.load_balancer_source_ranges
            && chart.load_balancer_source_ranges
        {
            self.set(&service("loadBalancerSourceRanges"), ranges.value.clone());
        }
    }

    fn trust(&mut self) {
        match self.plan.mesh.trust.value {
            Trust::SharedCa => self.shared_ca(),
            Trust::Inline => {
                self.drop_values_ca();
                self.own_ca();
            }
            Trust::Bundle => {
                self.drop_values_ca();
                self.own_ca();
                self.bundle();
            }
        }
    }

    /// A cluster that does not exist yet is born with its own CA, where mesh.yaml gives it; else its Job makes one.
    fn own_ca(&mut self) {
        let cluster = self.cluster.cluster;
        let faults = &self.plan.trust.own_ca_faults[cluster.index];
        if let Some(ca) = Authority::of(&cluster.ca)
            && self.cluster.is_unborn
            && faults.is_empty()
        {
            self.set_authority("tls.ca", ca);
        }
    }

    fn shared_ca(&mut self) {
        let (cluster, chart) = (self.cluster.cluster, self.cluster.chart);
        match chart.shared_ca {
            SharedCa::InValues => {
                let is_source = self.plan.mesh.ca.from == Some(cluster.index);
                if !is_source || self.cluster.phase >= Phase::Join || self.cluster.is_unborn {
                    self.set_ca(VALUES_CA);
                }
            }
            SharedCa::AsSecret => {
                self.drop_values_ca();
                if shared_ca::helm_owns_ca(cluster) || self.cluster.is_unborn {
                    self.set_ca("tls.ca");
                }
            }
        }
        if chart.ca_label {
            self.set_ca_label();
        }
        self.rotation_bundle();
    }

    /// During a rotation, clusters that can trust two CAs at once do. Pods start again when the bundle comes and when it goes.
    fn rotation_bundle(&mut self) {
        let cluster = self.cluster.cluster;
        let Some(rotation) = &self.plan.mesh.ca.rotation else {
            return;
        };
        let is_needless = rotation.stage < Stage::Drop && rotation.keeps_key();
        if !trusts_bundles(cluster) || is_needless || rotation.stage == Stage::Done {
            return;
        }
        let certs = rotation.bundle(cluster);
        if certs.is_empty() {
            if self.current("tls.caBundle").is_some() {
                self.set("tls.caBundle", Value::Null);
            }
            return;
        }
        self.set("tls.caBundle.enabled", true);
        self.set("tls.caBundle.content", certs.join("\n") + "\n");
    }

    fn set_ca_label(&mut self) {
        if let Some(cert) = self.known_ca() {
            let digest = cert.facts().fingerprint.clone();
            self.set_label(&digest);
        }
    }

    /// Labels the apiserver's pods, which every chart lets one do, with the beginning of a SHA-256 in hex.
    fn set_label(&mut self, digest: &str) {
        let start = digest.get(..16).unwrap_or(digest);
        let label = format!("sha256-{start}");
        self.set_keys(
            &["clustermesh", "apiserver", "podLabels", CA_LABEL],
            label.into(),
        );
    }

    /// Charts without use for the label issue all leaves at each upgrade, and from 2.26 KKP upgrades only what
    /// has changed. So where the CA alone is new, a changed label forces the upgrade; a label that is there already is kept equal to the CA's digest.
    fn reissue(&mut self, peers: PeerList) {
        let (chart, kkp) = (self.cluster.chart, self.cluster.kkp);
        let by_upgrade = self.plan.mesh.trust.value == Trust::SharedCa
            && chart.shared_ca == SharedCa::AsSecret
            && !chart.ca_label
            && !kkp.upgrades_always;
        let labels = self.current(LABELS);
        let is_labelled = labels.is_some_and(|labels| labels.get(CA_LABEL).is_some());
        let is_due =
            || shared_ca::replaces_mesh_ca(self.plan, self.cluster) && self.changes_nothing(peers);
        if by_upgrade && (is_labelled || is_due()) {
            self.set_ca_label();
        }
    }

    /// Whether the cluster has all these values and peers already.
    fn changes_nothing(&self, peers: PeerList) -> bool {
        is_in_place(self.plan, self.cluster, &self.tree, peers) == Some(true)
    }

    fn known_ca(&self) -> Option<&Certificate> {
        let faultless = self.plan.trust.ca_faults.is_empty();
        let cert = self.plan.mesh.ca.pair.cert.as_ref().filter(|_| faultless);
        cert.map(|fact| &fact.value)
    }

    fn set_ca(&mut self, path: &str) {
        if let Some(ca) = self.plan.trust.ca {
            self.set_authority(path, ca);
        }
    }

    fn set_authority(&mut self, path: &str, ca: Authority<'_>) {
        self.set(&format!("{path}.cert"), ca.cert.value.pem_base64());
        self.set(&format!("{path}.key"), ca.key.value.pem_base64().expose());
        self.holds_key = true;
    }

    /// Removes what this chart ignores or refuses, where it is or may be in the current values.
    fn drop_values_ca(&mut self) {
        let unknown = self.cluster.cluster.current.is_none();
        if unknown || self.current(VALUES_CA).is_some() {
            self.set(VALUES_CA, Value::Null);
        }
    }

    /// All public CA certificates that are known, the own one included: the chart trusts nothing else then.
    /// Also those of clusters that cannot be reached yet, since they may dial this one already.
    fn bundle(&mut self) {
        if self.cluster.phase < Phase::Join {
            return;
        }
        let mut members: Vec<&Cluster> = self.plan.mesh.clusters.iter().collect();
        members.retain(|cluster| !cluster.is_leaving());
        members.sort_by_key(|cluster| (cluster.id.as_ref().map(|id| id.value), cluster.index));
        let mut seen = Vec::new();
        let mut content = String::new();
        for cert in members.into_iter().filter_map(trust::own_ca) {
            let fingerprint = &cert.facts().fingerprint;
            if !seen.contains(&fingerprint) {
                seen.push(fingerprint);
                content.push_str(cert.to_pem().trim_end());
                content.push('\n');
            }
        }
        // The pods read the bundle only when they start; with its digest in a label they start at every change.
        self.set_label(&hex_digest(&content));
        self.set("tls.caBundle.enabled", true);
        self.set("tls.caBundle.content", content);
    }

    fn peer_list(&self) -> PeerList {
        match self.cluster.phase {
            Phase::Join | Phase::Mesh => PeerList::Planned,
            Phase::None | Phase::Left => PeerList::Untouched,
            Phase::Bootstrap if self.has_unknown_peers() => PeerList::CurrentWithoutUnknown,
            Phase::Bootstrap => PeerList::Untouched,
        }
    }

    fn has_unknown_peers(&self) -> bool {
        let current = self.cluster.cluster.current.as_ref();
        let mut peers = current.into_iter().flat_map(|current| current.peers());
        peers.any(|peer| !is_peer(self.plan, self.cluster, peer.name))
    }
}

fn hex_digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// Whether a cluster has the values of a patch already; `None` where its values are not known.
pub(super) fn is_in_place(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    patch: &Value,
    peers: PeerList,
) -> Option<bool> {
    let current = cluster.cluster.current.as_ref()?.values();
    let mut merged = current.clone();
    json_patch::merge(&mut merged, patch);
    // The peers last: there may be hundreds of them.
    Some(merged == *current && has_peers(plan, cluster, current, peers))
}

/// Whether the peers in a cluster's values are those that its patch writes.
fn has_peers(plan: &Plan<'_>, cluster: &ClusterPlan<'_>, current: &Value, peers: PeerList) -> bool {
    let list = at_path(current, PEERS);
    match peers {
        PeerList::Untouched => true,
        PeerList::Planned => list.and_then(Value::as_array).is_some_and(|list| {
            let planned = &cluster.peers;
            let mut pairs = list.iter().zip(planned);
            list.len() == planned.len() && pairs.all(|(entry, peer)| *entry == peers::data(peer))
        }),
        PeerList::CurrentWithoutUnknown => list == Some(&current_known_peers(plan, cluster)),
    }
}

/// The peer list that a cluster's patch writes, if it writes one.
pub(super) fn peer_list(
    plan: &Plan<'_>,
    cluster: &ClusterPlan<'_>,
    peers: PeerList,
) -> Option<Value> {
    match peers {
        PeerList::Untouched => None,
        PeerList::Planned => {
            let planned = cluster.peers.iter();
            Some(planned.map(|peer| peers::data(peer)).collect())
        }
        PeerList::CurrentWithoutUnknown => Some(current_known_peers(plan, cluster)),
    }
}

/// Whether a name is another cluster of the mesh, which does not leave it.
pub(crate) fn is_peer(plan: &Plan<'_>, of: &ClusterPlan<'_>, name: &str) -> bool {
    let mut clusters = plan.mesh.clusters.iter();
    clusters.any(|cluster| {
        cluster.name() == name && cluster.index != of.cluster.index && !cluster.is_leaving()
    })
}

/// The entries of the current peer list that stay in bootstrap: those that mesh.yaml knows, as they are.
pub(crate) fn current_known_peers(plan: &Plan<'_>, cluster: &ClusterPlan<'_>) -> Value {
    let current = cluster
        .cluster
        .current
        .as_ref()
        .map(|current| current.values());
    let known = |name: &str| is_peer(plan, cluster, name);
    match current.and_then(|values| at_path(values, PEERS)) {
        Some(Value::Array(entries)) => entries
            .iter()
            .filter(|entry| entry.get("name").and_then(Value::as_str).is_some_and(known))
            .cloned()
            .collect(),
        Some(Value::Object(entries)) => Value::Array(
            entries
                .iter()
                .filter(|(name, _)| known(name))
                .map(|(name, entry)| named(name, entry))
                .collect(),
        ),
        _ => Value::Array(Vec::new()),
    }
}

/// An entry of the mapping form as an entry of the list form.
fn named(name: &str, entry: &Value) -> Value {
    let mut entry = entry.as_object().cloned().unwrap_or_default();
    entry.insert("name".to_owned(), name.into());
    Value::Object(entry)
}
