//! Cilium's host firewall: one CiliumClusterwideNetworkPolicy for the nodes.
//!
//! Once two clusters are connected, the nodes of a peer are the entity `remote-node`, and CIDR rules match them no longer
//! (cilium#31712, #35401); before that they are CIDRs. So both stand here, in rules of their own: Cilium's parser refuses
//! both in one.

use std::io;

use serde_json::{Value, json};

use super::cidr::Family;
use super::dialect::{Dialect, DialectRequest, Error, WriteError};
use super::model::Protocol;
use super::openings::{Opening, host_remarks, inbound, left_out, member, nothing, texts};
use crate::yaml;

/// The policy of a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CiliumHost;

const NAME: &str = "cilium";

impl Dialect for CiliumHost {
    fn name(&self) -> &'static str {
        NAME
    }

    fn help(&self) -> &'static str {
        "CiliumClusterwideNetworkPolicy for Cilium's host firewall"
    }

    fn write(
        &self,
        request: &DialectRequest<'_>,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let openings = inbound(request.plan, member(request));
        if openings
            .iter()
            .any(|opening| opening.protocol == Protocol::Esp)
        {
            return Err(WriteError::Dialect(Error::Inexpressible {
                dialect: NAME,
                protocols: vec![Protocol::Esp],
            }));
        }
        if openings.is_empty() {
            return Err(nothing(NAME, request));
        }
        let mut ingress: Vec<Value> = Vec::new();
        for family in Family::ALL {
            let same: Vec<&Opening> = openings.iter().filter(|one| one.family == family).collect();
            if let Some(first) = same.first() {
                ingress.extend(rules(&json!({"fromCIDR": texts(&first.ranges)}), &same));
            }
        }
        let all: Vec<&Opening> = openings.iter().collect();
        ingress.extend(rules(&json!({"fromEntities": ["remote-node"]}), &all));
        let policy = json!({
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumClusterwideNetworkPolicy",
            "metadata": {"name": "cluster-mesh"},
            "spec": {"nodeSelector": {}, "ingress": ingress},
        });
        writeln!(
            out,
            "# meshgen: Cluster Mesh traffic of {}, for Cilium's host firewall.",
            request.cluster_name()
        )?;
        writeln!(
            out,
            "# A policy that selects nodes closes everything that no policy permits: apply it beside those that you have, not alone."
        )?;
        writeln!(
            out,
            "# `remote-node` is the nodes of connected clusters, and this cluster's own; before they are connected the ranges count."
        )?;
        for text in left_out(request) {
            writeln!(out, "# {text}")?;
        }
        Ok(out.write_all(yaml::write_at(&policy, 0).as_bytes())?)
    }

    fn remarks(&self, request: &DialectRequest<'_>) -> Vec<String> {
        host_remarks(request)
    }
}

/// What the senders may do: ports in one rule, ICMP in another.
fn rules(senders: &Value, openings: &[&Opening]) -> Vec<Value> {
    let mut ports: Vec<Value> = Vec::new();
    let mut fields: Vec<Value> = Vec::new();
    for opening in openings {
        if let Some(port) = opening.port {
            let protocol = opening.protocol.to_string().to_uppercase();
            let port = json!({"port": port.to_string(), "protocol": protocol});
            if !ports.contains(&port) {
                ports.push(port);
            }
        } else {
            let (kind, family) = match opening.family {
                Family::V4 => (8, "IPv4"),
                Family::V6 => (128, "IPv6"),
            };
            fields.push(json!({"type": kind, "family": family}));
        }
    }
    let with = |key: &str, value: Value| {
        let mut rule = senders.clone();
        rule[key] = value;
        rule
    };
    let ports = (!ports.is_empty()).then(|| with("toPorts", json!([{"ports": ports}])));
    let icmp = (!fields.is_empty()).then(|| with("icmps", json!([{"fields": fields}])));
    ports.into_iter().chain(icmp).collect()
}
