//! KubeVirt: the NetworkPolicy that adds to KKP's `cluster-isolation`, in both ways that KKP knows.
//!
//! A policy isolates in every direction that it has rules for. So this one has only the direction that KKP's own policy
//! closes already, and closes nothing else. Without any rule it would close all of that direction, so there is none then.

use std::io;

use serde_json::{Value, json};

use super::dialect::{Dialect, DialectRequest, WriteError};
use super::openings::{
    Opening, host_remark, inbound, member, nothing, outbound, peer_hosts, texts,
};
use crate::yaml;

/// Where the policy is put.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KubeVirt {
    name: &'static str,
    help: &'static str,
    is_object: bool,
}

/// An object for the namespace of one cluster.
pub(crate) static KUBEVIRT: KubeVirt = KubeVirt {
    name: "kubevirt",
    help: "NetworkPolicy for the cluster's namespace in the infra cluster of KubeVirt",
    is_object: true,
};

/// An entry of the Seed's datacenter.
pub(crate) static KUBEVIRT_DATACENTER: KubeVirt = KubeVirt {
    name: "kubevirt-datacenter",
    help: "the same as customNetworkPolicies of a KKP datacenter, for all its clusters",
    is_object: false,
};

const OBJECT: &str = "# Apply to the infra cluster: kubectl -n cluster-<id> apply -f <this file>, where <id> is the name of the KKP Cluster.\n";
const BESIDE: &str = "# Only beside KKP's NetworkPolicy cluster-isolation: where that is not there, this one closes all that it does not name.\n";
const DATACENTER: &str = "# An entry to add to spec.datacenters.<name>.spec.kubevirt of the Seed; keep the entries that are there.\n# KKP gives it to ALL clusters of that datacenter.\n";

impl Dialect for KubeVirt {
    fn name(&self) -> &'static str {
        self.name
    }

    fn help(&self) -> &'static str {
        self.help
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        if openings(request).is_empty() {
            return Err(nothing(self.name, request));
        }
        let name = format!("cluster-mesh-{}", request.cluster_name());
        let (head, value) = if self.is_object {
            let object = json!({
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": name},
                "spec": spec(request),
            });
            (OBJECT, object)
        } else {
            let entry = json!({"name": name, "spec": spec(request)});
            (DATACENTER, json!({"customNetworkPolicies": [entry]}))
        };
        writeln!(
            out,
            "# meshgen: Cluster Mesh traffic of {}.",
            request.cluster_name()
        )?;
        out.write_all(head.as_bytes())?;
        out.write_all(BESIDE.as_bytes())?;
        Ok(out.write_all(yaml::write_at(&value, 0).as_bytes())?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        let without_port = openings(request)
            .iter()
            .any(|opening| opening.port.is_none());
        let mut remarks = Vec::new();
        if without_port {
            remarks.push("note: a NetworkPolicy has no words for ICMP or ESP, so this one permits every protocol to the peers' nodes".to_owned());
        }
        if isolates_ingress(request) {
            remarks.push(
                "note: for KKP 2.22, whose policy closes the way in; newer ones close the way out"
                    .to_owned(),
            );
        }
        if !isolates_ingress(request) {
            remarks.extend(peer_hosts(request).map(host_remark));
        }
        remarks.push("note: apply it only where KKP's NetworkPolicy cluster-isolation is: without that, as with `enableDefaultNetworkPolicies: false` or `namespacedMode`, it closes all that it does not name".to_owned());
        remarks.push("note: where the infra cluster runs Cilium, ranges do not match virtual machines of the same infra cluster: select their namespaces there".to_owned());
        remarks
    }
}

fn isolates_ingress(request: &DialectRequest<'_>) -> bool {
    let known = request.plan.members.get(member(request));
    known.is_some_and(|member| member.platform.isolates_ingress)
}

fn openings(request: &DialectRequest<'_>) -> Vec<Opening> {
    let direction = if isolates_ingress(request) {
        inbound
    } else {
        outbound
    };
    direction(request.plan, member(request))
}

fn spec(request: &DialectRequest<'_>) -> Value {
    let (kind, list, side) = match isolates_ingress(request) {
        true => ("Ingress", "ingress", "from"),
        false => ("Egress", "egress", "to"),
    };
    let rules = rules(&openings(request), side);
    json!({"podSelector": {}, "policyTypes": [kind], list: rules})
}

/// One rule for each opening; one without ports makes those with the same ranges needless.
fn rules(openings: &[Opening], side: &str) -> Vec<Value> {
    let whole = |opening: &&Opening| opening.port.is_none();
    let is_covered = |opening: &Opening| {
        let mut all = openings.iter().filter(whole);
        all.any(|open| open.ranges == opening.ranges)
    };
    let mut written: Vec<&[ipnet::IpNet]> = Vec::new();
    let mut rules = Vec::new();
    for opening in openings {
        let blocks = texts(&opening.ranges).into_iter();
        let blocks: Vec<Value> = blocks
            .map(|cidr| json!({"ipBlock": {"cidr": cidr}}))
            .collect();
        match opening.port {
            Some(port) if !is_covered(opening) => {
                let protocol = opening.protocol.to_string().to_uppercase();
                rules.push(json!({side: blocks, "ports": [{"protocol": protocol, "port": port}]}));
            }
            None if !written.contains(&opening.ranges.as_slice()) => {
                written.push(&opening.ranges);
                rules.push(json!({side: blocks}));
            }
            _ => {}
        }
    }
    rules
}
