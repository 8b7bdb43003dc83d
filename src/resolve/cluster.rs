//! One cluster: what mesh.yaml says of it and what its dumps say, brought together.

use std::collections::BTreeSet;

use super::field::FieldReader;
use super::{Reading, codes};
use crate::input::dump_folder;
use crate::input::mesh_file::{ClusterEntry, KeyPairFields};
use crate::model::{Cluster, DumpedNode, Fact, KeyPair, KubectlTarget};
use crate::pki::Certificate;
use crate::profile::Cilium;
use crate::profile::charts::SharedCa;
use crate::source::{Place, Route};

impl Reading<'_> {
    pub(super) fn cluster(&mut self, index: usize, entry: &ClusterEntry) -> Cluster {
        let place = Place::value(
            self.input.mesh_file,
            Route::root().key("clusters").index(index),
        );
        let objects = self.input.dumps.get(index).map_or(&[][..], Vec::as_slice);
        let uses = self.select(objects, entry);
        let mut dumped = self.dumped(objects, &uses);
        self.uses.push(uses);
        let mut unusable = self.unusable(index);
        let name = entry
            .name
            .clone()
            .unwrap_or_else(|| format!("clusters[{index}]"));
        let mut reader = FieldReader {
            reading: self,
            index,
            name: &name,
            unusable: &mut unusable,
        };
        let cilium = reader.cilium(entry.cilium.as_ref(), dumped.current.as_ref());
        let pod_cidrs = reader.ranges(
            "podCIDRs",
            entry.pod_cidrs.as_deref(),
            &mut dumped.kkp.pod_cidrs,
        );
        let pod_cidrs = reader.with_pools(pod_cidrs, dumped.current.as_ref());
        let service_cidrs = reader.ranges(
            "serviceCIDRs",
            entry.service_cidrs.as_deref(),
            &mut dumped.kkp.service_cidrs,
        );
        let node_cidrs = reader.ranges("nodeCIDRs", entry.node_cidrs.as_deref(), &mut Vec::new());
        let chart = cilium.as_ref().map(|cilium| cilium.value.profile);
        let listed = std::mem::take(&mut dumped.nodes).into_iter();
        let dumped_nodes: Vec<DumpedNode> = listed.map(|node| node.taken_by(chart)).collect();
        let nodes = reader.nodes(entry.nodes.as_deref(), &dumped_nodes);
        let proxy_mode = reader.agreed_text(
            "proxyMode",
            entry.proxy_mode.as_ref(),
            dumped.kkp.proxy_mode.take(),
        );
        let kkp = reader.kkp(entry.kkp.as_ref());
        let apiserver = reader.apiserver(entry.apiserver.as_ref(), &dumped, &nodes, chart);
        // KKP's names have no capitals, and people write KubeVirt and AWS.
        let typed_provider = entry.provider.as_ref();
        let typed_provider = typed_provider.map(|provider| provider.to_ascii_lowercase());
        let provider = self
            .typed(index, "provider", typed_provider)
            .or(dumped.kkp.provider.take());
        let ca = self.own_ca(
            (index, &name),
            entry.ca.as_ref(),
            std::mem::take(&mut dumped.ca),
            chart,
        );
        let remote = self.pair(
            index,
            "remoteCert",
            entry.remote_cert.as_ref(),
            std::mem::take(&mut dumped.remote),
        );
        for (fact, is_unreadable) in [
            ("ca", ca.is_unreadable),
            ("remoteCert", remote.is_unreadable),
            ("current", dumped.has_unreadable_current),
        ] {
            if is_unreadable {
                unusable.insert(fact);
            }
        }
        let images = entry.images.clone().unwrap_or_default();
        let is_leaving = entry.leaves == Some(true);
        // Its ranges are free for others, and no rule of a firewall is for it.
        let ranges = |ranges: Vec<_>| if is_leaving { Vec::new() } else { ranges };
        Cluster {
            index,
            target: target(&name, entry),
            kkp_cluster: entry.kkp_cluster.clone(),
            kkp_id: entry.kkp_cluster.clone().or(dumped.kkp.id.take()),
            node_port_sources: dumped.kkp.node_port_sources.take(),
            has_own_security_group: dumped.kkp.has_own_security_group,
            leaves: is_leaving.then(|| self.input.field(index, "leaves")),
            reads_dump_folder: entry.dumps.is_none()
                || dump_folder::named(entry.dumps.as_ref()).is_some(),
            dump_folder: dump_folder::written(&name, entry.dumps.as_ref()),
            due: self.input.due.get(index).cloned().flatten(),
            id: self.typed(index, "id", entry.id),
            kvstoremesh: self.typed(index, "kvstoremesh", entry.kvstoremesh),
            apiserver_image: self.typed(index, "images.apiserver", images.apiserver),
            etcd_image: self.typed(index, "images.etcd", images.etcd),
            name: Fact::new(name, place.key("name")),
            cni: dumped.kkp.cni.take(),
            node_masks: dumped.kkp.node_masks,
            node_ports: dumped.kkp.node_ports.unwrap_or(30000..=32767),
            server_cert: dumped.server_cert,
            current: dumped.current,
            place,
            kkp,
            cilium,
            pod_cidrs: ranges(pod_cidrs),
            service_cidrs: ranges(service_cidrs),
            node_cidrs: ranges(node_cidrs),
            nodes: if is_leaving { Vec::new() } else { nodes },
            dumped_nodes,
            proxy_mode,
            provider,
            ca,
            remote,
            apiserver,
            unusable,
        }
    }

    fn typed<T>(&self, index: usize, path: &str, value: Option<T>) -> Option<Fact<T>> {
        value.map(|value| Fact::new(value, self.input.field(index, path)))
    }

    /// The facts that mesh.yaml gives in an unusable way, by name.
    fn unusable(&self, index: usize) -> BTreeSet<&'static str> {
        let facts = [
            ("podCIDRs", "podCIDRs"),
            ("serviceCIDRs", "serviceCIDRs"),
            ("nodeCIDRs", "nodeCIDRs"),
            ("nodes", "nodes"),
            ("name", "name"),
            ("id", "id"),
            ("kkp", "kkp"),
            ("cilium", "cilium"),
            ("apiserver", "address"),
            ("ca", "ca"),
            ("remoteCert", "remoteCert"),
            ("dumps", "dumps"),
            ("dumps", "current"),
        ];
        let own = Route::root().key("clusters").index(index);
        let given = |key: &str| {
            let routes = [own.key(key), Route::root().key("defaults").key(key)];
            // What lies inside a fact follows it in the order of routes.
            let mut next = routes
                .iter()
                .map(|fact| (fact, self.input.unusable.range(fact..).next()));
            next.any(|(fact, next)| next.is_some_and(|route| route.is_within(fact)))
        };
        facts
            .into_iter()
            .filter(|(key, _)| given(key))
            .map(|(_, fact)| fact)
            .collect()
    }

    /// A cluster's own CA. Nothing brings a typed one to a cluster that exists, except where the chart takes it from the values:
    /// so where another one is dumped, Cilium's Job goes on signing with that, and peers would trust the wrong one.
    fn own_ca(
        &mut self,
        (index, name): (usize, &str),
        fields: Option<&KeyPairFields>,
        dumped: KeyPair,
        chart: Option<&Cilium>,
    ) -> KeyPair {
        let in_cluster = dumped.cert.clone();
        let pair = self.pair(index, "ca", fields, dumped);
        let (Some(typed), Some(in_cluster)) = (&pair.cert, in_cluster) else {
            return pair;
        };
        let takes_values = chart.is_some_and(|chart| chart.shared_ca == SharedCa::InValues);
        if takes_values || proves_the_same(&typed.value, &in_cluster.value) {
            return pair;
        }
        let finding = codes::INPUT_DISAGREES
            .finding(
                typed.place.clone(),
                format!("this is not the cilium-ca of {name}, which signs its certificates"),
            )
            .label("one CA here")
            .related(in_cluster.place, "another one here")
            .help("leave `ca` of the cluster out to use the dumped CA; where the other is to take its place, apply it as the Secret cilium-ca, have the certificates issued again, and dump again");
        self.findings.push(finding);
        KeyPair {
            is_unreadable: true,
            ..KeyPair::default()
        }
    }

    fn pair(
        &mut self,
        index: usize,
        fact: &'static str,
        fields: Option<&KeyPairFields>,
        dumped: KeyPair,
    ) -> KeyPair {
        let Some(fields) = fields else { return dumped };
        let places = ["cert", "key"].map(|part| self.input.field(index, &format!("{fact}.{part}")));
        let typed = self.key_pair(
            fact,
            Some(index),
            [fields.cert.as_ref(), fields.key.as_ref()],
            places,
        );
        KeyPair {
            is_unreadable: typed.is_unreadable || dumped.is_unreadable,
            cert: if fields.cert.is_some() {
                typed.cert
            } else {
                dumped.cert
            },
            key: if fields.key.is_some() {
                typed.key
            } else {
                dumped.key
            },
            ca_cert: dumped.ca_cert,
        }
    }
}

/// Whether what one CA has signed proves under the other too: it is the same, or the same renewed.
fn proves_the_same(one: &Certificate, other: &Certificate) -> bool {
    let (one, other) = (one.facts(), other.facts());
    one.public_key == other.public_key && one.subject.der == other.subject.der
}

/// A context of the cluster's name, unless mesh.yaml says how kubectl reaches it.
fn target(name: &str, entry: &ClusterEntry) -> KubectlTarget {
    let kubeconfig = entry.kubeconfig.clone();
    let context = entry.context.clone();
    KubectlTarget {
        context: context.or_else(|| kubeconfig.is_none().then(|| name.to_owned())),
        kubeconfig,
    }
}
